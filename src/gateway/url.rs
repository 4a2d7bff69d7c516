//! The gateway URL: learned once, kept, and asked for again only after it failed.
//!
//! `GET /gateway/bot` has it together with the budget of Identifies; a bot that
//! may not ask there asks `GET /gateway`. Both allow about two calls a minute (QQ
//! docs, openapi/wss/url_get); a client that asks at every reconnect locks itself
//! out.

use serde::{Deserialize, Serialize};

use super::budget::Limit;
use super::discovery::{self, Answer};
use crate::contract::{Body, Failure, HttpResponse, SendHttp, Token};
use crate::host::Host;
use crate::state::{self, State};
use crate::token;

/// Between two fetches, unless there is a reason to ask again at once.
const FETCH_INTERVAL_MS: u64 = 30_000;
/// No more than two fetches in this time, whatever the reason.
const QUOTA_MS: u64 = 60_000;
const TIMEOUT_MS: u32 = 10_000;

/// What is known of the gateway's address.
#[derive(Debug)]
pub(super) struct Address {
    api: String,
    known: Option<String>,
    /// The known one failed to open since it was fetched.
    suspect: bool,
    /// `GET /gateway/bot` is not for this bot.
    plain: bool,
    /// Monotonic time of the last fetch, and of the one before.
    fetched_ms: [Option<u64>; 2],
    /// The next fetch need not keep its distance from the last.
    again: bool,
}

/// What came of a question.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// The URL is known now; the budget of Identifies if it was told.
    Known(Option<Limit>),
    /// Ask again, elsewhere or with another token.
    Again,
    /// With this token there is none.
    TokenRefused(Failure),
    /// Too often.
    TooMany(Failure),
    /// Not now.
    Failed(Failure),
    /// Never.
    Stop(Failure),
}

/// What to do for a connection.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Open a socket to it.
    Dial(String),
    /// Ask for it.
    Fetch,
    /// It was asked for too recently; wait this many milliseconds.
    Wait(u64),
}

#[derive(Serialize, Deserialize)]
struct Record {
    api: String,
    url: String,
    #[serde(default)]
    plain: bool,
}

impl Address {
    /// The stored address, if it was learned from `api`.
    pub(super) fn load(state: &State, api: &str) -> Self {
        let record: Option<Record> = state.json(state::GATEWAY);
        let mut address = Self {
            api: api.to_owned(),
            known: None,
            suspect: false,
            plain: false,
            fetched_ms: [None; 2],
            again: false,
        };
        if let Some(record) = record.filter(|record| record.api == api) {
            address.plain = record.plain;
            address.known = Some(record.url);
        }
        address
    }

    /// Nothing known, under another base.
    pub(super) fn reset(&mut self, api: &str) {
        api.clone_into(&mut self.api);
        self.known = None;
        self.suspect = false;
        self.plain = false;
        self.again = true;
    }

    /// Nothing known, if it is another base.
    pub(super) fn rebase(&mut self, api: &str) {
        if self.api != api {
            self.reset(api);
        }
    }

    /// What to do for a connection now.
    pub(super) fn next_step(&self, now_ms: u64) -> Step {
        let rest =
            |since: Option<u64>, ms: u64| since.map_or(0, |t: u64| (t + ms).saturating_sub(now_ms));
        let [last, before] = self.fetched_ms;
        let distance = if self.again { 0 } else { FETCH_INTERVAL_MS };
        let rest = rest(last, distance).max(rest(before, QUOTA_MS));
        match &self.known {
            Some(url) if !self.suspect || rest > 0 => Step::Dial(url.clone()),
            _ if rest > 0 => Step::Wait(rest),
            _ => Step::Fetch,
        }
    }

    /// The known one did not open.
    pub(super) const fn failed_to_open(&mut self) {
        self.suspect = true;
    }

    /// A fresh token makes a second question in a row worth its quota.
    pub(super) const fn allow_refetch(&mut self) {
        self.again = true;
    }

    /// Where it is asked for.
    pub(super) fn source(&self) -> String {
        let end = if self.plain { "" } else { "/bot" };
        format!("{}/gateway{end}", self.api)
    }

    /// For messages to people.
    pub(super) fn known(&self) -> &str {
        self.known.as_deref().unwrap_or(&self.api)
    }

    /// Asks for it.
    pub(super) fn fetch(&mut self, host: &mut Host) -> Token {
        let [last, _] = self.fetched_ms;
        self.fetched_ms = [Some(host.now().mono_ms), last];
        self.again = false;
        let id = host.fresh_id();
        host.send_http(SendHttp {
            id,
            method: "GET".to_owned(),
            url: self.source(),
            headers: Vec::new(),
            body: Body::Empty,
            timeout_ms: TIMEOUT_MS,
            secrets: vec![token::authorization()],
            into_blob: false,
        });
        id
    }

    /// Reads the answer.
    pub(super) fn learn(&mut self, response: &HttpResponse, host: &mut Host) -> Found {
        match discovery::read(response) {
            Answer::Known(url, limit) => {
                let record = Record {
                    api: self.api.clone(),
                    url,
                    plain: self.plain,
                };
                host.put(state::GATEWAY, state::encode(&record));
                self.known = Some(record.url);
                self.suspect = false;
                Found::Known(limit)
            }
            Answer::AskElsewhere(failure) if self.plain => Found::Failed(failure),
            Answer::AskElsewhere(_) => {
                self.plain = true;
                self.again = true;
                Found::Again
            }
            Answer::TokenRefused(failure) => Found::TokenRefused(failure),
            Answer::TooMany(failure) => Found::TooMany(failure),
            Answer::Failed(failure) => Found::Failed(failure),
            Answer::Stop(failure) => Found::Stop(failure),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(known: Option<&str>, suspect: bool, fetched_ms: [Option<u64>; 2]) -> Address {
        Address {
            api: "https://a".to_owned(),
            known: known.map(str::to_owned),
            suspect,
            plain: false,
            fetched_ms,
            again: false,
        }
    }

    #[test]
    fn asks_only_for_what_is_unknown_or_failed_and_not_too_often() {
        let dial = || Step::Dial("wss://g".to_owned());
        for (known, suspect, fetched, step) in [
            (None, false, [None, None], Step::Fetch),
            (None, false, [Some(60_000), None], Step::Wait(20_000)),
            (
                None,
                false,
                [Some(40_000), Some(35_000)],
                Step::Wait(25_000),
            ),
            (Some("wss://g"), false, [None, None], dial()),
            (Some("wss://g"), true, [None, None], Step::Fetch),
            (Some("wss://g"), true, [Some(60_000), None], dial()),
            (Some("wss://g"), true, [Some(40_000), None], Step::Fetch),
            (Some("wss://g"), true, [Some(40_000), Some(35_000)], dial()),
        ] {
            assert_eq!(address(known, suspect, fetched).next_step(70_000), step);
        }
    }

    #[test]
    fn a_reason_to_ask_at_once_does_not_lift_the_quota() {
        let mut address = address(None, false, [Some(60_000), None]);
        address.allow_refetch();
        assert_eq!(address.next_step(70_000), Step::Fetch);
        address.fetched_ms = [Some(60_000), Some(59_000)];
        assert_eq!(address.next_step(70_000), Step::Wait(49_000));
    }
}

//! The gateway URL: learned once, kept, and asked for again only after it failed.
//!
//! `GET /gateway/bot` has it together with the budget of Identifies; a bot that
//! may not ask there asks `GET /gateway`. Both allow about two calls a minute (QQ
//! docs, openapi/wss/url_get); a client that asks at every reconnect, or after
//! every restart, locks itself out. So the times of the last two are stored.

use serde::{Deserialize, Serialize};

use super::budget::Limit;
use super::discovery::{self, Answer};
use crate::contract::{Body, Failure, HttpResponse, Id, SendHttp};
use crate::host::Host;
use crate::owners::Owner;
use crate::state::{self, State};
use crate::token;

/// Between two fetches, unless there is a reason to ask again at once.
const FETCH_INTERVAL_MS: u64 = 30_000;
/// No more than two fetches in this time, whatever the reason.
const QUOTA_MS: u64 = 60_000;
/// Sockets in a row that did not open before the address is doubted: one is more
/// often a busy server than a moved one.
const MANY_FAILURES: u32 = 2;
const TIMEOUT_MS: u32 = 10_000;

/// What is known of the gateway's address.
#[derive(Debug)]
pub(super) struct Address {
    api: String,
    known: Option<String>,
    /// How often in a row the known one failed to open.
    failures: u32,
    /// `GET /gateway/bot` is not for this bot.
    plain: bool,
    /// Unix time of the last fetch, and of the one before; 0 without.
    asked_wall_ms: [u64; 2],
    /// The next fetch need not keep its distance from the last.
    again: bool,
    /// The host's policy denied the one before.
    denied: bool,
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
    url: Option<String>,
    plain: bool,
    asked_wall_ms: [u64; 2],
}

impl Address {
    /// The stored address, if it was learned from `api`.
    pub(super) fn load(state: &State, api: &str) -> Self {
        let record: Option<Record> = state.json(state::GATEWAY);
        let mut address = Self {
            api: api.to_owned(),
            known: None,
            failures: 0,
            plain: false,
            asked_wall_ms: [0; 2],
            again: false,
            denied: false,
        };
        if let Some(record) = record.filter(|record| record.api == api) {
            address.plain = record.plain;
            address.known = record.url;
            address.asked_wall_ms = record.asked_wall_ms;
        }
        address
    }

    fn save(&self, host: &mut Host) {
        let record = Record {
            api: self.api.clone(),
            url: self.known.clone(),
            plain: self.plain,
            asked_wall_ms: self.asked_wall_ms,
        };
        host.put(state::GATEWAY, state::encode(&record));
    }

    /// Nothing known, under another base.
    pub(super) fn reset(&mut self, api: &str) {
        api.clone_into(&mut self.api);
        self.known = None;
        self.failures = 0;
        self.plain = false;
        self.denied = false;
        self.again = true;
    }

    /// Nothing known, if it is another base.
    pub(super) fn rebase(&mut self, api: &str) {
        if self.api != api {
            self.reset(api);
        }
    }

    /// What to do for a connection now, in Unix time. A known address is tried
    /// rather than waited for.
    pub(super) fn next_step(&self, now_ms: u64) -> Step {
        // A time of the future is one that the clock left.
        let rest = |since: u64, ms: u64| match now_ms.checked_sub(since) {
            Some(gone) => ms.saturating_sub(gone),
            None => 0,
        };
        let [last, before] = self.asked_wall_ms;
        let distance = if self.again { 0 } else { FETCH_INTERVAL_MS };
        let rest = rest(last, distance).max(rest(before, QUOTA_MS));
        match &self.known {
            Some(url) if self.failures < MANY_FAILURES || rest > 0 => Step::Dial(url.clone()),
            _ if rest > 0 => Step::Wait(rest),
            _ => Step::Fetch,
        }
    }

    /// The known one did not open.
    pub(super) const fn failed_to_open(&mut self) {
        self.failures = self.failures.saturating_add(1);
    }

    /// The known one opened.
    pub(super) const fn opened(&mut self) {
        self.failures = 0;
        self.denied = false;
    }

    /// The host denies the known one for good. Whether to ask for another one: not
    /// twice in a row.
    pub(super) fn forget_denied(&mut self, host: &mut Host) -> bool {
        self.known = None;
        self.failures = 0;
        self.save(host);
        !std::mem::replace(&mut self.denied, true)
    }

    /// Whether there is one to try.
    pub(super) const fn is_known(&self) -> bool {
        self.known.is_some()
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
    pub(super) fn fetch(&mut self, host: &mut Host) -> Id {
        let [last, _] = self.asked_wall_ms;
        self.asked_wall_ms = [host.now().wall_ms, last];
        self.again = false;
        self.save(host);
        let id = host.fresh_id();
        let request = SendHttp {
            id,
            method: "GET".to_owned(),
            url: self.source(),
            headers: Vec::new(),
            body: Body::Empty,
            timeout_ms: TIMEOUT_MS,
            secrets: vec![token::authorization()],
            into_blob: false,
        };
        host.send_http(request, Owner::Gateway);
        id
    }

    /// Reads the answer.
    pub(super) fn learn(&mut self, response: &HttpResponse, host: &mut Host) -> Found {
        match discovery::read(response) {
            Answer::Known(url, limit) => {
                self.known = Some(url);
                self.failures = 0;
                self.save(host);
                Found::Known(limit)
            }
            Answer::AskElsewhere(failure) if self.plain => Found::Failed(failure),
            Answer::AskElsewhere(_) => {
                self.plain = true;
                self.again = true;
                Found::Again
            }
            Answer::TokenRefused(failure) => Found::TokenRefused(failure),
            Answer::TooMany(failure) => {
                self.asked_wall_ms = [host.now().wall_ms; 2];
                self.save(host);
                Found::TooMany(failure)
            }
            Answer::Blocked(failure) => {
                // So that an operator who has mended it need not wait.
                let [_, before] = self.asked_wall_ms;
                self.asked_wall_ms = [before, 0];
                self.save(host);
                Found::TooMany(failure)
            }
            Answer::Failed(failure) => Found::Failed(failure),
            Answer::Stop(failure) => Found::Stop(failure),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(known: Option<&str>, failures: u32, asked_wall_ms: [u64; 2]) -> Address {
        Address {
            api: "https://a".to_owned(),
            known: known.map(str::to_owned),
            failures,
            plain: false,
            asked_wall_ms,
            again: false,
            denied: false,
        }
    }

    #[test]
    fn asks_only_for_what_is_unknown_or_failed_and_not_too_often() {
        const NOW: u64 = 1_000_000;
        let dial = || Step::Dial("wss://g".to_owned());
        let known = Some("wss://g");
        for (known, failures, ago, step) in [
            (None, 0, [NOW, NOW], Step::Fetch),
            (None, 0, [10_000, NOW], Step::Wait(20_000)),
            (None, 0, [30_000, 35_000], Step::Wait(25_000)),
            (known, 0, [NOW, NOW], dial()),
            (known, 1, [NOW, NOW], dial()),
            (known, 2, [NOW, NOW], Step::Fetch),
            (known, 2, [10_000, NOW], dial()),
            (known, 2, [30_000, NOW], Step::Fetch),
            (known, 2, [30_000, 35_000], dial()),
        ] {
            let asked = ago.map(|ago| NOW - ago);
            assert_eq!(address(known, failures, asked).next_step(NOW), step);
        }
    }

    #[test]
    fn a_reason_to_ask_at_once_does_not_lift_the_quota() {
        let mut address = address(None, 0, [60_000, 0]);
        address.allow_refetch();
        assert_eq!(address.next_step(70_000), Step::Fetch);
        address.asked_wall_ms = [60_000, 59_000];
        assert_eq!(address.next_step(70_000), Step::Wait(49_000));
    }

    #[test]
    fn a_clock_that_was_set_back_does_not_lock_up() {
        let address = address(None, 0, [900_000, 900_000]);
        assert_eq!(address.next_step(70_000), Step::Fetch);
    }
}

//! The gateway URL: learned once, kept, and asked for again only after it failed.
//!
//! `GET /gateway` allows about two calls a minute (QQ docs, openapi/wss/url_get);
//! a client that asks at every reconnect locks itself out.

use serde::{Deserialize, Serialize};

use crate::contract::{Body, Failure, FailureKind, HttpResponse, SendHttp, Token};
use crate::host::Host;
use crate::platform::{Reaction, Refusal, lookup};
use crate::state::{self, State};
use crate::token;
use crate::wire::{self, Text};

/// Between two fetches.
const FETCH_INTERVAL_MS: u64 = 30_000;
const TIMEOUT_MS: u32 = 10_000;

/// What is known of the gateway's address.
#[derive(Debug)]
pub(super) struct Address {
    api: String,
    known: Option<String>,
    /// The known one failed to open since it was fetched.
    suspect: bool,
    /// Monotonic time of the last fetch.
    fetched_ms: Option<u64>,
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

/// What `GET /gateway` said.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Known,
    TokenRefused(Failure),
    TooMany(Failure),
    Failed(Failure),
    Stop(Failure),
}

#[derive(Serialize, Deserialize)]
struct Record {
    api: String,
    url: String,
}

impl Address {
    /// The stored address, if it was learned from `api`.
    pub(super) fn load(state: &State, api: &str) -> Self {
        let record: Option<Record> = state.json(state::GATEWAY);
        let known = record
            .filter(|record| record.api == api)
            .map(|record| record.url);
        Self {
            api: api.to_owned(),
            known,
            suspect: false,
            fetched_ms: None,
        }
    }

    /// Nothing known, under another base.
    pub(super) fn reset(&mut self, api: &str) {
        *self = Self {
            api: api.to_owned(),
            known: None,
            suspect: false,
            fetched_ms: None,
        };
    }

    /// What to do for a connection now.
    pub(super) fn next_step(&self, now_ms: u64) -> Step {
        let rest = self.fetched_ms.map_or(0, |fetched| {
            (fetched + FETCH_INTERVAL_MS).saturating_sub(now_ms)
        });
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
        self.fetched_ms = None;
    }

    /// Where it is asked for.
    pub(super) fn source(&self) -> String {
        format!("{}/gateway", self.api)
    }

    /// For messages to people.
    pub(super) fn known(&self) -> &str {
        self.known.as_deref().unwrap_or(&self.api)
    }

    /// Asks for it.
    pub(super) fn fetch(&mut self, host: &mut Host) -> Token {
        self.fetched_ms = Some(host.now().mono_ms);
        let id = host.fresh_id();
        host.send_http(SendHttp {
            id,
            method: "GET".to_owned(),
            url: self.source(),
            headers: Vec::new(),
            body: Body::Empty,
            timeout_ms: TIMEOUT_MS,
            secrets: vec![token::authorization()],
            seals: Vec::new(),
            into_blob: false,
        });
        id
    }

    /// Reads the answer.
    pub(super) fn learn(&mut self, response: &HttpResponse, host: &mut Host) -> Answer {
        if let Some(url) = read(response) {
            let record = Record {
                api: self.api.clone(),
                url,
            };
            host.put(state::GATEWAY, state::encode(&record));
            self.known = Some(record.url);
            self.suspect = false;
            return Answer::Known;
        }
        classify(Refusal::read(response))
    }
}

fn read(response: &HttpResponse) -> Option<String> {
    #[derive(Deserialize)]
    struct Wire<'a> {
        #[serde(borrow)]
        url: Text<'a>,
    }
    let wire: Wire<'_> = wire::read(&response.body)?;
    let url = wire.url.to_option()?;
    (url.starts_with("wss://") || url.starts_with("ws://")).then_some(url)
}

fn classify(refusal: Refusal) -> Answer {
    let row = refusal.code.and_then(lookup);
    let failure = failure(&refusal);
    match (row.map(|row| row.reaction), refusal.status) {
        (Some(Reaction::RefreshToken), _) | (None, 401) => Answer::TokenRefused(failure),
        (Some(Reaction::Stop), _) => Answer::Stop(failure),
        (Some(Reaction::Pause), _) | (None, 429) => Answer::TooMany(failure),
        // Refused addresses stay refused for a while; asking burns the quota.
        (Some(Reaction::Report), 401) => Answer::TooMany(failure),
        _ => Answer::Failed(failure),
    }
}

fn failure(refusal: &Refusal) -> Failure {
    let row = refusal.code.and_then(lookup);
    let (kind, meaning, remedy) = match row {
        Some(row) => (row.kind, row.meaning, row.remedy),
        None if refusal.status == 401 => (
            FailureKind::Unauthorized,
            "the platform refused the access token",
            "Check app_id and app_secret.",
        ),
        None if refusal.status == 429 => (
            FailureKind::RateLimited,
            "too many requests",
            "It is tried again in a minute.",
        ),
        None => (
            FailureKind::Protocol,
            "the answer holds no gateway URL",
            "Check that api_base, sandbox and the proxy lead to the platform.",
        ),
    };
    Failure::new(
        kind,
        format!("no gateway URL: {meaning} ({})", refusal.words()),
    )
    .remedy(remedy)
    .code(refusal.code)
    .trace(refusal.trace_id.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(known: Option<&str>, suspect: bool, fetched_ms: Option<u64>) -> Address {
        Address {
            api: "https://a".to_owned(),
            known: known.map(str::to_owned),
            suspect,
            fetched_ms,
        }
    }

    #[test]
    fn asks_only_for_what_is_unknown_or_failed_and_not_too_often() {
        let dial = || Step::Dial("wss://g".to_owned());
        for (known, suspect, fetched, step) in [
            (None, false, None, Step::Fetch),
            (None, false, Some(10_000), Step::Wait(20_000)),
            (Some("wss://g"), false, None, dial()),
            (Some("wss://g"), true, None, Step::Fetch),
            (Some("wss://g"), true, Some(10_000), dial()),
            (Some("wss://g"), true, Some(0), dial()),
        ] {
            assert_eq!(address(known, suspect, fetched).next_step(20_000), step);
        }
        assert_eq!(
            address(Some("wss://g"), true, Some(0)).next_step(30_000),
            Step::Fetch
        );
    }
}

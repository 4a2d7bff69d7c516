//! The gateway URL: learned once, kept, and asked for again only after it failed.
//!
//! `GET /gateway/bot` has it together with the budget of Identifies; a bot that
//! may not ask there asks `GET /gateway`.

use serde::{Deserialize, Serialize};

use super::budget::Limit;
use super::discovery::{self, Answer};
use super::quota::Quota;
use crate::contract::{Body, Failure, HttpResponse, Id, SendHttp};
use crate::host::Host;
use crate::owners::Owner;
use crate::state::{self, State};
use crate::token;

/// Sockets in a row that did not open before the address is doubted: one is more
/// often a busy server than a moved one.
const MANY_FAILURES: u32 = 2;
const TIMEOUT_MS: u32 = 10_000;

/// What is known of the gateway's address, stored but for what is of the moment.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Address {
    api: String,
    #[serde(rename = "url")]
    known: Option<String>,
    /// `GET /gateway/bot` is not for this bot.
    plain: bool,
    #[serde(rename = "asked_wall_ms")]
    quota: Quota,
    /// How often in a row the known one failed to open.
    #[serde(skip)]
    failures: u32,
    /// The host's policy denied the one before.
    #[serde(skip)]
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

impl Address {
    /// The stored address, if it was learned from `api`.
    pub(super) fn load(state: &State, api: &str) -> Self {
        let stored: Option<Self> = state.json(state::GATEWAY);
        stored
            .filter(|address| address.api == api)
            .unwrap_or_else(|| Self {
                api: api.to_owned(),
                ..Self::default()
            })
    }

    fn save(&self, host: &mut Host) {
        host.put(state::GATEWAY, state::encode(self));
    }

    /// Nothing known, under another base.
    pub(super) fn reset(&mut self, api: &str) {
        api.clone_into(&mut self.api);
        self.known = None;
        self.failures = 0;
        self.plain = false;
        self.denied = false;
        self.quota.allow_again();
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
        let rest = self.quota.rest_ms(now_ms);
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
        self.quota.allow_again();
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
        self.quota.spend(host.now().wall_ms);
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
                self.quota.allow_again();
                Found::Again
            }
            Answer::TokenRefused(failure) => Found::TokenRefused(failure),
            Answer::TooMany(failure) => {
                self.quota.used_up(host.now().wall_ms);
                self.save(host);
                Found::TooMany(failure)
            }
            Answer::Blocked(failure) => {
                // So that an operator who has mended it need not wait.
                self.quota.give_back();
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

    #[test]
    fn asks_only_for_what_is_unknown_or_failed_and_not_too_often() {
        const NOW: u64 = 1_000_000;
        let dial = || Step::Dial("wss://g".to_owned());
        let known = Some("wss://g");
        for (known, failures, asked, step) in [
            (None, 0, 0, Step::Fetch),
            (None, 0, 990_000, Step::Wait(20_000)),
            (known, 0, 0, dial()),
            (known, 1, 0, dial()),
            (known, 2, 0, Step::Fetch),
            (known, 2, 990_000, dial()),
        ] {
            let mut address = Address {
                known: known.map(str::to_owned),
                failures,
                ..Address::default()
            };
            address.quota.spend(asked);
            assert_eq!(address.next_step(NOW), step);
        }
    }
}

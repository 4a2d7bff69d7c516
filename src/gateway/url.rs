//! The gateway URL: learned once, kept, and asked for again only after it failed.
//!
//! `GET /gateway/bot` has it together with the budget of Identifies; a bot that
//! may not ask there asks `GET /gateway`.

use serde::{Deserialize, Serialize};

use super::budget::Budget;
use super::close;
use super::discovery::{self, Answer};
use super::moves::{Move, Pace, Step, Trouble};
use super::quota::Quota;
use crate::contract::{
    Body, Failure, FailureKind, HttpFailed, HttpResponse, Id, Level, SendHttp, SocketClosed,
};
use crate::cx::Cx;
use crate::host::Host;
use crate::owners::Owner;
use crate::platform;
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
    /// Generation of the token the request in flight shows.
    #[serde(skip)]
    generation: u64,
    /// The platform refused the token before the one in use.
    #[serde(skip)]
    token_refused: bool,
}

/// What to do for a connection.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
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
    pub(super) fn next_step(&self, now_ms: u64) -> Next {
        let rest = self.quota.rest_ms(now_ms);
        match &self.known {
            Some(url) if self.failures < MANY_FAILURES || rest > 0 => Next::Dial(url.clone()),
            _ if rest > 0 => Next::Wait(rest),
            _ => Next::Fetch,
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

    /// A refused token may have been of another configuration.
    pub(super) const fn trust_token(&mut self) {
        self.token_refused = false;
    }

    /// Where it is asked for.
    fn source(&self) -> String {
        let end = if self.plain { "" } else { "/bot" };
        format!("{}/gateway{end}", self.api)
    }

    /// For messages to people.
    pub(super) fn known(&self) -> &str {
        self.known.as_deref().unwrap_or(&self.api)
    }

    /// Asks for it.
    pub(super) fn fetch(&mut self, cx: &mut Cx) -> Id {
        self.generation = cx.token.generation();
        let host = &mut cx.host;
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
    pub(super) fn on_response(
        &mut self,
        response: &HttpResponse,
        budget: &mut Budget,
        cx: &mut Cx,
    ) -> Move {
        let host = &mut cx.host;
        match discovery::read(response) {
            Answer::Known(url, limit) => {
                self.learn(url, host);
                if let Some(limit) = limit {
                    budget.learn(limit, host);
                }
                Move::Connect
            }
            Answer::AskElsewhere(_) if !self.plain => {
                self.plain = true;
                self.quota.allow_again();
                Move::Connect
            }
            Answer::AskElsewhere(failure) | Answer::Failed(failure) => {
                no_url(failure, Pace::Backoff, host)
            }
            Answer::TokenRefused(failure) => self.on_token_refused(failure, cx),
            Answer::TooMany(failure) => {
                self.quota.used_up(host.now().wall_ms);
                self.no_more(failure, host)
            }
            Answer::Blocked(failure) => {
                // So that an operator who has mended it need not wait.
                self.quota.give_back();
                self.no_more(failure, host)
            }
            Answer::Stop(failure) => Move::Fatal(Step::Gateway, failure),
        }
    }

    fn learn(&mut self, url: String, host: &mut Host) {
        self.known = Some(url);
        self.failures = 0;
        self.token_refused = false;
        self.save(host);
    }

    /// The quota of the question says nothing about a known address.
    fn no_more(&self, failure: Failure, host: &mut Host) -> Move {
        self.save(host);
        let is_known = self.known.is_some() && failure.kind == FailureKind::RateLimited;
        let pace = if is_known { Pace::Backoff } else { Pace::Slow };
        no_url(failure, pace, host)
    }

    /// One refresh; a second refusal in a row is not about the token's age.
    fn on_token_refused(&mut self, failure: Failure, cx: &mut Cx) -> Move {
        self.token_refused = !self.token_refused;
        if !self.token_refused {
            return no_url(failure, Pace::Slow, &mut cx.host);
        }
        cx.token.refused(self.generation, &mut cx.host);
        self.quota.allow_again();
        Move::Connect
    }

    /// There was no answer.
    pub(super) fn on_failed(&self, failed: &HttpFailed, host: &mut Host) -> Move {
        let failure = platform::explain("no gateway URL", &self.source(), &failed.failure);
        if failed.failure.is_for_good() {
            return Move::Fatal(Step::Gateway, failure);
        }
        no_url(failure, Pace::Backoff, host)
    }

    /// The socket closed before it was open.
    pub(super) fn on_closed(&mut self, closed: &SocketClosed, host: &mut Host) -> Move {
        let unknown = Failure::new(FailureKind::Unreachable, "");
        let cause = closed.failure.as_ref().unwrap_or(&unknown);
        let failure = platform::explain("no gateway connection", self.known(), cause);
        if close::is_denied_for_good(closed) {
            return self.on_denied(failure, host);
        }
        self.failed_to_open();
        host.note_seldom("gateway_open", Level::Debug, &failure.to_string());
        Move::Pause(Trouble::new(Step::Gateway, failure), Pace::Backoff)
    }

    /// The host denies the known one for good. It was learned before, and perhaps
    /// there is one that is allowed: that is asked for, but not twice in a row.
    fn on_denied(&mut self, failure: Failure, host: &mut Host) -> Move {
        self.known = None;
        self.failures = 0;
        self.save(host);
        if std::mem::replace(&mut self.denied, true) {
            return Move::Fatal(Step::Gateway, failure);
        }
        Move::ConnectDespite(Trouble::new(Step::Gateway, failure))
    }

    /// The quota of the question is used up, perhaps by an earlier process.
    pub(super) fn asked_too_often(&self) -> Trouble {
        let text = format!(
            "no gateway URL: {} was asked as often as the platform allows",
            self.source()
        );
        let failure = Failure::new(FailureKind::RateLimited, text)
            .remedy("It allows two calls a minute; make sure no second process runs this bot.");
        Trouble::new(Step::Gateway, failure)
    }
}

fn no_url(failure: Failure, pace: Pace, host: &mut Host) -> Move {
    host.note_seldom("gateway_url", Level::Debug, &failure.to_string());
    Move::Pause(Trouble::new(Step::Gateway, failure), pace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asks_only_for_what_is_unknown_or_failed_and_not_too_often() {
        const NOW: u64 = 1_000_000;
        let dial = || Next::Dial("wss://g".to_owned());
        let known = Some("wss://g");
        for (known, failures, asked, step) in [
            (None, 0, 0, Next::Fetch),
            (None, 0, 990_000, Next::Wait(20_000)),
            (known, 0, 0, dial()),
            (known, 1, 0, dial()),
            (known, 2, 0, Next::Fetch),
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

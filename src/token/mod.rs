//! The access token: when to get one, when to renew it, what to do when the
//! platform refuses.
//!
//! This machine decides when it is asked for. The token itself never comes in
//! here; the host seals it out of the answer. Read `tests/transcripts/token.txt`
//! first.
//! See QQ docs, dev-prepare/access-token.

mod answer;
mod login;

use crate::backoff::{Again, Backoff, RATE_LIMITED_MS};
use crate::config::Config;
use crate::contract::{Context, Failure, FailureKind, HttpFailed, HttpResponse, Id, Level};
use crate::doctor::Finding;
use crate::host::Host;
use crate::owners::Owner;
use crate::platform;
use crate::state::{self, State};
use crate::timer::Timer;
use answer::Answer;
use login::{Login, Record};
pub(crate) use login::{SECRET, authorization};

/// The platform hands out a new token only in the last 60 s of the old one, and
/// both work until the old one ends. Asking earlier returns the same token.
const RENEW_BEFORE_MS: u64 = 45_000;
/// No renewal is sooner, or a clock or server that disagrees makes a busy loop.
const RENEW_SOONEST_MS: u64 = 5_000;
/// What happened to the token.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum News {
    /// There is a fresh one.
    Fresh,
    /// There is none for now; another attempt is under way.
    Failing,
    /// There will be none until the configuration changes.
    Fatal(Failure),
}

#[derive(Debug)]
enum Phase {
    Idle,
    /// Single flight: everyone waits for this one request.
    Fetching {
        request: Id,
    },
    /// Until the next attempt.
    Pausing {
        again: Again,
    },
}

/// The life of the access token.
#[derive(Debug)]
pub(crate) struct AccessToken {
    login: Login,
    phase: Phase,
    /// Unix milliseconds; absent without a token.
    expires_wall_ms: Option<u64>,
    /// Counts tokens; a refusal of an older one says nothing about this one.
    generation: u64,
    backoff: Backoff,
    /// Why the last attempt failed.
    trouble: Option<Failure>,
}

impl AccessToken {
    /// Takes over the token an earlier instance left with the host.
    pub(crate) fn new(config: &Config, context: &Context, state: &State, host: &mut Host) -> Self {
        let mut token = Self {
            login: Login::of(config),
            phase: Phase::Idle,
            expires_wall_ms: None,
            generation: 0,
            backoff: Backoff::default(),
            trouble: None,
        };
        let kept = context.secrets.iter().any(|name| name == SECRET);
        let record: Option<Record> = state.json(state::TOKEN);
        if let Some(record) = record.filter(|record| kept && token.login.owns(record)) {
            let left = record.expires_wall_ms.saturating_sub(context.wall_ms);
            if left > 0 {
                token.expires_wall_ms = Some(record.expires_wall_ms);
                host.set_timer(Timer::Token, renew_after_ms(left));
            }
        }
        token.go_on_pausing(state, host);
        token
    }

    /// What the endpoint said to an earlier process holds for this one.
    fn go_on_pausing(&mut self, state: &State, host: &mut Host) {
        let record: Option<Record> = state.json(state::TOKEN_PAUSE);
        let Some(record) = record.filter(|record| self.login.owns(record)) else {
            return;
        };
        let left = record.expires_wall_ms.saturating_sub(host.now().wall_ms);
        // More is a clock that was set back.
        if (1..=RATE_LIMITED_MS).contains(&left) && self.expires_wall_ms.is_none() {
            let failure = Failure::new(
                FailureKind::RateLimited,
                "no access token: too many requests",
            )
            .remedy("An earlier process was told so; make sure no second one runs this bot.");
            self.rest(failure, left, host);
        }
    }

    /// Whether requests can be sent now.
    pub(crate) fn is_usable(&self, host: &Host) -> bool {
        self.expires_wall_ms
            .is_some_and(|expires| expires > host.now().wall_ms)
    }

    /// Counts tokens; see [`AccessToken::refused`].
    pub(crate) const fn generation(&self) -> u64 {
        self.generation
    }

    /// Whether requests can be sent now; if not, sees to it.
    pub(crate) fn require(&mut self, host: &mut Host) -> bool {
        if self.is_usable(host) {
            return true;
        }
        if matches!(self.phase, Phase::Idle) {
            self.fetch(host);
        }
        false
    }

    /// The platform refused the token of this generation.
    pub(crate) fn refused(&mut self, generation: u64, host: &mut Host) {
        if generation == self.generation {
            self.forget(host);
        }
    }

    /// Drops the token.
    fn forget(&mut self, host: &mut Host) {
        self.expires_wall_ms = None;
        host.remove(state::TOKEN);
    }

    /// Starts again under another configuration, or after the operator looked
    /// at the old one.
    pub(crate) fn reconfigure(&mut self, config: &Config, host: &mut Host) {
        if let Phase::Fetching { request } = self.phase {
            host.cancel_http(request);
        }
        host.cancel_timer(Timer::Token);
        self.login = Login::of(config);
        self.phase = Phase::Idle;
        self.trouble = None;
        self.backoff.reset();
        self.generation += 1;
        host.remove(state::TOKEN_PAUSE);
        self.forget(host);
    }

    /// Asks elsewhere from now on.
    pub(crate) fn rebase(&mut self, auth: &str) {
        self.login.rebase(auth);
    }

    /// The timer: time to renew, or to try again.
    pub(crate) fn on_timer(&mut self, host: &mut Host) {
        if !matches!(self.phase, Phase::Fetching { .. }) {
            self.fetch(host);
        }
    }

    /// The answer to the request in flight.
    pub(crate) fn on_response(&mut self, response: &HttpResponse, host: &mut Host) -> News {
        self.phase = Phase::Idle;
        match answer::read(response, &self.login.url()) {
            Answer::Granted { expires_in_ms } => self.granted(expires_in_ms, host),
            Answer::TooMany(failure) => {
                let until_ms = host.now().wall_ms.saturating_add(RATE_LIMITED_MS);
                let record = self.login.record(until_ms);
                host.put(state::TOKEN_PAUSE, state::encode(&record));
                self.pause(failure, RATE_LIMITED_MS, host)
            }
            Answer::Failed(failure) => self.retry(failure, host),
            Answer::Refused(failure) => {
                self.forget(host);
                News::Fatal(failure)
            }
        }
    }

    /// The request in flight got no answer.
    pub(crate) fn on_failed(&mut self, failed: &HttpFailed, host: &mut Host) -> News {
        self.phase = Phase::Idle;
        let url = self.login.url();
        let failure = platform::explain("no access token", &url, &failed.failure);
        if failed.failure.is_for_good() {
            return News::Fatal(failure);
        }
        self.retry(failure, host)
    }

    fn granted(&mut self, expires_in_ms: u64, host: &mut Host) -> News {
        let expires_wall_ms = host.now().wall_ms.saturating_add(expires_in_ms);
        self.expires_wall_ms = Some(expires_wall_ms);
        self.generation += 1;
        self.trouble = None;
        self.backoff.reset();
        host.put(
            state::TOKEN,
            state::encode(&self.login.record(expires_wall_ms)),
        );
        // The answer may be the same token with less life left: the timer is
        // set from what it says, so nothing loops.
        host.set_timer(Timer::Token, renew_after_ms(expires_in_ms));
        host.count("token_granted");
        News::Fresh
    }

    fn retry(&mut self, failure: Failure, host: &mut Host) -> News {
        // For ever: a client that gave up after two failures was dead silently.
        let pause_ms = self.backoff.next_ms(host);
        self.pause(failure, pause_ms, host)
    }

    fn pause(&mut self, failure: Failure, pause_ms: u64, host: &mut Host) -> News {
        host.count("token_failed");
        host.note_seldom("token", Level::Warn, &failure.to_string());
        self.rest(failure, pause_ms, host);
        News::Failing
    }

    fn rest(&mut self, failure: Failure, pause_ms: u64, host: &mut Host) {
        host.set_timer(Timer::Token, pause_ms);
        self.phase = Phase::Pausing {
            again: Again::after(pause_ms, host.now()),
        };
        self.trouble = Some(failure);
    }

    fn fetch(&mut self, host: &mut Host) {
        host.cancel_timer(Timer::Token);
        let request = host.fresh_id();
        host.send_http(self.login.request(request), Owner::Token);
        self.phase = Phase::Fetching { request };
    }

    /// Why attempts fail, until one succeeds.
    pub(crate) const fn trouble(&self) -> Option<&Failure> {
        self.trouble.as_ref()
    }

    /// When it is tried again, while it pauses.
    pub(crate) const fn again(&self) -> Option<Again> {
        match self.phase {
            Phase::Pausing { again } => Some(again),
            Phase::Idle | Phase::Fetching { .. } => None,
        }
    }

    /// What `doctor` can say. While an attempt is under way, nothing yet.
    pub(crate) fn finding(&self, host: &Host) -> Finding {
        if let (Phase::Pausing { .. }, Some(failure)) = (&self.phase, &self.trouble) {
            return Finding::Failed(failure.clone());
        }
        match self.expires_wall_ms {
            Some(expires) if self.is_usable(host) => {
                let minutes = (expires - host.now().wall_ms) / 60_000;
                Finding::passed(format!(
                    "credentials accepted; token valid for {minutes} min"
                ))
            }
            _ => Finding::Unknown,
        }
    }
}

/// When to ask for the next token, given what is left of this one.
const fn renew_after_ms(left_ms: u64) -> u64 {
    if left_ms > RENEW_BEFORE_MS + RENEW_SOONEST_MS {
        return left_ms - RENEW_BEFORE_MS;
    }
    let half = left_ms / 2;
    if half > RENEW_SOONEST_MS {
        half
    } else {
        RENEW_SOONEST_MS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renews_inside_the_last_minute_and_never_in_a_loop() {
        for (left, after) in [
            (7_200_000, 7_155_000),
            (60_000, 15_000),
            (51_000, 6_000),
            (50_000, 25_000),
            (20_000, 10_000),
            (4_000, 5_000),
            (0, 5_000),
        ] {
            assert_eq!(renew_after_ms(left), after, "{left}");
        }
    }
}

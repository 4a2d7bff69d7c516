//! The way up: token, URL, socket, Hello, and the deadline of each.

use super::budget::Leave;
use super::heartbeat::Link;
use super::loss::{Loss, Pace};
use super::url::{Found, Step as Next};
use super::{Attempt, Gateway, News, State, Step, Trouble, frame};
use crate::backoff::Again;
use crate::contract::{Failure, FailureKind, HttpFailed, HttpResponse, Level, SocketOpened};
use crate::cx::Cx;
use crate::host::Host;
use crate::platform;
use crate::timer::Timer;

/// Name resolution, TLS and upgrade together; peers use 20 to 30 s.
const CONNECT_TIMEOUT_MS: u32 = 20_000;
/// Belt for a host that says nothing about a socket.
const OPEN_DEADLINE_MS: u64 = 25_000;
/// From the open socket to Hello.
const HELLO_DEADLINE_MS: u64 = 15_000;
/// From Identify or Resume to READY or RESUMED.
const READY_DEADLINE_MS: u64 = 30_000;
/// For what may be among frames the host holds back.
const HELD_BACK_MS: u64 = 15_000;

impl Gateway {
    /// Takes the next step up from nothing.
    pub(super) fn connect(&mut self, cx: &mut Cx) {
        cx.host.cancel_timer(Timer::Gateway);
        self.review(&mut cx.host);
        if !cx.has_token() {
            self.state = State::AwaitToken;
            return;
        }
        match self.address.next_step(cx.host.now().wall_ms) {
            Next::Dial(url) => match self.leave(&cx.host) {
                Leave::Now => self.dial(&url, &mut cx.host),
                Leave::After(ms, reason) => self.wait_for_leave(ms, reason, &mut cx.host),
            },
            Next::Fetch => {
                self.fetch_generation = cx.token.generation();
                self.state = State::AwaitUrl {
                    request: self.address.fetch(&mut cx.host),
                };
            }
            Next::Wait(rest_ms) => {
                self.trouble
                    .get_or_insert_with(|| asked_too_often(&self.address.source()));
                self.rest(rest_ms, &mut cx.host);
            }
        }
    }

    /// Until the next attempt.
    pub(super) fn rest(&mut self, ms: u64, host: &mut Host) {
        host.set_timer(Timer::Gateway, ms);
        self.state = State::Pause {
            again: Again::after(ms, host.now()),
        };
    }

    /// A socket is opened only for what may be sent over it.
    fn leave(&self, host: &Host) -> Leave {
        if self.session.is_some() && self.seq.is_some() {
            return Leave::Now;
        }
        self.budget.leave(host.now().wall_ms)
    }

    fn wait_for_leave(&mut self, ms: u64, reason: Option<Failure>, host: &mut Host) {
        if let Some(failure) = reason {
            host.count("identifies_postponed");
            host.note_seldom("budget", Level::Warn, &failure.to_string());
            self.trouble = Some(Trouble {
                step: Step::Identify,
                failure,
            });
        }
        self.rest(ms, host);
    }

    fn dial(&mut self, url: &str, host: &mut Host) {
        let socket = host.open_socket(url, CONNECT_TIMEOUT_MS);
        host.set_timer(Timer::Gateway, OPEN_DEADLINE_MS);
        self.held.begin();
        self.state = State::AwaitOpen { socket };
    }

    /// The answer to `GET /gateway/bot` or `GET /gateway`.
    pub(crate) fn on_response(&mut self, response: &HttpResponse, cx: &mut Cx) -> News<'static> {
        self.state = State::Idle;
        match self.address.learn(response, &mut cx.host) {
            Found::Known(limit) => {
                self.refused_generation = None;
                if let Some(limit) = limit {
                    self.budget.learn(limit, &mut cx.host);
                }
                self.connect(cx);
                News::Changed
            }
            Found::Again => {
                self.connect(cx);
                News::Quiet
            }
            Found::TokenRefused(failure) => self.token_refused(failure, cx),
            // The quota of the question says nothing about the address.
            Found::TooMany(failure)
                if self.address.is_known() && failure.kind == FailureKind::RateLimited =>
            {
                self.no_url(failure, Pace::Backoff, &mut cx.host)
            }
            Found::TooMany(failure) => self.no_url(failure, Pace::Slow, &mut cx.host),
            Found::Failed(failure) => self.no_url(failure, Pace::Backoff, &mut cx.host),
            Found::Stop(failure) => News::Fatal(Step::Gateway, failure),
        }
    }

    /// One refresh; a second refusal in a row is not about the token's age.
    fn token_refused(&mut self, failure: Failure, cx: &mut Cx) -> News<'static> {
        if self.refused_generation.is_some() {
            self.refused_generation = None;
            return self.no_url(failure, Pace::Slow, &mut cx.host);
        }
        self.refused_generation = Some(self.fetch_generation);
        cx.token.refused(self.fetch_generation, &mut cx.host);
        self.address.allow_refetch();
        self.connect(cx);
        News::Changed
    }

    /// `GET /gateway` got no answer.
    pub(crate) fn on_failed(&mut self, failed: &HttpFailed, host: &mut Host) -> News<'static> {
        self.state = State::Idle;
        let source = self.address.source();
        let failure = platform::explain("no gateway URL", &source, &failed.failure);
        if failed.failure.is_for_good() {
            return News::Fatal(Step::Gateway, failure);
        }
        self.no_url(failure, Pace::Backoff, host)
    }

    fn no_url(&mut self, failure: Failure, pace: Pace, host: &mut Host) -> News<'static> {
        host.note_seldom("gateway_url", Level::Debug, &failure.to_string());
        self.pause(
            Loss {
                step: Step::Gateway,
                failure,
                pace,
            },
            host,
        )
    }

    /// The socket is open; the server says Hello first.
    pub(crate) fn on_opened(&mut self, opened: &SocketOpened, host: &mut Host) {
        if self.state == (State::AwaitOpen { socket: opened.id }) {
            host.set_timer(Timer::Gateway, HELLO_DEADLINE_MS);
            self.address.opened();
            self.state = State::AwaitHello { socket: opened.id };
        }
    }

    /// Hello: begin the heartbeat, then Resume the session or Identify.
    pub(super) fn on_hello(&mut self, interval_ms: Option<u64>, cx: &mut Cx) {
        let State::AwaitHello { socket } = self.state else {
            return;
        };
        if !cx.has_token() {
            self.hang_up("no access token", &mut cx.host);
            self.state = State::AwaitToken;
            return;
        }
        self.delivered = false;
        let link = Link::begin(socket, interval_ms, &mut cx.host);
        cx.host.set_timer(Timer::Gateway, READY_DEADLINE_MS);
        let attempt = match (&self.session, self.seq) {
            (Some(session), Some(seq)) => {
                self.asked = session.intents();
                cx.host.send_text(frame::resume(socket, &session.id, seq));
                cx.host.count("resumes");
                Attempt::Resume
            }
            _ => {
                self.seq = None;
                self.asked = self.grant.mask();
                cx.host.send_text(frame::identify(socket, self.asked));
                self.budget.spend(&mut cx.host);
                cx.host.count("identifies");
                Attempt::Identify
            }
        };
        self.state = State::AwaitReady { link, attempt };
    }

    /// A pause is over, or a deadline passed.
    pub(crate) fn on_timer(&mut self, cx: &mut Cx) -> News<'static> {
        if self.socket().is_some() && self.held.since_last_look() {
            cx.host.set_timer(Timer::Gateway, HELD_BACK_MS);
            return News::Quiet;
        }
        match self.state {
            State::Pause { .. } => {
                self.connect(cx);
                News::Changed
            }
            State::AwaitOpen { .. } => {
                self.address.failed_to_open();
                self.overdue(
                    Step::Gateway,
                    "the gateway did not open the socket in time",
                    &mut cx.host,
                )
            }
            State::AwaitHello { .. } => self.overdue(
                Step::Gateway,
                "the gateway did not say Hello in time",
                &mut cx.host,
            ),
            State::AwaitReady { attempt, .. } => {
                self.attempt_failed(Some(attempt), &mut cx.host);
                let message = match attempt {
                    Attempt::Identify => "the gateway did not answer Identify in time",
                    Attempt::Resume => "the gateway did not answer Resume in time",
                };
                self.overdue(Step::Identify, message, &mut cx.host)
            }
            State::AwaitReason { .. } => self.no_reason_came(&mut cx.host),
            _ => News::Quiet,
        }
    }

    fn overdue(&mut self, step: Step, message: &str, host: &mut Host) -> News<'static> {
        self.hang_up("timed out", host);
        let failure = Failure::new(FailureKind::TimedOut, message)
            .remedy("Check the network and proxy of this machine; it is tried again by itself.");
        self.pause(
            Loss {
                step,
                failure,
                pace: Pace::Backoff,
            },
            host,
        )
    }
}

/// The quota of the question is used up, perhaps by an earlier process.
fn asked_too_often(source: &str) -> Trouble {
    Trouble {
        step: Step::Gateway,
        failure: Failure::new(
            FailureKind::RateLimited,
            format!("no gateway URL: {source} was asked as often as the platform allows"),
        )
        .remedy("It allows two calls a minute; make sure no second process runs this bot."),
    }
}

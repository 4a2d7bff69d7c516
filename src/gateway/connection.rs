//! One connection: what is said over it, and what its silence or its end means.
//!
//! It dials and hangs up as it is told. A [`Move`] says that it is gone, and how to
//! go on.

use super::budget::Leave;
use super::frame::{self, Frame, Op};
use super::heartbeat::Link;
use super::held::Held;
use super::login::Login;
use super::moves::{Move, News, Pace, Step, Trouble};
use super::state::{Attempt, State};
use crate::config::Config;
use crate::contract::{Context, Failure, FailureKind, Id, Level, SocketClosed};
use crate::cx::Cx;
use crate::host::Host;
use crate::state::State as Stored;
use crate::timer::Timer;

/// The socket there is, or why there is none.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) state: State,
    pub(super) login: Login,
    pub(super) held: Held,
    /// Why it pauses, or paused last.
    pub(super) trouble: Option<Trouble>,
}

impl Connection {
    /// Takes over the live socket an earlier instance left, or its session.
    pub(super) fn load(
        config: &Config,
        context: &Context,
        stored: &Stored,
        host: &mut Host,
    ) -> Self {
        let mut login = Login::load(config, context, stored);
        let since_ms = context.mono_ms;
        let link = login.resumption.adopt(context, host);
        Self {
            state: link.map_or(State::Idle, |link| State::Live { link, since_ms }),
            login,
            held: Held::default(),
            trouble: None,
        }
    }

    /// Opens a socket, unless there is reason to wait.
    pub(super) fn dial(&mut self, url: &str, host: &mut Host) {
        match self.login.leave(host) {
            Leave::Now => {
                self.held.begin();
                self.state = State::dial(url, host);
            }
            Leave::After(ms, reason) => {
                let trouble = reason.map(|failure| Trouble::new(Step::Identify, failure));
                self.trouble = trouble.or_else(|| self.trouble.take());
                self.state = State::pause(ms, host);
            }
        }
    }

    /// Waits before the next attempt.
    pub(super) fn pause(&mut self, trouble: Trouble, pace: Pace, host: &mut Host) {
        let ms = self.login.retries.pause_ms(pace, host);
        self.trouble = Some(trouble);
        self.state = State::pause(ms, host);
    }

    /// Closes the socket, or gives up the request, and stops the timers.
    pub(super) fn hang_up(&mut self, reason: &str, host: &mut Host) {
        self.state.close(reason, host);
        self.abandon(host);
    }

    /// As [`Connection::hang_up`], but the socket is closed already.
    pub(super) fn abandon(&mut self, host: &mut Host) {
        self.state.end(host);
        self.login.resumption.detach(host);
        self.state = State::Idle;
    }

    /// The socket is open. Whether it is this one.
    pub(super) fn on_opened(&mut self, socket: Id, host: &mut Host) -> bool {
        let awaited = self.state == (State::AwaitOpen { socket });
        if awaited {
            self.state = State::opened(socket, host);
        }
        awaited
    }

    /// A frame came over it.
    pub(super) fn on_frame<'f>(&mut self, frame: Frame<'f>, cx: &mut Cx) -> Result<News<'f>, Move> {
        let host = &mut cx.host;
        match (frame.op(), self.state.link()) {
            (Op::Dispatch, Some(link)) => return self.on_dispatch(frame, link, host),
            (Op::Heartbeat, Some(link)) => link.answer(self.login.resumption.seq(), host),
            (Op::HeartbeatAck, Some(link)) => {
                link.acknowledged(host);
                self.held.begin();
            }
            (Op::InvalidSession, Some(_)) => self.on_invalid_session(frame.is_resumable(), host),
            (Op::Hello, None) => self.on_hello(frame.heartbeat_interval_ms(), cx),
            (Op::Reconnect, _) => return Err(self.on_reconnect(host)),
            (Op::Unknown, _) => frame::note_unknown(host),
            // Not the time for it.
            _ => {}
        }
        Ok(News::Quiet)
    }

    /// Hello: begin the heartbeat, then Resume the session or Identify.
    fn on_hello(&mut self, interval_ms: Option<u64>, cx: &mut Cx) {
        let State::AwaitHello { socket } = self.state else {
            return;
        };
        if !cx.has_token() {
            self.hang_up("no access token", &mut cx.host);
            self.state = State::AwaitToken;
            return;
        }
        let link = State::greeted(socket, interval_ms, &mut cx.host);
        let attempt = self.login.begin(socket, &mut cx.host);
        self.state = State::AwaitReady { link, attempt };
    }

    /// Replayed events come before RESUMED; they count as any other.
    fn on_dispatch<'f>(
        &mut self,
        frame: Frame<'f>,
        link: Link,
        host: &mut Host,
    ) -> Result<News<'f>, Move> {
        let awaited = !self.state.is_live();
        let is_ready = awaited && frame.name() == "READY";
        if is_ready {
            // A new session counts from its own start.
            self.login.resumption.restart();
        }
        let is_new = self.login.resumption.advance(frame.seq(), host);
        if is_ready {
            return self.on_ready(&frame, link, host);
        }
        if awaited && frame.name() == "RESUMED" {
            return Ok(self.live(link, true, host));
        }
        self.login.heard(is_new, host);
        Ok(News::Dispatch(frame.into_dispatch()))
    }

    fn on_ready(
        &mut self,
        frame: &Frame<'_>,
        link: Link,
        host: &mut Host,
    ) -> Result<News<'static>, Move> {
        let identified = self.state.attempt() == Some(Attempt::Identify);
        if identified && !self.login.subscription.granted(host) {
            self.hang_up("identifying with other intents", host);
            return Err(self.login.ask_on(host));
        }
        self.login.ready(frame.ready(), host);
        Ok(self.live(link, false, host))
    }

    fn live(&mut self, link: Link, resumed: bool, host: &mut Host) -> News<'static> {
        host.cancel_timer(Timer::Gateway);
        self.login.live(link, resumed, host);
        self.trouble = None;
        let since_ms = host.now().mono_ms;
        self.state = State::Live { link, since_ms };
        News::Changed
    }

    /// Op 9: wait for the close frame before deciding.
    fn on_invalid_session(&mut self, resumable: bool, host: &mut Host) {
        Link::end(host);
        self.login.resumption.detach(host);
        self.state = self.state.invalid_session(resumable, host);
    }

    /// Op 7: the server is about to close, routinely. Go first, and resume.
    fn on_reconnect(&mut self, host: &mut Host) -> Move {
        let state = self.state;
        self.hang_up("reconnecting", host);
        host.count("reconnects");
        let text = "gateway: asked to reconnect at once";
        let failure = Failure::new(FailureKind::Unavailable, text);
        self.login.replace(state, false, failure, host)
    }

    /// The open socket closed.
    pub(super) fn on_closed(&mut self, closed: &SocketClosed, cx: &mut Cx) -> Move {
        let state = self.state;
        self.abandon(&mut cx.host);
        self.login.on_closed(state, closed, cx)
    }

    /// A pause is over, or a deadline passed.
    pub(super) fn on_timer(&mut self, host: &mut Host) -> Option<Move> {
        let state = self.state;
        if state.socket().is_some() && self.held.since_last_look() {
            State::wait_on(host);
            return None;
        }
        if let State::AwaitReason {
            attempt, resumable, ..
        } = state
        {
            self.hang_up("invalid session", host);
            return Some(self.login.on_no_reason(attempt, resumable, host));
        }
        if matches!(state, State::Pause { .. }) {
            return Some(Move::Connect);
        }
        let trouble = state.overdue()?;
        if let Some(attempt) = state.attempt() {
            self.login.failed(attempt, true, host);
        }
        self.hang_up("timed out", host);
        Some(Move::Pause(trouble, Pace::Backoff))
    }

    /// Time for a heartbeat, or for another session.
    pub(super) fn on_heartbeat_due(&mut self, host: &mut Host) -> Option<Move> {
        let resumption = &self.login.resumption;
        if self.state.is_live() && resumption.is_deaf(host) && !self.held.now() {
            self.hang_up("session silent for hours", host);
            return Some(Move::Connect);
        }
        self.state.link()?.beat(resumption.seq(), host);
        None
    }

    /// Heartbeats were not acknowledged: it is half open.
    pub(super) fn on_ack_overdue(&mut self, host: &mut Host) -> Option<Move> {
        let state = self.state;
        let link = state.link()?;
        if self.held.since_last_look() {
            link.wait_on(host);
            return None;
        }
        self.hang_up("heartbeat not acknowledged", host);
        host.count("heartbeats_lost");
        let text = "gateway: heartbeats were not acknowledged";
        let failure = Failure::new(FailureKind::TimedOut, text);
        let next = self.login.replace(state, true, failure, host);
        if matches!(next, Move::Connect) {
            // Too short for the status.
            host.note_seldom("heartbeat", Level::Info, &format!("{text}; reconnecting"));
        }
        Some(next)
    }
}

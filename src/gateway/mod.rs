//! The gateway: one websocket, one session, and the way back to both.
//!
//! ```text
//! Idle → AwaitToken → AwaitUrl → AwaitOpen → AwaitHello → AwaitReady → Live
//!            ↑                                    │            │         │
//!            └────────────── Pause ←──────────────┴────────────┴─────────┘
//! ```
//!
//! This machine decides when to connect, whether to Resume or to Identify, with
//! which intents, and what a close code means for the next attempt. Exactly one
//! socket is open at a time, and this machine alone opens one. It never looks into
//! an event: that is told as [`News::Dispatch`]. Each part owns what it knows and
//! says what comes next as a [`Move`]; only the loop here carries it out. See QQ
//! docs, dev-prepare/event-emit/websocket; read `tests/transcripts/gateway.txt`
//! first.

mod budget;
mod close;
mod connection;
mod discovery;
mod frame;
mod grant;
mod heartbeat;
mod held;
mod login;
mod moves;
mod outlook;
mod quota;
mod resumption;
mod retries;
mod session;
mod state;
mod subscription;
mod url;

use crate::config::Config;
use crate::contract::{
    Context, HttpFailed, HttpResponse, Id, SocketClosed, SocketOpened, SocketSkipped,
};
use crate::cx::Cx;
use crate::host::Host;
use crate::state::State as Stored;
use crate::timer::Timer;
use connection::Connection;
pub(crate) use frame::Dispatch;
use frame::Frame;
use moves::Move;
pub(crate) use moves::{News, Step};
use outlook::Outlook;
use state::State;
use url::{Address, Next};

/// The machine.
#[derive(Debug)]
pub(crate) struct Gateway {
    address: Address,
    connection: Connection,
}

impl Gateway {
    /// Takes over the live socket an earlier instance left, or its session.
    pub(crate) fn new(
        config: &Config,
        api: &str,
        context: &Context,
        stored: &Stored,
        host: &mut Host,
    ) -> Self {
        Self {
            address: Address::load(stored, api),
            connection: Connection::load(config, context, stored, host),
        }
    }

    /// The socket in use.
    pub(crate) const fn socket(&self) -> Option<Id> {
        self.connection.state.socket()
    }

    /// Whether a socket is being opened.
    pub(crate) const fn is_opening(&self) -> bool {
        matches!(self.connection.state, State::AwaitOpen { .. })
    }

    /// Whether events flow.
    pub(crate) const fn is_live(&self) -> bool {
        self.connection.state.is_live()
    }

    /// The bot's id in guilds, once READY told it; else empty.
    pub(crate) fn bot_id(&self) -> &str {
        let session = self.connection.login.resumption.session();
        session.map_or("", |session| &session.bot_id)
    }

    /// What else others may know about the connection.
    pub(crate) fn outlook(&self) -> Outlook<'_> {
        Outlook::new(&self.connection, self.address.known())
    }

    /// Whether the host holds frames back, as the envelope of this event says.
    pub(crate) const fn set_frames_waiting(&mut self, waiting: bool) {
        self.connection.held.set(waiting);
    }

    /// Goes on under another configuration. With `fresh`, over a new session.
    pub(crate) fn reconfigure(&mut self, config: &Config, fresh: bool, host: &mut Host) {
        if fresh {
            self.stop("configuration changed", host);
            self.address.reset(&config.bases.api);
        }
        self.address.trust_token();
        self.connection.login.reconfigure(config, fresh, host);
        self.connection.trouble = None;
    }

    /// Asks for the URL elsewhere from now on. A connection stays.
    pub(crate) fn rebase(&mut self, api: &str) {
        self.address.rebase(api);
    }

    /// Connects, unless connected or on the way.
    pub(crate) fn ensure(&mut self, cx: &mut Cx) {
        if matches!(self.connection.state, State::Idle | State::Pause { .. }) {
            self.connect(cx);
        }
    }

    /// Closes everything and keeps the session for a later Resume.
    pub(crate) fn stop(&mut self, reason: &str, host: &mut Host) {
        self.connection.hang_up(reason, host);
    }

    /// There is a fresh access token.
    pub(crate) fn on_token(&mut self, cx: &mut Cx) {
        if self.connection.state == State::AwaitToken {
            self.connect(cx);
        }
    }

    /// The answer to `GET /gateway/bot` or `GET /gateway`.
    pub(crate) fn on_response(&mut self, response: &HttpResponse, cx: &mut Cx) -> News<'static> {
        self.connection.state = State::Idle;
        let budget = &mut self.connection.login.budget;
        let next = self.address.on_response(response, budget, cx);
        self.go(next, cx)
    }

    /// There was no answer.
    pub(crate) fn on_failed(&mut self, failed: &HttpFailed, cx: &mut Cx) -> News<'static> {
        self.connection.state = State::Idle;
        let next = self.address.on_failed(failed, &mut cx.host);
        self.go(next, cx)
    }

    /// The socket is open; the server says Hello first.
    pub(crate) fn on_opened(&mut self, opened: &SocketOpened, host: &mut Host) {
        if self.connection.on_opened(opened.id, host) {
            self.address.opened();
        }
    }

    /// A frame, text or binary; peers have seen both hold JSON.
    pub(crate) fn on_frame<'f>(&mut self, socket: Id, text: &'f str, cx: &mut Cx) -> News<'f> {
        if self.socket() != Some(socket) {
            return News::Quiet;
        }
        let Some(frame) = Frame::parse(text) else {
            frame::note_malformed("a frame is not a JSON object", &mut cx.host);
            return News::Quiet;
        };
        match self.connection.on_frame(frame, cx) {
            Ok(news) => news,
            Err(next) => self.go(next, cx),
        }
    }

    /// A frame that is not text.
    pub(crate) fn on_malformed(&self, host: &mut Host) {
        frame::note_malformed("a binary frame is not UTF-8", host);
    }

    /// The host left a frame out. Its number is not known, and what is not known
    /// to be an event must not count as one: a Resume would go past what was never
    /// received. So the number stays until the next frame says its own; a Resume
    /// before that brings the frame again, and it is left out again.
    pub(crate) fn on_skipped(&mut self, skipped: SocketSkipped, host: &mut Host) {
        if self.socket() == Some(skipped.id) {
            self.connection.login.resumption.heard(host);
            frame::note_skipped(skipped.size, host);
        }
    }

    /// The socket closed, or never opened.
    pub(crate) fn on_closed(&mut self, closed: &SocketClosed, cx: &mut Cx) -> News<'static> {
        if self.socket() != Some(closed.id) {
            // Ours, closed by us: op 7 and the 4009 behind it are one reconnect.
            return News::Quiet;
        }
        let next = if self.is_opening() {
            self.connection.abandon(&mut cx.host);
            self.address.on_closed(closed, &mut cx.host)
        } else {
            self.connection.on_closed(closed, cx)
        };
        self.go(next, cx)
    }

    /// A pause is over, or a deadline passed.
    pub(crate) fn on_timer(&mut self, cx: &mut Cx) -> News<'static> {
        let opening = self.is_opening();
        let next = self.connection.on_timer(&mut cx.host);
        if opening && next.is_some() {
            self.address.failed_to_open();
        }
        self.go_if(next, cx)
    }

    /// Time for a heartbeat, or for another session.
    pub(crate) fn on_heartbeat_due(&mut self, cx: &mut Cx) -> News<'static> {
        let next = self.connection.on_heartbeat_due(&mut cx.host);
        self.go_if(next, cx)
    }

    /// Heartbeats were not acknowledged.
    pub(crate) fn on_ack_overdue(&mut self, cx: &mut Cx) -> News<'static> {
        let next = self.connection.on_ack_overdue(&mut cx.host);
        self.go_if(next, cx)
    }

    fn go_if(&mut self, next: Option<Move>, cx: &mut Cx) -> News<'static> {
        next.map_or(News::Quiet, |next| self.go(next, cx))
    }

    /// Carries out what comes next.
    fn go(&mut self, next: Move, cx: &mut Cx) -> News<'static> {
        match next {
            Move::Connect => self.connect(cx),
            Move::ConnectDespite(trouble) => {
                self.connection.trouble = Some(trouble);
                self.connect(cx);
            }
            Move::Pause(trouble, pace) => self.connection.pause(trouble, pace, &mut cx.host),
            Move::Fatal(step, failure) => return News::Fatal(step, failure),
        }
        News::Changed
    }

    /// Takes the next step up from nothing.
    fn connect(&mut self, cx: &mut Cx) {
        let connection = &mut self.connection;
        cx.host.cancel_timer(Timer::Gateway);
        connection.login.review(&mut cx.host);
        if !cx.has_token() {
            connection.state = State::AwaitToken;
            return;
        }
        match self.address.next_step(cx.host.now().wall_ms) {
            Next::Dial(url) => connection.dial(&url, &mut cx.host),
            Next::Fetch => {
                let request = self.address.fetch(cx);
                connection.state = State::AwaitUrl { request };
            }
            Next::Wait(ms) => {
                let too_often = || self.address.asked_too_often();
                connection.trouble.get_or_insert_with(too_often);
                connection.state = State::pause(ms, &mut cx.host);
            }
        }
    }
}

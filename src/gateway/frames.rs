//! What arrives on the socket.

use super::frame::{Frame, Op};
use super::{Attempt, Gateway, News, Session, State};
use crate::contract::{Id, Level};
use crate::cx::Cx;
use crate::host::Host;
use crate::state;
use crate::timer::Timer;

impl Gateway {
    /// A frame, text or binary; peers have seen both hold JSON.
    pub(crate) fn on_frame<'f>(&mut self, socket: Id, text: &'f str, cx: &mut Cx) -> News<'f> {
        if self.socket() != Some(socket) {
            return News::Quiet;
        }
        let Some(frame) = Frame::parse(text) else {
            cx.host.count("frames_malformed");
            cx.host.note_seldom(
                "frame",
                Level::Warn,
                "gateway: a frame is not a JSON object; ignored",
            );
            return News::Quiet;
        };
        match frame.op() {
            Op::Dispatch => return self.on_dispatch(frame, &mut cx.host),
            Op::Heartbeat => self.answer_heartbeat(&mut cx.host),
            Op::HeartbeatAck => self.on_ack(&mut cx.host),
            Op::Hello => self.on_hello(frame.heartbeat_interval_ms(), cx),
            Op::Reconnect => return self.on_reconnect(cx),
            Op::InvalidSession => self.on_invalid_session(frame.is_resumable(), &mut cx.host),
            Op::Unknown => {
                cx.host.count("frames_unknown");
                cx.host
                    .note_seldom("op", Level::Debug, "gateway: unknown opcode; ignored");
            }
        }
        News::Quiet
    }

    /// A frame that is no text.
    pub(crate) fn on_malformed(&self, host: &mut Host) {
        host.count("frames_malformed");
        host.note_seldom(
            "frame",
            Level::Warn,
            "gateway: a binary frame is not UTF-8; ignored",
        );
    }

    fn on_dispatch<'f>(&mut self, frame: Frame<'f>, host: &mut Host) -> News<'f> {
        if !matches!(self.state, State::AwaitReady { .. } | State::Live { .. }) {
            return News::Quiet;
        }
        let awaited = matches!(self.state, State::AwaitReady { .. });
        if awaited && frame.name() == "READY" {
            // A new session counts from its own start.
            self.seq = None;
        }
        let is_new = self.advance_seq(frame.seq(), host);
        match frame.name() {
            "READY" if awaited => self.on_ready(&frame, host),
            "RESUMED" if awaited => self.live(true, host),
            // Replayed events come before RESUMED; they count as any other.
            _ => {
                self.delivered |= is_new;
                self.heard(host);
                News::Dispatch(frame.into_dispatch())
            }
        }
    }

    pub(super) fn heard(&mut self, host: &Host) {
        if let (Some(session), Some(seq)) = (&mut self.session, self.seq) {
            session.heard(seq, host.now().wall_ms);
        }
    }

    /// Whether this number is a new one. Stored with whatever the event leads to,
    /// in one commit.
    fn advance_seq(&mut self, seq: Option<u64>, host: &mut Host) -> bool {
        let Some(new) = seq.filter(|_| seq > self.seq) else {
            return false;
        };
        self.seq = seq;
        host.put(state::SEQ, new.to_string().into_bytes());
        true
    }

    fn on_ready(&mut self, frame: &Frame<'_>, host: &mut Host) -> News<'static> {
        let identified = matches!(
            self.state,
            State::AwaitReady { attempt, .. } if attempt == Attempt::Identify
        );
        if identified && !self.granted(host) {
            return self.ask_on(host);
        }
        let Some(ready) = frame.ready() else {
            host.note(
                Level::Warn,
                "gateway: READY without a session id; this session cannot be resumed",
            );
            if self.session.take().is_some() {
                Session::erase(host);
            }
            return self.live(false, host);
        };
        self.session = Some(Session::new(&self.settings, self.asked, ready));
        self.live(false, host)
    }

    /// Only READY and RESUMED prove the whole path: only they reset counters. The
    /// pauses stay as long as they have grown until it lasted, see `after_life`.
    fn live(&mut self, resumed: bool, host: &mut Host) -> News<'static> {
        let State::AwaitReady { link, .. } = self.state else {
            return News::Quiet;
        };
        host.cancel_timer(Timer::Gateway);
        if let Some(session) = &mut self.session {
            session.socket = Some(link.socket);
            session.interval_ms = link.interval_ms;
            session.begin(resumed, self.seq, host.now().wall_ms);
            session.save(host);
        }
        self.trouble = None;
        self.identify_rejections = 0;
        self.resume_failures = 0;
        self.resumes_cut = 0;
        self.state = State::Live {
            link,
            since_ms: host.now().mono_ms,
        };
        News::Changed
    }

    fn answer_heartbeat(&self, host: &mut Host) {
        if let State::AwaitReady { link, .. } | State::Live { link, .. } = self.state {
            link.answer(self.seq, host);
        }
    }

    fn on_ack(&mut self, host: &mut Host) {
        if let State::AwaitReady { link, .. } | State::Live { link, .. } = self.state {
            link.acknowledged(host);
            self.held.begin();
        }
    }

    /// Time for a heartbeat, or for another session.
    pub(crate) fn on_heartbeat_due(&mut self, cx: &mut Cx) {
        if self.is_deaf(&cx.host) && !self.held.now() {
            self.hang_up("session silent for hours", &mut cx.host);
            return self.connect(cx);
        }
        if let State::AwaitReady { link, .. } | State::Live { link, .. } = self.state {
            link.beat(self.seq, &mut cx.host);
        }
    }
}

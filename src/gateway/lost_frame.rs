//! Frames nobody can have: too large for the host to give, or too large or too
//! broken for it to read at all.

use super::{Attempt, Gateway, News, State};
use crate::contract::{Failure, FailureKind, Level, SocketClosed, SocketSkipped};
use crate::cx::Cx;
use crate::host::Host;

impl Gateway {
    /// The host left a frame out. Its number is not known, and what is not known
    /// to be an event must not count as one: a Resume would go past what was never
    /// received. So the number stays until the next frame says its own; a Resume
    /// before that brings the frame again, and it is left out again.
    pub(crate) fn on_skipped(&mut self, skipped: SocketSkipped, host: &mut Host) {
        if self.socket() != Some(skipped.id) {
            return;
        }
        self.heard(host);
        host.count("frames_skipped");
        let text = format!(
            "gateway: a frame of {} bytes is larger than the host gives; it was left out",
            skipped.size
        );
        host.note_seldom("frame_skipped", Level::Warn, &text);
    }

    /// The connection broke over a frame. If that is an event, Resume brings it
    /// again: one is tried, for what is behind it. Then the session is left, with
    /// what it holds. Absent if it broke over something else.
    pub(super) fn broke_over_frame(
        &mut self,
        state: State,
        closed: &SocketClosed,
        cx: &mut Cx,
    ) -> Option<News<'static>> {
        let what = unreadable(closed.failure.as_ref()?.kind)?;
        let since_ms = match state {
            State::Live { since_ms, .. } => since_ms,
            State::AwaitReady {
                attempt: Attempt::Resume,
                ..
            } => cx.host.now().mono_ms,
            _ => return None,
        };
        self.session.as_ref()?;
        cx.host.count("frames_unreadable");
        if self.broke_at.replace(self.seq?) == self.seq {
            return Some(self.leave_session_behind(what, cx));
        }
        let text = format!("gateway: {what} arrived; resuming once");
        cx.host.note_seldom("frame_unreadable", Level::Warn, &text);
        let pace = self.after_life(since_ms, true, &cx.host);
        let failure = Failure::new(FailureKind::Protocol, format!("gateway: {what} arrived"));
        Some(self.reconnect(pace, failure, cx))
    }

    fn leave_session_behind(&mut self, what: &str, cx: &mut Cx) -> News<'static> {
        self.forget_session(&mut cx.host);
        let text = format!(
            "gateway: {what} came again with Resume; identifying anew, and the events behind it are lost"
        );
        cx.host.note_seldom("session_left", Level::Warn, &text);
        self.connect(cx);
        News::Changed
    }
}

const fn unreadable(kind: FailureKind) -> Option<&'static str> {
    match kind {
        FailureKind::TooLarge => Some("a frame larger than the host reads"),
        FailureKind::Protocol => Some("a frame that cannot be read"),
        _ => None,
    }
}

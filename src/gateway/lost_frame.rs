//! Frames nobody can have: too large for the host to give, or too large or too
//! broken for it to read at all.

use super::{Attempt, Gateway, News, State};
use crate::contract::{Failure, FailureKind, Level, SocketClosed, SocketSkipped};
use crate::host::Host;
use crate::token::AccessToken;

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
        token: &mut AccessToken,
        host: &mut Host,
    ) -> Option<News<'static>> {
        let what = unreadable(closed.failure.as_ref()?.kind)?;
        let since_ms = match state {
            State::Live { since_ms, .. } => since_ms,
            State::AwaitReady {
                attempt: Attempt::Resume,
                ..
            } => host.now().mono_ms,
            _ => return None,
        };
        self.session.as_ref()?;
        host.count("frames_unreadable");
        if self.broke_at.replace(self.seq?) == self.seq {
            return Some(self.leave_session_behind(what, token, host));
        }
        let text = format!("gateway: {what} arrived; resuming once");
        host.note_seldom("frame_unreadable", Level::Warn, &text);
        let pace = self.after_life(since_ms, true, host);
        let failure = Failure::new(FailureKind::Protocol, format!("gateway: {what} arrived"));
        Some(self.reconnect(pace, failure, token, host))
    }

    fn leave_session_behind(
        &mut self,
        what: &str,
        token: &mut AccessToken,
        host: &mut Host,
    ) -> News<'static> {
        self.forget_session(host);
        let text = format!(
            "gateway: {what} came again with Resume; identifying anew, and the events behind it are lost"
        );
        host.note_seldom("session_left", Level::Warn, &text);
        self.connect(token, host);
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

//! Op 9, invalid session: refused, and not yet said why.
//!
//! The server closes right behind it, and the close code is the real reason.

use super::heartbeat::Link;
use super::loss::{Loss, Pace};
use super::{Attempt, Gateway, News, State, Step};
use crate::contract::{Failure, FailureKind, Level};
use crate::host::Host;
use crate::timer::Timer;

/// How long the close frame behind op 9 may take.
const REASON_DEADLINE_MS: u64 = 5_000;

impl Gateway {
    /// Op 9: wait for the close frame before deciding.
    pub(super) fn on_invalid_session(&mut self, resumable: bool, host: &mut Host) {
        let (socket, attempt) = match self.state {
            State::AwaitReady { link, attempt } => (link.socket, Some(attempt)),
            State::Live { link, .. } => (link.socket, None),
            _ => return,
        };
        Link::end(host);
        self.detach(host);
        host.set_timer(Timer::Gateway, REASON_DEADLINE_MS);
        self.state = State::AwaitReason {
            socket,
            attempt,
            resumable,
        };
    }

    /// No close frame followed op 9.
    pub(super) fn no_reason_came(&mut self, host: &mut Host) -> News<'static> {
        let State::AwaitReason {
            attempt, resumable, ..
        } = self.state
        else {
            return News::Quiet;
        };
        self.hang_up("invalid session", host);
        self.refused(attempt, resumable, host);
        let failure = self.unexplained_refusal(attempt);
        host.note_seldom("gateway_op9", Level::Debug, &failure.to_string());
        let loss = Loss {
            step: Step::Identify,
            failure,
            pace: Pace::AfterOp9,
        };
        let loss = self.doubt(attempt, true, loss, host);
        self.pause(loss, host)
    }

    fn unexplained_refusal(&self, attempt: Option<Attempt>) -> Failure {
        if attempt == Some(Attempt::Identify) {
            return Failure::new(
                FailureKind::Unauthorized,
                "gateway: Identify was refused (op 9) without a reason",
            )
            .remedy(self.usual_causes());
        }
        Failure::new(
            FailureKind::Unavailable,
            "gateway: the session is not valid any more (op 9)",
        )
        .remedy("The channel identifies again by itself.")
    }

    /// Why an Identify is refused, when the platform does not say (bub-contrib#61,
    /// openclaw-qqbot#18).
    pub(super) fn usual_causes(&self) -> String {
        format!(
            "Most often an intent the bot has no permission for (subscribed were: {}), the public \
             IP address of this machine missing in the allow list of the console at q.qq.com, or \
             a bot that may use the sandbox only. It is tried again by itself.",
            self.subscribed().names()
        )
    }

    /// Op 9 refused the attempt. `resumable` allows one more Resume.
    pub(super) fn refused(&mut self, attempt: Option<Attempt>, resumable: bool, host: &mut Host) {
        self.attempt_failed(attempt, host);
        if !resumable || self.resume_failures > 1 {
            self.forget_session(host);
        }
    }
}

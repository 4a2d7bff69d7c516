//! Intents the platform refuses: found, left out, and named to the operator.

use super::grant::Next;
use super::loss::{Loss, Pace};
use super::{Attempt, Gateway, News, Session, State, Step};
use crate::config::{Intents, PRIVATE_GUILD_MESSAGES, PUBLIC_GUILD_MESSAGES};
use crate::contract::{Failure, FailureKind, Level};
use crate::host::Host;
use crate::utc;

const APPLY: &str = "Request these permissions for the bot in the console at q.qq.com, or remove them from `intents`.";

impl Gateway {
    /// What this session is, or will be, subscribed to.
    pub(super) const fn subscribed(&self) -> Intents {
        Intents::of(self.asked)
    }

    /// What is wanted and not subscribed to.
    pub(super) fn missing(&self) -> Intents {
        let mut missing = self.intents.mask() & !self.asked;
        if self.asked & PRIVATE_GUILD_MESSAGES != 0 {
            missing &= !PUBLIC_GUILD_MESSAGES;
        }
        Intents::of(missing)
    }

    /// `not permitted: …`, and what to do about it.
    pub(super) fn missing_grants(&self) -> Option<Failure> {
        let missing = self.missing();
        if missing.is_empty() {
            return None;
        }
        let again = self.grant.kept_until().map_or_else(String::new, |until| {
            format!(
                " The channel asks for them again when it connects after {}.",
                utc::format(until)
            )
        });
        let message = format!("not permitted: {}", missing.names());
        Some(Failure::new(FailureKind::Denied, message).remedy(format!("{APPLY}{again}")))
    }

    /// Close code 4013 or 4014: an intent is refused. Ask for fewer.
    pub(super) fn intents_refused(&mut self, failure: Failure, host: &mut Host) -> News<'static> {
        self.forget_session(host);
        match self.grant.refused(self.asked, host) {
            Next::Ask | Next::Retry => {
                let loss = self.next_question(&failure, host);
                self.pause(loss, host)
            }
            Next::Nothing => News::Fatal(Step::Identify, failure),
        }
    }

    /// Identify was refused without a reason that is clear. Perhaps it is an
    /// intent.
    pub(super) fn doubt(
        &mut self,
        attempt: Option<Attempt>,
        op9: bool,
        mut loss: Loss,
        host: &mut Host,
    ) -> Loss {
        if attempt != Some(Attempt::Identify) {
            return loss;
        }
        match self.grant.doubted(self.asked, op9, host) {
            Next::Ask => self.next_question(&loss.failure, host),
            Next::Retry | Next::Nothing => {
                if op9 || self.identify_rejections > 1 {
                    loss.failure.remedy = Some(self.usual_causes());
                }
                loss
            }
        }
    }

    /// These refusals are answers; the number of questions is bounded.
    fn next_question(&mut self, refusal: &Failure, host: &mut Host) -> Loss {
        self.identify_rejections = 0;
        host.count("intents_refused");
        let failure = Failure::new(
            FailureKind::Denied,
            format!(
                "{}; finding out which intents are permitted, question {}",
                refusal.message,
                self.grant.questions() + 1
            ),
        )
        .code(refusal.code)
        .remedy("This takes less than two minutes.");
        Loss {
            step: Step::Question,
            failure,
            pace: Pace::Question,
        }
    }

    /// READY: the intents asked for are granted. If others may be, too, this
    /// session is but an answer, and the next question follows.
    pub(super) fn granted(&mut self, host: &mut Host) -> bool {
        let negotiated = self.grant.questions() > 0;
        if !self.grant.accepted(self.asked, host) {
            return false;
        }
        if let Some(failure) = self.missing_grants().filter(|_| negotiated) {
            host.note(Level::Warn, format!("gateway: {failure}"));
        }
        true
    }

    /// Leaves a session that was only an answer.
    pub(super) fn ask_on(&mut self, host: &mut Host) -> News<'static> {
        self.hang_up("identifying with other intents", host);
        self.forget_session(host);
        Session::erase(host);
        let failure = Failure::new(
            FailureKind::Denied,
            "gateway: not all intents are permitted",
        );
        let loss = self.next_question(&failure, host);
        self.pause(loss, host)
    }

    /// Before an attempt: a session is left behind that hears nothing any more,
    /// or for intents that are worth another question.
    pub(super) fn review(&mut self, host: &mut Host) {
        let now = host.now().wall_ms;
        if self.grant.is_old(now) {
            self.grant.ask_again(host);
            self.forget_session(host);
        }
        if self.session.as_ref().is_some_and(|s| s.is_deaf(now)) {
            self.leave_deaf_session(host);
        }
    }

    /// On a heartbeat: whether the live session hears nothing any more.
    pub(super) fn is_deaf(&self, host: &Host) -> bool {
        let live = matches!(self.state, State::Live { .. });
        let deaf = |session: &Session| session.is_deaf(host.now().wall_ms);
        live && self.session.as_ref().is_some_and(deaf)
    }

    fn leave_deaf_session(&mut self, host: &mut Host) {
        host.count("sessions_deaf");
        host.note_seldom(
            "deaf",
            Level::Info,
            "gateway: the resumed session was silent for hours; identifying anew to be sure that events arrive",
        );
        self.forget_session(host);
    }
}

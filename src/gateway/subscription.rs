//! What the bot is subscribed to: intents the platform refuses are found, left
//! out, and named to the operator.

use super::grant::{Grant, Next};
use super::moves::{Move, Pace, Step, Trouble};
use super::session::Settings;
use super::state::Attempt;
use crate::config::{Intents, PRIVATE_GUILD_MESSAGES, PUBLIC_GUILD_MESSAGES};
use crate::contract::{Failure, FailureKind, Level};
use crate::host::Host;
use crate::state::State;
use crate::utc;

const APPLY: &str = "Request these permissions for the bot in the console at q.qq.com, or remove them from `intents`.";

#[derive(Debug)]
pub(super) struct Subscription {
    /// Which intents the bot may have.
    grant: Grant,
    /// The intents of the session, or of the Identify under way.
    asked: u32,
}

impl Subscription {
    /// What was found out for these settings.
    pub(super) fn load(state: &State, settings: &Settings) -> Self {
        Self {
            grant: Grant::load(state, &settings.app_id, settings.intents),
            asked: settings.intents,
        }
    }

    /// Asks for everything next time, for other settings if they are given: the
    /// operator may have asked for a permission.
    pub(super) fn reconfigure(&mut self, fresh: Option<&Settings>, host: &mut Host) {
        if let Some(settings) = fresh {
            self.grant = Grant::new(&settings.app_id, settings.intents);
        }
        self.grant.ask_again(host);
    }

    /// Before an attempt: whether what was found is too old to go by.
    pub(super) fn review(&mut self, host: &mut Host) -> bool {
        let old = self.grant.is_old(host.now().wall_ms);
        if old {
            self.grant.ask_again(host);
        }
        old
    }

    /// The intents of an Identify that is being sent.
    pub(super) fn ask(&mut self) -> u32 {
        self.asked = self.grant.mask();
        self.asked
    }

    /// Goes on with the intents of a session.
    pub(super) const fn resume(&mut self, intents: u32) {
        self.asked = intents;
    }

    pub(super) const fn asked(&self) -> u32 {
        self.asked
    }

    /// What this session is, or will be, subscribed to.
    pub(super) fn names(&self) -> String {
        Intents::of(self.asked).names()
    }

    /// What the operator wants.
    pub(super) const fn wanted(&self) -> Intents {
        Intents::of(self.grant.wanted())
    }

    /// What is wanted and not subscribed to.
    pub(super) const fn missing(&self) -> Intents {
        let mut missing = self.grant.wanted() & !self.asked;
        if self.asked & PRIVATE_GUILD_MESSAGES != 0 {
            missing &= !PUBLIC_GUILD_MESSAGES;
        }
        Intents::of(missing)
    }

    /// `not permitted: …`, and what to do about it.
    pub(super) fn not_permitted(&self) -> Option<Failure> {
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

    /// READY: the intents asked for are granted. If others may be, too, this
    /// session is but an answer, and the next question follows.
    pub(super) fn granted(&mut self, host: &mut Host) -> bool {
        let negotiated = self.grant.questions() > 0;
        if !self.grant.accepted(self.asked, host) {
            return false;
        }
        if let Some(failure) = self.not_permitted().filter(|_| negotiated) {
            host.note(Level::Warn, format!("gateway: {failure}"));
        }
        true
    }

    /// Close code 4013 or 4014: an intent is refused. Ask for fewer.
    pub(super) fn refused(&mut self, failure: Failure, host: &mut Host) -> Move {
        match self.grant.refused(self.asked, host) {
            Next::Ask | Next::Retry => self.next_question(&failure, host),
            Next::Nothing => Move::Fatal(Step::Identify, failure),
        }
    }

    /// Identify was refused without a reason that is clear, perhaps not for the
    /// first time. Perhaps it is an intent.
    pub(super) fn doubt(
        &mut self,
        mut trouble: Trouble,
        pace: Pace,
        again: bool,
        host: &mut Host,
    ) -> Move {
        let op9 = pace == Pace::AfterOp9;
        if self.grant.doubted(self.asked, op9, host) == Next::Ask {
            return self.next_question(&trouble.failure, host);
        }
        if op9 || again {
            trouble.failure.remedy = Some(self.usual_causes());
        }
        Move::Pause(trouble, pace)
    }

    /// What is asked after this refusal, or half a one.
    pub(super) fn next_question(&self, refusal: &Failure, host: &mut Host) -> Move {
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
        Move::Pause(Trouble::new(Step::Question, failure), Pace::Question)
    }

    /// Op 9 refused the attempt, and nothing else was said.
    pub(super) fn unexplained(&self, attempt: Option<Attempt>) -> Failure {
        if attempt == Some(Attempt::Identify) {
            let text = "gateway: Identify was refused (op 9) without a reason";
            return Failure::new(FailureKind::Unauthorized, text).remedy(self.usual_causes());
        }
        let text = "gateway: the session is not valid any more (op 9)";
        Failure::new(FailureKind::Unavailable, text)
            .remedy("The channel identifies again by itself.")
    }

    /// Why an Identify is refused, when the platform does not say (bub-contrib#61,
    /// openclaw-qqbot#18).
    fn usual_causes(&self) -> String {
        format!(
            "Most often an intent the bot has no permission for (subscribed were: {}), the public \
             IP address of this machine missing in the allow list of the console at q.qq.com, or \
             a bot that may use the sandbox only. It is tried again by itself.",
            self.names()
        )
    }
}

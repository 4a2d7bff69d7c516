//! Identify or Resume: as whom, over which session, and what a refusal means.
//!
//! Nothing here opens a socket or sets a timer of the connection: how to go on is
//! told as a [`Move`].

use super::budget::{Budget, Leave};
use super::close::{self, Verdict};
use super::frame::{self, Ready};
use super::heartbeat::Link;
use super::moves::{Move, Pace, Step, Trouble};
use super::resumption::Resumption;
use super::retries::Retries;
use super::session::{Session, Settings};
use super::state::{Attempt, State};
use super::subscription::Subscription;
use crate::config::Config;
use crate::contract::{Context, Failure, FailureKind, Id, Level, SocketClosed};
use crate::cx::Cx;
use crate::host::Host;
use crate::state::State as Stored;

/// What the bot and the platform know of each other.
#[derive(Debug)]
pub(super) struct Login {
    settings: Settings,
    pub(super) budget: Budget,
    pub(super) subscription: Subscription,
    pub(super) resumption: Resumption,
    pub(super) retries: Retries,
}

impl Login {
    /// Goes on with the stored session.
    pub(super) fn load(config: &Config, context: &Context, stored: &Stored) -> Self {
        let settings = Settings::of(config);
        let mut subscription = Subscription::load(stored, &settings);
        let resumption = Resumption::load(stored, &settings, context.wall_ms);
        if let Some(session) = resumption.session() {
            subscription.resume(session.intents());
        }
        Self {
            budget: Budget::load(stored, &settings.app_id),
            subscription,
            resumption,
            retries: Retries::default(),
            settings,
        }
    }

    /// Goes on under another configuration. With `fresh`, over a new session.
    pub(super) fn reconfigure(&mut self, config: &Config, fresh: bool, host: &mut Host) {
        if fresh {
            self.resumption.forget(host);
            self.settings = Settings::of(config);
            self.budget.serve(&self.settings.app_id);
        }
        let settings = fresh.then_some(&self.settings);
        self.subscription.reconfigure(settings, host);
        self.resumption.trust();
        self.retries = Retries::default();
    }

    /// Before an attempt: a session is left behind that hears nothing any more, or
    /// for intents that are worth another question.
    pub(super) fn review(&mut self, host: &mut Host) {
        if self.subscription.review(host) {
            self.resumption.forget(host);
        }
        self.resumption.review(host);
    }

    /// A socket is opened only for what may be sent over it.
    pub(super) fn leave(&self, host: &mut Host) -> Leave {
        if self.resumption.point().is_some() {
            return Leave::Now;
        }
        self.budget.ask(host)
    }

    /// Hello: Resume the session, or Identify.
    pub(super) fn begin(&mut self, socket: Id, host: &mut Host) -> Attempt {
        self.retries.begin();
        if let Some((session, seq)) = self.resumption.point() {
            self.subscription.resume(session.intents());
            host.send_text(frame::resume(socket, &session.id, seq));
            host.count("resumes");
            return Attempt::Resume;
        }
        self.resumption.restart();
        host.send_text(frame::identify(socket, self.subscription.ask()));
        self.budget.spend(host);
        host.count("identifies");
        Attempt::Identify
    }

    /// An event came; `is_new` unless it was heard before.
    pub(super) fn heard(&mut self, is_new: bool, host: &Host) {
        if is_new {
            self.retries.delivered();
        }
        self.resumption.heard(host);
    }

    /// What READY says.
    pub(super) fn ready(&mut self, ready: Option<Ready>, host: &mut Host) {
        let intents = self.subscription.asked();
        let session = ready.map(|ready| Session::new(&self.settings, intents, ready));
        self.resumption.replace(session, host);
    }

    /// Only READY and RESUMED prove the whole path: only they reset counters.
    pub(super) fn live(&mut self, link: Link, resumed: bool, host: &mut Host) {
        self.resumption.live(link, resumed, host);
        self.retries.live();
    }

    /// Leaves a session that was only an answer about intents.
    pub(super) fn ask_on(&mut self, host: &mut Host) -> Move {
        self.resumption.forget(host);
        Session::erase(host);
        let what = "gateway: not all intents are permitted";
        let failure = Failure::new(FailureKind::Denied, what);
        self.subscription.next_question(&failure, host)
    }

    /// The attempt ended without READY or RESUMED, `answered` or cut.
    pub(super) fn failed(&mut self, attempt: Attempt, answered: bool, host: &mut Host) {
        match attempt {
            Attempt::Identify => self.retries.rejected(),
            Attempt::Resume if answered => self.resumption.failed(host),
            Attempt::Resume => self.resumption.cut(host),
        }
    }

    /// Op 9 refused the attempt.
    fn refused(&mut self, attempt: Option<Attempt>, resumable: bool, host: &mut Host) {
        if let Some(attempt) = attempt {
            self.failed(attempt, true, host);
        }
        self.resumption.refused(resumable, host);
    }

    /// Another connection in place of one that ended without a refusal.
    pub(super) fn replace(
        &mut self,
        state: State,
        answered: bool,
        failure: Failure,
        host: &mut Host,
    ) -> Move {
        let pace = match state {
            State::Live { since_ms, .. } => self.after_life(since_ms, true, host),
            State::AwaitReady { attempt, .. } => {
                self.failed(attempt, answered, host);
                Some(Pace::Backoff)
            }
            _ => Some(Pace::Backoff),
        };
        Move::reconnect(pace, failure)
    }

    fn after_life(&mut self, since_ms: u64, routine: bool, host: &Host) -> Option<Pace> {
        let life_ms = host.now().mono_ms.saturating_sub(since_ms);
        self.retries.after_life(life_ms, routine)
    }

    /// No close frame followed op 9.
    pub(super) fn on_no_reason(
        &mut self,
        attempt: Option<Attempt>,
        resumable: bool,
        host: &mut Host,
    ) -> Move {
        self.refused(attempt, resumable, host);
        let failure = self.subscription.unexplained(attempt);
        host.note_seldom("gateway_op9", Level::Debug, &failure.to_string());
        let trouble = Trouble::new(Step::Identify, failure);
        self.doubt(attempt, trouble, Pace::AfterOp9, host)
    }

    /// The open socket closed.
    pub(super) fn on_closed(&mut self, state: State, closed: &SocketClosed, cx: &mut Cx) -> Move {
        let host = &mut cx.host;
        if let Some(next) = self.broke_over_frame(state, closed, host) {
            return next;
        }
        let (attempt, pace) = match state {
            State::AwaitReady { .. } if close::is_denied_for_good(closed) => {
                return Move::Fatal(Step::Identify, close::never_sent(closed));
            }
            State::AwaitReady { attempt, .. } => {
                self.failed(attempt, closed.code.is_some(), host);
                (Some(attempt), Some(Pace::Backoff))
            }
            State::AwaitReason {
                attempt, resumable, ..
            } => {
                self.refused(attempt, resumable, host);
                (attempt, Some(Pace::AfterOp9))
            }
            State::Live { since_ms, .. } => {
                let routine = close::lookup(closed.code).is_routine();
                (None, self.after_life(since_ms, routine, host))
            }
            _ => (None, Some(Pace::Backoff)),
        };
        self.follow(closed, state.step(), attempt, pace, cx)
    }

    /// Follows the table of close codes, at this pace unless it knows better.
    fn follow(
        &mut self,
        closed: &SocketClosed,
        step: Step,
        attempt: Option<Attempt>,
        pace: Option<Pace>,
        cx: &mut Cx,
    ) -> Move {
        let host = &mut cx.host;
        let row = close::lookup(closed.code);
        let failure = row.failure(closed, &self.subscription.names());
        // Operators learn it from the status, with what is done about it.
        host.note_seldom("gateway_closed", Level::Debug, &failure.to_string());
        let Some(pace) = pace else {
            return Move::Connect;
        };
        let trouble = Trouble::new(step, failure);
        match row.verdict {
            Verdict::Stop => Move::Fatal(step, trouble.failure),
            Verdict::Negotiate => {
                self.resumption.forget(host);
                self.subscription.refused(trouble.failure, host)
            }
            // It is asked to connect again, which says nothing about intents.
            Verdict::ResumeNow if pace != Pace::AfterOp9 => Move::Pause(trouble, pace),
            Verdict::ResumeNow | Verdict::Resume => self.doubt(attempt, trouble, pace, host),
            Verdict::ResumeSlowly => Move::Pause(trouble, Pace::Slow),
            Verdict::Identify => {
                self.resumption.forget(host);
                self.doubt(attempt, trouble, pace, host)
            }
            Verdict::Reauthenticate => {
                cx.token.refused(cx.token.generation(), host);
                self.resumption.forget(host);
                Move::Pause(trouble, pace)
            }
        }
    }

    /// Identify was refused without a reason that is clear.
    fn doubt(
        &mut self,
        attempt: Option<Attempt>,
        trouble: Trouble,
        pace: Pace,
        host: &mut Host,
    ) -> Move {
        if attempt != Some(Attempt::Identify) {
            return Move::Pause(trouble, pace);
        }
        let again = self.retries.is_rejected_again();
        self.subscription.doubt(trouble, pace, again, host)
    }

    /// The connection broke over a frame. If that is an event, Resume brings it
    /// again: one is tried, for what is behind it. Then the session is left, with
    /// what it holds. Absent if it broke over something else.
    fn broke_over_frame(
        &mut self,
        state: State,
        closed: &SocketClosed,
        host: &mut Host,
    ) -> Option<Move> {
        let what = close::unreadable(closed)?;
        let since_ms = match state {
            State::Live { since_ms, .. } => since_ms,
            State::AwaitReady {
                attempt: Attempt::Resume,
                ..
            } => host.now().mono_ms,
            _ => return None,
        };
        self.resumption.session()?;
        host.count("frames_unreadable");
        if self.resumption.broke_again()? {
            self.resumption.forget(host);
            let text = format!(
                "gateway: {what} came again with Resume; identifying anew, and the events behind it are lost"
            );
            host.note_seldom("session_left", Level::Warn, &text);
            return Some(Move::Connect);
        }
        let text = format!("gateway: {what} arrived");
        let note = format!("{text}; resuming once");
        host.note_seldom("frame_unreadable", Level::Warn, &note);
        let pace = self.after_life(since_ms, true, host);
        let failure = Failure::new(FailureKind::Protocol, text);
        Some(Move::reconnect(pace, failure))
    }
}

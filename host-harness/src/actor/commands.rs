//! Commands that wait for the channel's answer. Whatever happens to the
//! channel, each is answered once: by it, or by the host at the deadline.

use std::collections::BTreeMap;

use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};
use tokio::time::{Duration, Instant};

use crate::contract::{Check, Command, Failure, FailureKind, Receipt, Request};

/// What a command comes to.
pub(crate) type Answer = Result<Receipt, Failure>;
/// Findings of `doctor` and `access` on their way to whoever asked.
pub(crate) type Checks = mpsc::UnboundedSender<Check>;

/// A command on its way to the channel.
pub(crate) struct CommandOut {
    pub(crate) request: Request,
    pub(crate) within: Duration,
    pub(crate) answer: oneshot::Sender<Answer>,
    pub(crate) checks: Option<Checks>,
    /// Number of the message that is answered once this has succeeded.
    pub(crate) answers: Option<u64>,
    /// Its place among the commands outstanding, of which there are
    /// `limits::COMMANDS`; free when it is answered.
    pub(crate) place: OwnedSemaphorePermit,
}

/// Why a command is not even taken.
pub(crate) fn too_many() -> Failure {
    let what = "too many commands are waiting for this channel";
    Failure::new(FailureKind::RateLimited, what).with_remedy("send more slowly")
}

struct Waiting {
    _place: OwnedSemaphorePermit,
    answers: Option<u64>,
    deadline: Instant,
    answer: oneshot::Sender<Answer>,
    checks: Option<Checks>,
}

/// The commands the channel has and has not answered.
pub(super) struct Commands {
    last: u64,
    waiting: BTreeMap<u64, Waiting>,
}

impl Commands {
    /// Numbered from the time on: a channel may have stored numbers of an earlier
    /// host, and must not take a new command for an old one.
    pub(super) fn numbered_from(wall_ms: u64) -> Self {
        Self {
            last: wall_ms.saturating_mul(1_000),
            waiting: BTreeMap::new(),
        }
    }

    /// Numbers a command and starts its deadline.
    pub(super) fn accept(&mut self, command: CommandOut, now: Instant) -> Command {
        self.last += 1;
        let waiting = Waiting {
            _place: command.place,
            deadline: now + command.within,
            answer: command.answer,
            checks: command.checks,
            answers: command.answers,
        };
        self.waiting.insert(self.last, waiting);
        let deadline_ms = u64::try_from(command.within.as_millis()).unwrap_or(u64::MAX);
        Command {
            id: self.last,
            request: command.request,
            deadline_ms,
        }
    }

    /// The channel's answer. A command the host answered already is ignored.
    pub(super) fn complete(&mut self, id: u64, answer: Answer) {
        if let Some(waiting) = self.waiting.remove(&id) {
            let _gone = waiting.answer.send(answer);
        }
    }

    /// The message that is answered when this command succeeds.
    pub(super) fn answers(&self, id: u64) -> Option<u64> {
        self.waiting.get(&id)?.answers
    }

    /// Commands the channel has not answered.
    pub(super) fn open(&self) -> impl Iterator<Item = u64> {
        self.waiting.keys().copied()
    }

    /// Passes a finding on.
    pub(super) fn check(&self, check: Check) {
        if let Some(checks) = self
            .waiting
            .get(&check.command)
            .and_then(|waiting| waiting.checks.as_ref())
        {
            let _gone = checks.send(check);
        }
    }

    /// When the next command is overdue.
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        self.waiting.values().map(|waiting| waiting.deadline).min()
    }

    /// Does anybody still wait for its answer?
    pub(super) fn is_open(&self, id: u64) -> bool {
        self.waiting.contains_key(&id)
    }

    /// Answers every command that is overdue. True: there were some.
    pub(super) fn expire(&mut self, now: Instant) -> bool {
        let open = self.waiting.len();
        let overdue = self
            .waiting
            .extract_if(.., |_, waiting| waiting.deadline <= now);
        for (_, waiting) in overdue {
            let _gone = waiting.answer.send(Err(overdue_failure()));
        }
        self.waiting.len() < open
    }

    /// Answers everything that waits: the channel will not.
    pub(super) fn fail_all(&mut self, failure: &Failure) {
        for (_, waiting) in std::mem::take(&mut self.waiting) {
            let _gone = waiting.answer.send(Err(failure.clone()));
        }
    }
}

/// What a command comes to that nobody answers in time.
pub(crate) fn overdue_failure() -> Failure {
    Failure::new(FailureKind::TimedOut, "the channel did not answer in time")
        .with_remedy("it may have been carried out; look before sending it again")
}

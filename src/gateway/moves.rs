//! What comes next, as a value; the machine carries it out.

use super::frame::Dispatch;
use crate::contract::Failure;

/// What an event meant.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum News<'f> {
    /// Nothing to tell.
    Quiet,
    /// An event for the bot.
    Dispatch(Dispatch<'f>),
    /// Something about the connection changed.
    Changed,
    /// No restart mends what this failed at.
    Fatal(Step, Failure),
}

/// What a connection failed at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Finding and opening the gateway.
    Gateway,
    /// Identify or Resume.
    Identify,
    /// Nothing: it answered which intents are permitted.
    Question,
}

/// Why the machine pauses, or paused last.
#[derive(Clone, Debug)]
pub(super) struct Trouble {
    pub(super) step: Step,
    pub(super) failure: Failure,
}

impl Trouble {
    pub(super) const fn new(step: Step, failure: Failure) -> Self {
        Self { step, failure }
    }
}

/// When to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    /// After a pause that grows.
    Backoff,
    /// The same, but not before the server had time to forget op 9.
    AfterOp9,
    /// After a minute.
    Slow,
    /// As soon as another Identify is allowed.
    Question,
}

/// How to go on where there is no connection.
#[derive(Debug)]
pub(super) enum Move {
    /// At once.
    Connect,
    /// At once, although something is wrong.
    ConnectDespite(Trouble),
    /// Later.
    Pause(Trouble, Pace),
    /// Not before a person has done something.
    Fatal(Step, Failure),
}

impl Move {
    /// At the given pace after a connection ended; without one at once.
    pub(super) fn reconnect(pace: Option<Pace>, failure: Failure) -> Self {
        let Some(pace) = pace else {
            return Self::Connect;
        };
        let failure = failure.remedy("The channel reconnects by itself.");
        Self::Pause(Trouble::new(Step::Identify, failure), pace)
    }
}

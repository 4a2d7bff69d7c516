//! The life of a channel's instances: the one that runs, when the next is born,
//! and whether a new component has proved itself.
//!
//! It calls the instance and counts its deaths. It starts none itself, and knows
//! nothing of what the channel has.

use tokio::time::{Duration, Instant};

use super::clock::{mono_ms, wall_ms};
use super::revive::{Revive, Verdict, random};
use super::setup::Setup;
use crate::contract::{Action, Envelope, Event};
use crate::sandbox::Instance;

/// How long a replacement is on probation.
const PROBATION: Duration = Duration::from_secs(60);
/// Deaths in that time that bring the old one back.
const DEATHS: u32 = 2;

enum Phase {
    Running(Box<Instance>),
    /// A fresh instance is due then.
    Waiting(Instant),
    /// Given up; the text says why.
    Stopped(String),
}

/// What ran before a replacement, while that is on probation.
struct Probation {
    before: Setup,
    since: Instant,
    deaths: u32,
}

pub(super) struct Life {
    phase: Phase,
    revive: Revive,
    probation: Option<Probation>,
    /// Events given to the instance that runs.
    seq: u64,
    /// The zero of the clock that never jumps.
    began: Instant,
}

impl Life {
    /// The first instance is due at once.
    pub(super) fn new(now: Instant) -> Self {
        Self {
            phase: Phase::Waiting(now),
            revive: Revive::default(),
            probation: None,
            seq: 0,
            began: now,
        }
    }

    pub(super) fn is_running(&self) -> bool {
        matches!(self.phase, Phase::Running(_))
    }

    /// When a fresh instance is due, if one is.
    pub(super) fn due(&self) -> Option<Instant> {
        match self.phase {
            Phase::Waiting(until) => Some(until),
            Phase::Running(_) | Phase::Stopped(_) => None,
        }
    }

    /// Why it has given up, if it has.
    pub(super) fn stopped(&self) -> Option<&str> {
        match &self.phase {
            Phase::Stopped(reason) => Some(reason),
            Phase::Running(_) | Phase::Waiting(_) => None,
        }
    }

    pub(super) fn mono_ms(&self) -> u64 {
        mono_ms(self.began)
    }

    /// Wraps an event for the instance that runs.
    pub(super) fn envelope(
        &mut self,
        event: Event,
        redelivered: bool,
        frames_waiting: bool,
    ) -> Envelope {
        self.seq += 1;
        Envelope {
            seq: self.seq,
            wall_ms: wall_ms(),
            mono_ms: self.mono_ms(),
            redelivered,
            frames_waiting,
            event,
        }
    }

    /// Gives an event to the instance. What it answers, and what it printed.
    pub(super) async fn call(
        &mut self,
        envelope: &Envelope,
    ) -> (Result<Vec<Action>, String>, Option<String>) {
        let Phase::Running(instance) = &mut self.phase else {
            return (Err("no instance runs".to_owned()), None);
        };
        let answer = instance.handle(envelope).await;
        let answer = answer.map_err(|death| death.to_string());
        (answer, instance.printed())
    }

    /// This instance runs from now on.
    pub(super) fn run(&mut self, instance: Instance, now: Instant) {
        self.phase = Phase::Running(Box::new(instance));
        self.seq = 0;
        self.revive.started(now);
    }

    /// A fresh instance is due then.
    pub(super) fn wait_until(&mut self, then: Instant) {
        self.phase = Phase::Waiting(then);
    }

    /// Gives up.
    pub(super) fn stop(&mut self, reason: String) {
        self.phase = Phase::Stopped(reason);
    }

    /// Another component is to begin: nothing before it counts.
    pub(super) fn begin_anew(&mut self, now: Instant) {
        self.probation = None;
        self.revive.forgive();
        self.phase = Phase::Waiting(now);
    }

    /// Another component takes over from one that runs; what was set up before
    /// comes back if it keeps dying.
    pub(super) fn try_out(&mut self, before: Setup, now: Instant) {
        self.revive.forgive();
        self.probation = Some(Probation {
            before,
            since: now,
            deaths: 0,
        });
    }

    /// An instance has died. `Some`: the component died too often on probation,
    /// and this is what to go back to.
    pub(super) fn roll_back(&mut self, died: Instant) -> Option<Setup> {
        let probation = self.probation.as_mut()?;
        probation.deaths += 1;
        if died.duration_since(probation.since) >= PROBATION {
            self.probation = None;
            return None;
        }
        if probation.deaths < DEATHS {
            return None;
        }
        self.revive.forgive();
        self.probation.take().map(|probation| probation.before)
    }

    /// When the next one is born after a death.
    pub(super) fn next_birth(&mut self, died: Instant) -> Verdict {
        self.revive.died(died, random())
    }
}

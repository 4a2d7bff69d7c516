//! Events that share a commit: state first, then effects, in order.

use std::collections::BTreeSet;

use tokio::time::Instant;

use crate::contract::Action;
use crate::limits;
use crate::store::{Changes, Commit};

/// What a run of events asked for and has not got yet.
pub(super) struct Batch {
    pub(super) changes: Changes,
    pub(super) effects: Vec<Action>,
    /// How many of them are messages for the agent.
    pub(super) deliveries: usize,
    /// Numbers of messages the agent is done with.
    pub(super) answered: Vec<u64>,
    /// Events that nobody could handle, as lines of a trace.
    pub(super) set_aside: Vec<Vec<u8>>,
    events: usize,
    began: Instant,
}

impl Batch {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            changes: Changes::new(),
            effects: Vec::new(),
            deliveries: 0,
            answered: Vec::new(),
            set_aside: Vec::new(),
            events: 0,
            began: now,
        }
    }

    /// Takes back a request that was asked for in this very batch; whether it was.
    pub(super) fn unsend(&mut self, id: u64) -> bool {
        let before = self.effects.len();
        self.effects
            .retain(|action| !matches!(action, Action::SendHttp(send) if send.id == id));
        self.effects.len() < before
    }

    /// Requests it asks for.
    pub(super) fn requests(&self) -> BTreeSet<u64> {
        let ids = self.effects.iter().filter_map(|action| match action {
            Action::SendHttp(send) => Some(send.id),
            _ => None,
        });
        ids.collect()
    }

    /// Nothing of it must outlive the process.
    pub(super) fn needs_no_disk(&self) -> bool {
        self.changes.is_empty()
            && self.answered.is_empty()
            && self.set_aside.is_empty()
            && self.deliveries == 0
    }

    /// Takes in a batch that came after this one.
    pub(super) fn absorb(&mut self, later: Self) {
        self.changes.extend(later.changes);
        self.effects.extend(later.effects);
        self.deliveries += later.deliveries;
        self.answered.extend(later.answered);
        self.set_aside.extend(later.set_aside);
    }

    /// What could not be written belongs to the batch again.
    pub(super) fn take_back(&mut self, commit: Commit) {
        self.changes = commit.changes;
        self.answered = commit.answered;
        self.set_aside = commit.set_aside;
    }

    pub(super) fn counted(&mut self) {
        self.events += 1;
    }

    /// Should it be committed although more events wait? A busy disk could not
    /// take it yet, so then it may go on growing.
    pub(super) fn is_full(&self, now: Instant, disk_is_busy: bool) -> bool {
        let late = now.duration_since(self.began) >= limits::BATCH_TIME;
        self.events >= limits::BATCH || (late && !disk_is_busy)
    }
}

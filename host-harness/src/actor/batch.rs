//! Events that share a commit: state first, then effects, in order.

use tokio::time::Instant;

use crate::contract::Action;
use crate::limits;
use crate::store::Changes;

/// What a run of events asked for and has not got yet.
pub(super) struct Batch {
    pub(super) changes: Changes,
    /// Each with the time of its event, from which timers count.
    pub(super) effects: Vec<(Instant, Action)>,
    /// How many of them are messages for the agent.
    pub(super) deliveries: usize,
    events: usize,
    began: Instant,
}

impl Batch {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            changes: Changes::new(),
            effects: Vec::new(),
            deliveries: 0,
            events: 0,
            began: now,
        }
    }

    pub(super) fn counted(&mut self) {
        self.events += 1;
    }

    /// Should it be committed although more events wait?
    pub(super) fn is_full(&self, now: Instant) -> bool {
        self.events >= limits::BATCH || now.duration_since(self.began) >= limits::BATCH_TIME
    }
}

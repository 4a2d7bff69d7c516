//! Events that share a commit: state first, then effects, in order.

use std::collections::BTreeSet;

use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::contract::Action;
use crate::form;
use crate::limits;
use crate::store::{Changes, Commit, Fault, Store};

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

/// A batch, and whether it is durable.
pub(super) type Written = (Batch, Result<(), Fault>);

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

    /// Puts behind the commit what must not happen before it.
    pub(super) fn add(&mut self, effect: Action) {
        self.deliveries += usize::from(matches!(effect, Action::Deliver(_)));
        self.effects.push(effect);
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

    /// Writes it down, its messages in the order of their numbers, from `first`
    /// on. The disk may take its time; the runtime's threads do not wait.
    pub(super) fn write(mut self, store: Store, first: u64) -> JoinHandle<Written> {
        tokio::task::spawn_blocking(move || {
            let commit = self.take_commit(first);
            let outcome = store.commit(&commit);
            if outcome.is_err() {
                self.take_back(commit);
            }
            (self, outcome)
        })
    }

    fn take_commit(&mut self, first: u64) -> Commit {
        let messages = self.effects.iter().filter_map(|action| match action {
            Action::Deliver(message) => Some(form::write_message(message)),
            _ => None,
        });
        Commit {
            arrived: (first..).zip(messages).collect(),
            changes: std::mem::take(&mut self.changes),
            answered: std::mem::take(&mut self.answered),
            set_aside: std::mem::take(&mut self.set_aside),
        }
    }

    /// What could not be written belongs to the batch again.
    fn take_back(&mut self, commit: Commit) {
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

#[cfg(test)]
pub(super) mod tests {
    use crate::contract::{Body, SendHttp};

    /// A request with this number.
    pub(in crate::actor) fn request(id: u64) -> SendHttp {
        SendHttp {
            id,
            method: "GET".to_owned(),
            url: "https://x.test/".to_owned(),
            headers: vec![],
            body: Body::Empty,
            timeout_ms: 1_000,
            secrets: vec![],
            into_blob: false,
        }
    }
}

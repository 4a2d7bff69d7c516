//! State first, then effects: one commit on its way to the disk at a time, and
//! the next events handled meanwhile.
//!
//! It decides when a batch is written and what of it may happen. It makes none of
//! it happen itself: what is durable comes back as an [`Outcome`].

use std::collections::BTreeSet;

use tokio::task::JoinHandle;
use tokio::time::{Duration, Instant};

use super::batch::{Batch, Written};
use crate::contract::Action;
use crate::store::{Fault, Store};

/// The pause before a disk that refuses to write is tried again doubles so often,
/// from a second.
const DOUBLINGS: u32 = 4;

/// The store, and the batch on its way there.
pub(super) struct Commits {
    store: Store,
    committing: Option<Committing>,
}

/// A batch whose state is on its way to the disk. The effects travel along and
/// come back, so that the messages among them are written down on the way.
struct Committing {
    stage: Stage,
    /// How many of the effects are messages for the agent.
    deliveries: usize,
    /// Number of the first of them.
    first: u64,
    refusals: Option<Refusals>,
    /// Requests among the effects that are still wanted.
    requests: BTreeSet<u64>,
}

enum Stage {
    Writing(JoinHandle<Written>),
    /// The disk refused it. It is tried again then, and until then no event is
    /// handled: nothing may happen that would be forgotten.
    Paused(Box<Batch>, Instant),
}

/// Refusals of one batch by the disk.
struct Refusals {
    count: u32,
    since: Instant,
}

/// What a commit has come to.
pub(super) enum Outcome {
    /// It is durable, and its effects may happen.
    Durable {
        effects: Vec<Action>,
        /// Number of the first message among them.
        first: u64,
        /// How long the disk took nothing, if it did.
        paused: Option<Duration>,
    },
    /// The disk does not take it: nothing goes on until it does.
    Refused(Fault),
    /// Nothing of it may happen, and trying again does not help.
    Lost(Fault),
}

impl Commits {
    pub(super) fn new(store: Store) -> Self {
        let committing = None;
        Self { store, committing }
    }

    /// Starts to write a batch whose messages are numbered from `first`. None may
    /// be on its way, but for one that the disk refused: then both become durable
    /// together.
    pub(super) fn start(&mut self, batch: Batch, first: u64) {
        match &mut self.committing {
            // Numbers run on, and so do the effects.
            Some(paused) => paused.absorb(batch),
            None => {
                self.committing = Some(Committing {
                    deliveries: batch.deliveries,
                    requests: batch.requests(),
                    stage: Stage::Writing(batch.write(self.store.clone(), first)),
                    first,
                    refusals: None,
                });
            }
        }
    }

    /// What became of the batch on its way; never, if there is none.
    pub(super) async fn written(&mut self) -> Written {
        match self.committing.as_mut().map(|one| &mut one.stage) {
            Some(Stage::Writing(task)) => match task.await {
                Ok(written) => written,
                // redb does not panic over a file that it has checked.
                Err(panic) => (Batch::new(Instant::now()), Err(Fault::lost(&panic))),
            },
            Some(Stage::Paused(..)) | None => std::future::pending().await,
        }
    }

    /// Takes in what `written` said. `None`: nothing was on its way.
    pub(super) fn finish(&mut self, (batch, outcome): Written, now: Instant) -> Option<Outcome> {
        let committing = self.committing.take()?;
        Some(match outcome {
            Ok(()) => Outcome::Durable {
                effects: committing.wanted(batch.effects),
                first: committing.first,
                paused: committing.refusals.map(|refusals| now - refusals.since),
            },
            Err(fault) if fault.lasting => Outcome::Lost(fault),
            Err(fault) => {
                self.committing = Some(committing.refused(batch, now));
                Outcome::Refused(fault)
            }
        })
    }

    /// When a batch the disk refused is due again.
    pub(super) fn retry_at(&self) -> Option<Instant> {
        match self.committing.as_ref()?.stage {
            Stage::Writing(_) => None,
            Stage::Paused(_, until) => Some(until),
        }
    }

    /// Tries the batch again that the disk refused.
    pub(super) fn retry(&mut self) {
        let Some(mut committing) = self.committing.take() else {
            return;
        };
        committing.stage = match committing.stage {
            Stage::Paused(batch, _) => {
                Stage::Writing(batch.write(self.store.clone(), committing.first))
            }
            writing @ Stage::Writing(_) => writing,
        };
        self.committing = Some(committing);
    }

    /// Nothing is on its way, and nothing waits for the disk.
    pub(super) fn is_idle(&self) -> bool {
        self.committing.is_none()
    }

    /// Is a batch being written?
    pub(super) fn is_writing(&self) -> bool {
        !self.is_idle() && self.retry_at().is_none()
    }

    /// Is the disk still busy with the batch before?
    pub(super) fn is_busy(&self) -> bool {
        let stage = self.committing.as_ref().map(|one| &one.stage);
        stage.is_some_and(|stage| match stage {
            Stage::Writing(written) => !written.is_finished(),
            Stage::Paused(..) => true,
        })
    }

    /// Messages for the agent that wait for their commit.
    pub(super) fn deliveries(&self) -> usize {
        self.committing.as_ref().map_or(0, |one| one.deliveries)
    }

    /// Takes back a request that waits for its state; whether it did.
    pub(super) fn unsend(&mut self, id: u64) -> bool {
        let committing = self.committing.as_mut();
        committing.is_some_and(|committing| committing.unsend(id))
    }
}

impl Committing {
    /// The disk did not take it: a second's pause, longer each time.
    fn refused(mut self, batch: Batch, now: Instant) -> Self {
        let first = Refusals {
            count: 0,
            since: now,
        };
        let refusals = self.refusals.get_or_insert(first);
        let pause = Duration::from_secs(1 << refusals.count.min(DOUBLINGS));
        refusals.count += 1;
        self.stage = Stage::Paused(Box::new(batch), now + pause);
        self
    }

    fn unsend(&mut self, id: u64) -> bool {
        self.requests.remove(&id)
    }

    /// The effects that are still wanted.
    fn wanted(&self, mut effects: Vec<Action>) -> Vec<Action> {
        keep_wanted(&mut effects, &self.requests);
        effects
    }

    /// Takes a later batch in: both become durable together. A number that was
    /// called off may be in use again there.
    fn absorb(&mut self, later: Batch) {
        self.deliveries += later.deliveries;
        let more = later.requests();
        if let Stage::Paused(batch, _) = &mut self.stage {
            keep_wanted(&mut batch.effects, &self.requests);
            batch.absorb(later);
        }
        self.requests.extend(more);
    }
}

/// Leaves out the requests that were called off.
fn keep_wanted(effects: &mut Vec<Action>, requests: &BTreeSet<u64>) {
    effects.retain(|action| match action {
        Action::SendHttp(send) => requests.contains(&send.id),
        _ => true,
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::batch::tests::request;

    fn batch(ids: [u64; 2]) -> Batch {
        let mut batch = Batch::new(Instant::now());
        batch.effects = ids.map(|id| Action::SendHttp(request(id))).into();
        batch
    }

    fn committing(batch: &Batch, stage: Stage) -> Committing {
        Committing {
            stage,
            deliveries: 0,
            first: 0,
            refusals: None,
            requests: batch.requests(),
        }
    }

    #[tokio::test]
    async fn a_request_called_off_while_its_state_is_written_is_not_sent() {
        let batch = batch([1, 2]);
        let effects = batch.effects.clone();
        let written = tokio::spawn(std::future::pending());
        let mut committing = committing(&batch, Stage::Writing(written));
        assert!(committing.unsend(1));
        assert!(!committing.unsend(1) && !committing.unsend(7));
        let left = committing.wanted(effects);
        assert_eq!(left, [Action::SendHttp(request(2))]);
    }

    /// A commit that waits for a disk.
    fn paused(first: Batch) -> Committing {
        let requests = first.requests();
        let stage = Stage::Paused(Box::new(first), Instant::now());
        Committing {
            requests,
            ..committing(&batch([7, 8]), stage)
        }
    }

    #[test]
    fn a_request_called_off_while_the_disk_is_full_is_not_sent() {
        let mut committing = paused(batch([1, 2]));
        committing.absorb(batch([3, 4]));
        assert!(committing.unsend(1) && committing.unsend(4));
        let Stage::Paused(batch, _) = &committing.stage else {
            panic!("it goes on by itself");
        };
        let left = committing.wanted(batch.effects.clone());
        assert_eq!(left, [2, 3].map(|id| Action::SendHttp(request(id))));
    }

    #[test]
    fn a_number_called_off_and_used_again_is_sent_once() {
        let mut committing = paused(batch([1, 2]));
        assert!(committing.unsend(1));
        committing.absorb(batch([1, 3]));
        let Stage::Paused(batch, _) = &committing.stage else {
            panic!("it goes on by itself");
        };
        let left = committing.wanted(batch.effects.clone());
        assert_eq!(left, [2, 1, 3].map(|id| Action::SendHttp(request(id))));
    }
}

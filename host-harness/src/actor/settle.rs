//! State first, then effects: one commit on its way at a time, and the next
//! events handled meanwhile.

use std::collections::BTreeSet;

use tokio::task::JoinHandle;
use tokio::time::{Duration, Instant};

use super::batch::Batch;
use super::deliveries::Delivered;
use super::parts::{Actor, StatusReport};
use crate::contract::{Action, ChannelState};
use crate::form;
use crate::store::{Commit, Fault, Store};

/// The pause before a disk that refuses to write is tried again doubles so often,
/// from a second.
const DOUBLINGS: u32 = 4;

/// A batch whose state is on its way to the disk. The effects travel along and
/// come back, so that the messages among them are written down on the way.
pub(super) struct Committing {
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
    /// What the channel said of itself before.
    status: StatusReport,
}

/// A batch, and whether it is durable.
pub(super) type Written = (Batch, Result<(), Fault>);

impl Actor {
    /// Starts the commit of a batch; its effects follow when it is durable.
    /// The batch before it is finished first, so effects keep their order.
    pub(super) async fn settle(&mut self, mut batch: Batch) {
        self.finish_commit().await;
        if self.has_stopped() {
            return;
        }
        self.take_answered(&mut batch.answered);
        if let Some(paused) = &mut self.committing {
            // Numbers run on, and so do the effects.
            self.inbox.number(batch.deliveries, &mut batch.answered);
            return paused.absorb(batch);
        }
        if batch.needs_no_disk() {
            return self.release(batch.effects, 0);
        }
        let first = self.inbox.number(batch.deliveries, &mut batch.answered);
        self.committing = Some(Committing {
            deliveries: batch.deliveries,
            requests: batch.requests(),
            stage: Stage::Writing(write(self.store.clone(), batch, first)),
            first,
            refusals: None,
        });
    }

    /// Waits for the commit on its way, and lets its effects happen if it is
    /// durable. One that the disk refused stays, to be tried again.
    pub(super) async fn finish_commit(&mut self) {
        if self.is_writing() {
            let outcome = written(&mut self.committing).await;
            self.committed(outcome);
        }
    }

    /// The commit on its way has come to this.
    pub(super) fn committed(&mut self, (batch, outcome): Written) {
        let Some(committing) = self.committing.take() else {
            return;
        };
        match outcome {
            Ok(()) => {
                let effects = committing.wanted(batch.effects);
                if let Some(refusals) = committing.refusals {
                    self.written_again(refusals);
                }
                self.release(effects, committing.first);
            }
            // Nothing of it may happen: it would be forgotten.
            Err(fault) if fault.lasting => self.stop(fault.error.to_string()),
            Err(fault) => self.pause(committing, batch, fault),
        }
    }

    /// The disk does not take a batch: nothing goes on until it does.
    fn pause(&mut self, mut committing: Committing, batch: Batch, fault: Fault) {
        let now = Instant::now();
        let status = self.outlets.status.borrow().clone();
        let refusals = committing.refusals.get_or_insert(Refusals {
            count: 0,
            since: now,
            status,
        });
        let pause = Duration::from_secs(1 << refusals.count.min(DOUBLINGS));
        refusals.count += 1;
        if refusals.count == 1 {
            tracing::error!(channel = %self.spec.name, error = %fault.error, "the channel pauses until its state can be written; it tries again by itself");
            self.outlets.counters.add("state_write_failures", 1);
        }
        self.outlets.report(StatusReport {
            state: ChannelState::Degraded,
            detail: format!("paused: {}", fault.error.what()),
            fatal: false,
        });
        committing.stage = Stage::Paused(Box::new(batch), now + pause);
        self.committing = Some(committing);
    }

    fn written_again(&self, refusals: Refusals) {
        tracing::info!(
            channel = %self.spec.name,
            paused_s = refusals.since.elapsed().as_secs(),
            "the state is written again; the channel goes on"
        );
        self.outlets.report(refusals.status);
    }

    /// When a batch the disk refused is due again.
    pub(super) fn retry_at(&self) -> Option<Instant> {
        match self.committing.as_ref()?.stage {
            Stage::Writing(_) => None,
            Stage::Paused(_, until) => Some(until),
        }
    }

    /// Tries the batch again that the disk refused.
    pub(super) fn retry_commit(&mut self) {
        let Some(mut committing) = self.committing.take() else {
            return;
        };
        committing.stage = match committing.stage {
            Stage::Paused(batch, _) => {
                Stage::Writing(write(self.store.clone(), *batch, committing.first))
            }
            writing @ Stage::Writing(_) => writing,
        };
        self.committing = Some(committing);
    }

    /// Is a batch on its way?
    pub(super) fn is_writing(&self) -> bool {
        self.committing.is_some() && self.retry_at().is_none()
    }

    /// Messages for the agent that wait for their commit.
    pub(super) fn uncommitted_deliveries(&self) -> usize {
        self.committing
            .as_ref()
            .map_or(0, |committing| committing.deliveries)
    }

    /// Is the disk still busy with the batch before?
    pub(super) fn disk_is_busy(&self) -> bool {
        self.committing
            .as_ref()
            .is_some_and(|committing| match &committing.stage {
                Stage::Writing(written) => !written.is_finished(),
                Stage::Paused(..) => true,
            })
    }

    fn release(&mut self, effects: Vec<Action>, first: u64) {
        let mut gave_up = None;
        let mut number = first;
        for action in effects {
            match action {
                // Last: what else the channel had to say is still said.
                Action::GiveUp(reason) => gave_up = Some(reason),
                Action::Deliver(message) => {
                    self.deliver(Delivered {
                        number,
                        message,
                        again: false,
                    });
                    number += 1;
                }
                action => self.perform(action),
            }
        }
        if let Some(reason) = gave_up {
            self.stop(reason);
        }
    }
}

impl Committing {
    /// Takes back a request that waits for its state; whether it did.
    pub(super) fn unsend(&mut self, id: u64) -> bool {
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

/// What became of the commit on its way; never, if there is none.
pub(super) async fn written(committing: &mut Option<Committing>) -> Written {
    match committing.as_mut().map(|committing| &mut committing.stage) {
        Some(Stage::Writing(task)) => match task.await {
            Ok(written) => written,
            // redb does not panic over a file that it has checked.
            Err(panic) => (Batch::new(Instant::now()), Err(Fault::lost(&panic))),
        },
        Some(Stage::Paused(..)) | None => std::future::pending().await,
    }
}

/// Writes a batch down, its messages in the order of their numbers. The disk may
/// take its time; the runtime's threads do not wait.
fn write(store: Store, mut batch: Batch, first: u64) -> JoinHandle<Written> {
    tokio::task::spawn_blocking(move || {
        let messages = batch.effects.iter().filter_map(|action| match action {
            Action::Deliver(message) => Some(message),
            _ => None,
        });
        let arrived = (first..)
            .zip(messages)
            .map(|(number, message)| (number, form::write_message(message)));
        let commit = Commit {
            arrived: arrived.collect(),
            changes: std::mem::take(&mut batch.changes),
            answered: std::mem::take(&mut batch.answered),
            set_aside: std::mem::take(&mut batch.set_aside),
        };
        let outcome = store.commit(&commit);
        if outcome.is_err() {
            batch.take_back(commit);
        }
        (batch, outcome)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::cancel::tests::request;

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

    #[test]
    fn a_request_called_off_while_the_disk_is_full_is_not_sent() {
        let first = batch([1, 2]);
        let requests = first.requests();
        let stage = Stage::Paused(Box::new(first), Instant::now());
        let mut committing = Committing {
            requests,
            ..committing(&batch([7, 8]), stage)
        };
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
        let first = batch([1, 2]);
        let requests = first.requests();
        let stage = Stage::Paused(Box::new(first), Instant::now());
        let mut committing = Committing {
            requests,
            ..committing(&batch([7, 8]), stage)
        };
        assert!(committing.unsend(1));
        committing.absorb(batch([1, 3]));
        let Stage::Paused(batch, _) = &committing.stage else {
            panic!("it goes on by itself");
        };
        let left = committing.wanted(batch.effects.clone());
        assert_eq!(left, [2, 1, 3].map(|id| Action::SendHttp(request(id))));
    }
}

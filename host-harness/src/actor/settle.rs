//! State first, then effects: one commit on its way at a time, and the next
//! events handled meanwhile.

use tokio::task::JoinHandle;

use super::batch::Batch;
use super::deliveries::Delivered;
use super::parts::Actor;
use crate::contract::Action;
use crate::error::{Error, ErrorKind, Result};
use crate::store::{Commit, Store};

/// A batch whose state is on its way to the disk. The effects travel along and
/// come back, so that the messages among them are written down on the way.
pub(super) struct Committing {
    written: JoinHandle<Result<Vec<Action>>>,
    /// How many of the effects are messages for the agent.
    deliveries: usize,
    /// Number of the first of them.
    first: u64,
}

impl Actor {
    /// Starts the commit of a batch; its effects follow when it is durable.
    /// The batch before it is finished first, so effects keep their order.
    pub(super) async fn settle(&mut self, mut batch: Batch) {
        if !self.finish_commit().await {
            return;
        }
        self.take_answered(&mut batch.answered);
        if batch.needs_no_disk() {
            return self.release(batch.effects, 0);
        }
        let first = self.inbox.number(batch.deliveries, &mut batch.answered);
        let (store, deliveries) = (self.store.clone(), batch.deliveries);
        self.committing = Some(Committing {
            // The disk may take its time; the runtime's threads do not wait.
            written: tokio::task::spawn_blocking(move || write(&store, batch, first)),
            deliveries,
            first,
        });
    }

    /// Waits for the commit on its way and lets its effects happen. False: the
    /// state cannot be written and the channel has stopped.
    pub(super) async fn finish_commit(&mut self) -> bool {
        if self.committing.is_some() {
            let outcome = written(&mut self.committing).await;
            self.committed(outcome);
        }
        !self.has_stopped()
    }

    /// The commit on its way has come to this.
    pub(super) fn committed(&mut self, outcome: Result<Vec<Action>>) {
        let Some(committing) = self.committing.take() else {
            return;
        };
        match outcome {
            Ok(effects) => self.release(effects, committing.first),
            // Nothing of it may happen: it would be forgotten.
            Err(error) => self.stop(error.to_string()),
        }
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
            .is_some_and(|committing| !committing.written.is_finished())
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

/// When the commit on its way is durable; never, if there is none.
pub(super) async fn written(committing: &mut Option<Committing>) -> Result<Vec<Action>> {
    let Some(committing) = committing else {
        return std::future::pending().await;
    };
    let lost = |cause| {
        Error::new(
            ErrorKind::State,
            format!("the state was not written: {cause}"),
        )
    };
    (&mut committing.written)
        .await
        .unwrap_or_else(|cause| Err(lost(cause)))
}

/// Writes a batch down, its messages in the order of their numbers.
fn write(store: &Store, batch: Batch, first: u64) -> Result<Vec<Action>> {
    let messages = batch.effects.iter().filter_map(|action| match action {
        Action::Deliver(message) => Some(message),
        _ => None,
    });
    let arrived = (first..).zip(messages);
    store.commit(&Commit {
        changes: batch.changes,
        // A message is plain data: it always has a JSON form.
        arrived: arrived
            .map(|(number, message)| (number, serde_json::to_vec(message).unwrap_or_default()))
            .collect(),
        answered: batch.answered,
    })?;
    Ok(batch.effects)
}

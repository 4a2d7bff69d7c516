//! State first, then effects: one commit on its way at a time, and the next
//! events handled meanwhile.

use tokio::task::JoinHandle;

use super::batch::Batch;
use super::run::Actor;
use crate::contract::Action;
use crate::error::{Error, ErrorKind, Result};

/// A batch whose state is on its way to the disk.
pub(super) struct Committing {
    written: JoinHandle<Result<()>>,
    effects: Vec<Action>,
    /// How many of the effects are messages for the agent.
    deliveries: usize,
}

impl Actor {
    /// Starts the commit of a batch; its effects follow when it is durable.
    /// The batch before it is finished first, so effects keep their order.
    pub(super) async fn settle(&mut self, batch: Batch) {
        if !self.finish_commit().await {
            return;
        }
        if batch.changes.is_empty() {
            return self.release(batch.effects);
        }
        let store = self.store.clone();
        self.committing = Some(Committing {
            written: tokio::spawn(async move { store.commit(batch.changes).await }),
            effects: batch.effects,
            deliveries: batch.deliveries,
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
    pub(super) fn committed(&mut self, outcome: Result<()>) {
        let Some(committing) = self.committing.take() else {
            return;
        };
        match outcome {
            Ok(()) => self.release(committing.effects),
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

    fn release(&mut self, effects: Vec<Action>) {
        let mut gave_up = None;
        for action in effects {
            match action {
                // Last: what else the channel had to say is still said.
                Action::GiveUp(reason) => gave_up = Some(reason),
                action => self.perform(action),
            }
        }
        if let Some(reason) = gave_up {
            self.stop(reason);
        }
    }
}

/// When the commit on its way is durable; never, if there is none.
pub(super) async fn written(committing: &mut Option<Committing>) -> Result<()> {
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

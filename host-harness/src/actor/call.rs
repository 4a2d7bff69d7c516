//! One event, one call, one list of actions: vetted, staged, committed, done.

use tokio::time::Instant;

use super::batch::Batch;
use super::effects::one_line;
use super::lifecycle::{mono_ms, wall_ms};
use super::parts::{Actor, Phase};
use super::vet::vet;
use crate::contract::{Action, Envelope, Event};
use crate::limits;
use crate::trace::Crossing;

impl Actor {
    /// Gives one event to the instance and stages what it answers. False: the
    /// instance died over it, and everything staged before has been settled.
    pub(super) async fn give(
        &mut self,
        event: Event,
        redelivered: bool,
        batch: &mut Batch,
    ) -> bool {
        let at = Instant::now();
        let frames_waiting = self.frames_waiting();
        let Phase::Running(instance) = &mut self.phase else {
            self.hold(event);
            self.settle(std::mem::replace(batch, Batch::new(at))).await;
            return false;
        };
        self.ids.free(&event);
        self.resources.forget(&event);
        self.seq += 1;
        let envelope = Envelope {
            seq: self.seq,
            wall_ms: wall_ms(),
            mono_ms: mono_ms(self.clock),
            redelivered,
            frames_waiting,
            event,
        };
        let answered = instance
            .handle(&envelope)
            .await
            .map_err(|death| death.to_string());
        if let Some(text) = instance.printed() {
            tracing::debug!(channel = %self.spec.name, "the component printed: {}", one_line(&text));
        }
        let vetted = answered.and_then(|actions| self.vet(actions));
        match vetted {
            Ok(actions) => {
                let shown = self.spec.trace.is_some().then(|| actions.clone());
                self.stage(at, actions, batch);
                if let Some(actions) = shown {
                    let envelope = Box::new(envelope);
                    self.show(|| Crossing::Event { envelope, actions });
                }
                true
            }
            Err(cause) => {
                let earlier = std::mem::replace(batch, Batch::new(at));
                self.bury(Some(envelope), cause, earlier).await;
                false
            }
        }
    }

    /// Checks a whole list; nothing of a bad one leaves a trace.
    pub(super) fn vet(&mut self, actions: Vec<Action>) -> Result<Vec<Action>, String> {
        let cap = self.spec.manifest().resources.max_kv_storage_mb * 1024 * 1024;
        let room = cap.saturating_sub(self.state_bytes);
        vet(&actions, &mut self.ids, room)
            .map_err(|why| format!("it broke the contract: {why}"))?;
        Ok(actions)
    }

    /// Puts state aside for the commit and everything else behind it. Timers
    /// and cancellations reach nobody outside, so they need not wait.
    pub(super) fn stage(&mut self, at: Instant, actions: Vec<Action>, batch: &mut Batch) {
        batch.counted();
        let mut notes = 0;
        for action in actions {
            match action {
                Action::Put(put) => {
                    self.state_bytes += (put.key.len() + put.value.len()) as u64;
                    if let Some(old) = self.state.insert(put.key.clone(), put.value.clone()) {
                        self.state_bytes -= (put.key.len() + old.len()) as u64;
                    }
                    batch.changes.insert(put.key, Some(put.value));
                }
                Action::Remove(key) => {
                    if let Some(old) = self.state.remove(&key) {
                        self.state_bytes -= (key.len() + old.len()) as u64;
                    }
                    batch.changes.insert(key, None);
                }
                Action::SetTimer(set) => self.resources.timers.set_after(set.id, at, set.after_ms),
                Action::CancelTimer(id) => self.resources.timers.cancel(id),
                Action::CancelHttp(id) => self.call_off(id, batch),
                Action::Complete(done) => {
                    // One commit says that the reply is out and the message
                    // answered: no crash can come between the two.
                    let answered = done
                        .outcome
                        .is_ok()
                        .then(|| self.commands.answers(done.command));
                    if let Some(number) = answered
                        .flatten()
                        .filter(|number| self.inbox.settle(*number))
                    {
                        batch.answered.push(number);
                    }
                    batch.effects.push(Action::Complete(done));
                }
                Action::Note(_) if notes == limits::NOTES_PER_EVENT => {
                    self.outlets.counters.add("notes_dropped", 1);
                }
                other => {
                    notes += usize::from(matches!(other, Action::Note(_)));
                    batch.deliveries += usize::from(matches!(other, Action::Deliver(_)));
                    batch.effects.push(other);
                }
            }
        }
    }
}

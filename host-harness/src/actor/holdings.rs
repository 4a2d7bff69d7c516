//! Everything of a channel that outlives its instances: what it is set up with,
//! its state, what it has open, commands and messages that wait, and the commit
//! on its way.
//!
//! It takes lists of actions, puts state into a batch and effects behind it, and
//! lets the effects happen once the batch is durable. What the channel is to hear
//! of that goes back to the caller as events; it gives none itself.

use tokio::sync::mpsc;
use tokio::time::{Duration, Instant};

use super::batch::{Batch, Written};
use super::clock::wall_ms;
use super::commands::Commands;
use super::commits::{Commits, Outcome};
use super::deliveries::Deliveries;
use super::lanes::Arrivals;
use super::memory::Memory;
use super::open::{Open, called_off};
use super::parts::{Kept, Outlets, Spec};
use super::reports::Reports;
use super::setup::Setup;
use super::vet::vet;
use crate::config::ChannelConfig;
use crate::contract::{Action, Complete, Context, Event, Failure, FailureKind};
use crate::limits;
use crate::plugin::Plugin;
use crate::sandbox::Instance;

/// What belongs to a channel.
pub(super) struct Holdings {
    pub(super) plugin: Plugin,
    /// The settings, as the component reads them.
    pub(super) config: String,
    allow_loopback: bool,
    memory: Memory,
    pub(super) open: Open,
    pub(super) commands: Commands,
    pub(super) deliveries: Deliveries,
    pub(super) commits: Commits,
    pub(super) reports: Reports,
}

/// What came of effects that happened.
#[derive(Default)]
pub(super) struct Aftermath {
    /// News of those that could not, oldest first.
    pub(super) refused: Vec<Event>,
    /// The channel, or its disk, gives up.
    pub(super) gave_up: Option<String>,
}

impl Holdings {
    pub(super) fn new(
        spec: Spec,
        kept: Kept,
        outlets: Outlets,
        arrivals: Arrivals,
        answered: mpsc::UnboundedReceiver<u64>,
    ) -> Self {
        let Outlets {
            messages,
            settled,
            status,
            counters,
        } = outlets;
        Self {
            plugin: spec.plugin,
            config: spec.config,
            allow_loopback: spec.allow_loopback,
            memory: Memory::new(kept.state),
            open: Open::new(spec.net, spec.wire, arrivals),
            commands: Commands::numbered_from(wall_ms()),
            deliveries: Deliveries::new(kept.unanswered, messages, answered, counters.clone()),
            commits: Commits::new(kept.store),
            reports: Reports::new(spec.name, settled, status, counters, spec.trace),
        }
    }

    /// Sets up a plugin with new settings, in place of what comes back.
    pub(super) fn install(&mut self, plugin: Plugin, config: ChannelConfig) -> Setup {
        let vault = self.open.vault();
        let setup = Setup::new(plugin, config, vault, self.allow_loopback);
        self.replace(setup)
    }

    /// Puts a set-up in place of the one that comes back.
    pub(super) fn replace(&mut self, setup: Setup) -> Setup {
        let (policy, vault) = self.open.permit(setup.policy, setup.vault);
        Setup {
            plugin: std::mem::replace(&mut self.plugin, setup.plugin),
            config: std::mem::replace(&mut self.config, setup.config),
            policy,
            vault,
        }
    }

    /// An instance of the plugin that is set up, not yet started.
    pub(super) fn instantiate(&self) -> impl Future<Output = Result<Instance, String>> + use<> {
        let resources = self.plugin.manifest().resources;
        let budget = Duration::from_millis(resources.max_execution_time_ms);
        let (loaded, gate) = (self.plugin.loaded.clone(), self.open.gate());
        async move {
            Instance::new(&loaded, resources.max_memory_mb, budget, gate)
                .await
                .map_err(|death| death.to_string())
        }
    }

    /// What a fresh instance starts from.
    pub(super) fn context(&self, mono_ms: u64) -> Result<Context, String> {
        let mut entropy = vec![0; 32];
        getrandom::fill(&mut entropy).map_err(|cause| format!("no entropy: {cause}"))?;
        Ok(Context {
            instance: self.reports.name().to_owned(),
            config: self.config.clone(),
            wall_ms: wall_ms(),
            mono_ms,
            entropy,
            secrets: self.open.vault().names(),
            state: self.memory.entries(),
            adopted: self.open.adopted(self.commands.open()),
        })
    }

    /// Checks a whole list; nothing of a bad one leaves a trace.
    pub(super) fn vet(&mut self, actions: Vec<Action>) -> Result<Vec<Action>, String> {
        let cap = self.plugin.manifest().resources.max_kv_storage_mb * 1024 * 1024;
        vet(&actions, &mut self.open.ids, self.memory.room(cap))
            .map_err(|why| format!("it broke the contract: {why}"))?;
        Ok(actions)
    }

    /// Puts state aside for the commit and everything else behind it. Timers and
    /// cancellations reach nobody outside, so they need not wait; the events with
    /// which the requests end that were called off come back.
    pub(super) fn stage(
        &mut self,
        at: Instant,
        actions: Vec<Action>,
        batch: &mut Batch,
    ) -> Vec<Event> {
        batch.counted();
        let mut ended = Vec::new();
        let mut notes = 0;
        for action in actions {
            match action {
                Action::Put(put) => {
                    self.memory.put(&put);
                    batch.changes.insert(put.key, Some(put.value));
                }
                Action::Remove(key) => {
                    self.memory.remove(&key);
                    batch.changes.insert(key, None);
                }
                Action::SetTimer(set) => self.open.timers.set_after(set.id, at, set.after_ms),
                Action::CancelTimer(id) => self.open.timers.cancel(id),
                Action::CancelHttp(id) => ended.extend(self.call_off(id, batch)),
                Action::Complete(done) => self.stage_answer(done, batch),
                Action::Note(_) if notes == limits::NOTES_PER_EVENT => {
                    self.reports.count("notes_dropped", 1);
                }
                other => {
                    notes += usize::from(matches!(other, Action::Note(_)));
                    batch.add(other);
                }
            }
        }
        ended
    }

    /// The channel does not want this request any more. One that has not begun is
    /// never sent; either way it ends as every request does.
    fn call_off(&mut self, id: u64, batch: &mut Batch) -> Option<Event> {
        if let Some(ended) = self.open.cancel_http(id) {
            return Some(ended);
        }
        (batch.unsend(id) || self.commits.unsend(id)).then(|| called_off(id, false))
    }

    /// One commit says that the reply is out and the message answered: no crash
    /// can come between the two.
    fn stage_answer(&mut self, done: Complete, batch: &mut Batch) {
        if done.outcome.is_ok()
            && let Some(number) = self.commands.answers(done.command)
            && self.deliveries.settle(number)
        {
            batch.answered.push(number);
        }
        batch.add(Action::Complete(done));
    }

    /// Starts the commit of a batch; its effects follow when it is durable. What
    /// needs no disk happens at once.
    pub(super) fn commit(&mut self, mut batch: Batch) -> Aftermath {
        self.deliveries.take_answered(&mut batch.answered);
        if self.commits.is_idle() && batch.needs_no_disk() {
            return self.release(batch.effects, 0);
        }
        let count = batch.deliveries;
        let first = self.deliveries.number(count, &mut batch.answered);
        self.commits.start(batch, first);
        Aftermath::default()
    }

    /// The commit on its way has come to this.
    pub(super) fn committed(&mut self, written: Written) -> Aftermath {
        match self.commits.finish(written, Instant::now()) {
            None => Aftermath::default(),
            Some(Outcome::Durable {
                effects,
                first,
                paused,
            }) => {
                if let Some(paused) = paused {
                    self.reports.resumed(paused);
                }
                self.release(effects, first)
            }
            Some(Outcome::Refused(fault)) => {
                self.reports.paused(&fault);
                Aftermath::default()
            }
            Some(Outcome::Lost(fault)) => Aftermath {
                refused: Vec::new(),
                gave_up: Some(fault.error.to_string()),
            },
        }
    }

    /// Lets effects happen, in order; the messages among them are numbered from
    /// `first`.
    fn release(&mut self, effects: Vec<Action>, first: u64) -> Aftermath {
        let mut after = Aftermath::default();
        let mut number = first;
        for action in effects {
            match action {
                // Last: what else the channel had to say is still said.
                Action::GiveUp(reason) => after.gave_up = Some(reason),
                Action::Deliver(message) => {
                    self.deliveries.deliver(number, message);
                    number += 1;
                }
                action => after.refused.extend(self.perform(action)),
            }
        }
        after
    }

    /// Performs one action, or says as an event why it cannot happen.
    fn perform(&mut self, action: Action) -> Option<Event> {
        match action {
            Action::OpenSocket(open) => return self.open.open_socket(&open),
            Action::SendText(send) => return self.open.send_text(send),
            Action::SendBinary(send) => return self.open.send_binary(send),
            Action::CloseSocket(close) => return self.open.close_socket(close),
            Action::SendHttp(send) => return self.open.send_http(send),
            Action::DigestBlob(ask) => self.open.digest_blob(ask),
            Action::DropBlob(id) => self.open.drop_blob(id),
            Action::Complete(done) => self.commands.complete(done.command, done.outcome),
            Action::Settle(settle) => self.reports.settle(settle),
            Action::Status(status) => self.reports.status(status),
            Action::Check(check) => self.commands.check(check),
            Action::Count(count) => self.reports.count(&count.name, count.delta),
            Action::Note(note) => self.reports.note(&note),
            // Dealt with before and after the others.
            Action::Put(_)
            | Action::Remove(_)
            | Action::SetTimer(_)
            | Action::CancelTimer(_)
            | Action::CancelHttp(_)
            | Action::Deliver(_)
            | Action::GiveUp(_) => {}
        }
        None
    }

    /// Ends everything: the commands fail for this reason.
    pub(super) fn close(&mut self, why: &str) {
        let failure = Failure::new(FailureKind::Unavailable, why);
        self.commands.fail_all(&failure);
        self.open.drop_all();
    }
}

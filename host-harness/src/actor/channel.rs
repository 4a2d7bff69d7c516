//! One channel: the instance that runs, and everything that outlives it.
//!
//! It gives events to the instance, has the answers vetted and committed, buries
//! an instance that dies, and starts the next one or another component's. It does
//! not choose which event is next, and never waits for one.

use tokio::time::{Duration, Instant};

use super::batch::{Batch, Written};
use super::birth::{Failed, Newborn};
use super::commands::CommandOut;
use super::holdings::{Aftermath, Holdings};
use super::life::Life;
use super::queue::Queue;
use super::revive::Verdict;
use super::setup::Candidate;
use crate::config::ChannelConfig;
use crate::contract::{Action, Command, Envelope, Event, Failure, FailureKind};
use crate::plugin::Plugin;
use crate::trace::Crossing;

pub(super) struct Channel {
    pub(super) life: Life,
    pub(super) queue: Queue,
    pub(super) holdings: Holdings,
}

impl Channel {
    pub(super) fn new(holdings: Holdings) -> Self {
        Self {
            life: Life::new(Instant::now()),
            queue: Queue::default(),
            holdings,
        }
    }

    /// Gives one event to the instance and stages what it answers. False: the
    /// instance died over it, and everything staged before has been settled.
    pub(super) async fn give(
        &mut self,
        event: Event,
        redelivered: bool,
        frames_waiting: bool,
        batch: &mut Batch,
    ) -> bool {
        let at = Instant::now();
        self.holdings.open.ended(&event);
        let envelope = self.life.envelope(event, redelivered, frames_waiting);
        let (answer, printed) = self.life.call(&envelope).await;
        if let Some(text) = printed {
            self.holdings.reports.printed(&text);
        }
        match answer.and_then(|actions| self.holdings.vet(actions)) {
            Ok(actions) => {
                self.holdings.reports.show(|| Crossing::Event {
                    envelope: Box::new(envelope),
                    actions: actions.clone(),
                });
                self.stage(at, actions, batch);
                true
            }
            Err(cause) => {
                let earlier = std::mem::replace(batch, Batch::new(at));
                self.bury(Some(envelope), cause, earlier).await;
                false
            }
        }
    }

    fn stage(&mut self, at: Instant, actions: Vec<Action>, batch: &mut Batch) {
        for ended in self.holdings.stage(at, actions, batch) {
            self.queue.hold(ended);
        }
    }

    /// Starts the commit of a batch. The one before it is finished first, so
    /// effects keep their order.
    pub(super) async fn settle(&mut self, batch: Batch) {
        self.finish_commit().await;
        if self.life.stopped().is_none() {
            let after = self.holdings.commit(batch);
            self.follow(after);
        }
    }

    /// Waits for the commit on its way, and lets its effects happen if it is
    /// durable. One that the disk refused stays, to be tried again.
    pub(super) async fn finish_commit(&mut self) {
        if self.holdings.commits.is_writing() {
            let written = self.holdings.commits.written().await;
            self.committed(written);
        }
    }

    /// The commit on its way has come to this.
    pub(super) fn committed(&mut self, written: Written) {
        let after = self.holdings.committed(written);
        self.follow(after);
    }

    fn follow(&mut self, after: Aftermath) {
        for event in after.refused {
            self.queue.refuse(event);
        }
        if let Some(reason) = after.gave_up {
            self.stop(reason);
        }
    }

    /// A command is numbered and queued, or refused if nobody will ever take it.
    pub(super) fn command(&mut self, command: CommandOut) {
        match self.life.stopped() {
            Some(reason) => {
                let failure = Failure::new(FailureKind::Unavailable, has_stopped(reason));
                let _gone = command.answer.send(Err(failure));
            }
            None => {
                let command = self.holdings.commands.accept(command, Instant::now());
                self.queue.hold(Event::Command(command));
            }
        }
    }

    /// Answers the commands that are overdue. They are not given any more.
    pub(super) fn expire(&mut self, now: Instant) {
        let commands = &mut self.holdings.commands;
        if commands.expire(now) {
            self.queue.retain_commands(|id| commands.is_open(id));
        }
    }

    /// New settings; a channel that gave up starts again with them.
    pub(super) fn configure(&mut self, config: ChannelConfig) {
        let plugin = self.holdings.plugin.clone();
        let _former = self.holdings.install(plugin, config);
        if self.life.is_running() {
            self.queue.hold_settings(self.holdings.config.clone());
        } else {
            self.life.wait_until(Instant::now());
        }
    }

    /// Starts a fresh instance with the state, and everything that is still open.
    pub(super) async fn birth(&mut self) {
        match self.start().await {
            Ok(born) => self.take_over(born).await,
            Err(Failed::Refused(reason)) => self.stop(reason),
            Err(Failed::Died(cause)) => self.bury(None, cause, Batch::new(Instant::now())).await,
        }
    }

    /// Starts an instance of what is set up, beside the one that may run.
    async fn start(&mut self) -> Result<Newborn, Failed> {
        let instance = self.holdings.instantiate().await;
        let instance = instance.map_err(Failed::Died)?;
        let context = self.holdings.context(self.life.mono_ms());
        let mut born = Newborn::start(instance, context.map_err(Failed::Died)?).await?;
        born.actions = self.holdings.vet(born.actions).map_err(Failed::Died)?;
        Ok(born)
    }

    async fn take_over(&mut self, born: Newborn) {
        let actions = born.actions;
        self.life.run(born.instance, Instant::now());
        self.holdings.reports.show(|| Crossing::Start {
            context: Box::new(born.context),
            actions: actions.clone(),
        });
        let mut batch = Batch::new(Instant::now());
        self.stage(Instant::now(), actions, &mut batch);
        self.settle(batch).await;
    }

    /// Puts a new component in place of the running one: same state, same
    /// sockets, same timers, between two events. Whatever goes wrong, the old one
    /// goes on.
    pub(super) async fn swap(&mut self, candidate: Candidate) {
        let versions = [&self.holdings.plugin, &candidate.plugin].map(version);
        // What is on its way to the disk belongs to the state that goes over.
        self.finish_commit().await;
        let began = Instant::now();
        let swapped = self.try_swap(candidate.plugin, candidate.config).await;
        let swapped = swapped.map(|()| began.elapsed());
        self.holdings.reports.swapped(&versions, &swapped);
        let _gone = candidate.done.send(swapped);
    }

    async fn try_swap(&mut self, plugin: Plugin, config: ChannelConfig) -> Result<(), String> {
        let before = self.holdings.install(plugin, config);
        if !self.life.is_running() {
            // Nothing runs that could go on: the next birth is the new one's.
            self.life.begin_anew(Instant::now());
            return Ok(());
        }
        match self.start().await {
            Ok(born) => {
                self.life.try_out(before, Instant::now());
                self.take_over(born).await;
                Ok(())
            }
            Err(Failed::Died(why) | Failed::Refused(why)) => {
                let _refused = self.holdings.replace(before);
                Err(why)
            }
        }
    }

    /// Throws the instance away as if it had trapped.
    pub(super) async fn kill(&mut self) {
        if self.life.is_running() {
            let cause = "killed on request".to_owned();
            self.bury(None, cause, Batch::new(Instant::now())).await;
        }
    }

    /// A dead instance: settle what came before, keep the event it died over, and
    /// decide when the next one is born.
    async fn bury(&mut self, envelope: Option<Envelope>, cause: String, earlier: Batch) {
        let died = Instant::now();
        self.life.wait_until(died);
        self.holdings.reports.died(envelope.as_ref(), &cause);
        self.settle(earlier).await;
        self.finish_commit().await;
        let rolled_back = self.roll_back(died);
        match envelope {
            // The component that comes back has not had its chance yet.
            Some(envelope) if rolled_back || !envelope.redelivered => self.give_again(envelope),
            Some(envelope) => self.set_aside(envelope, &cause).await,
            None => {}
        }
        if self.life.due().is_none() {
            return;
        }
        match self.life.next_birth(died) {
            Verdict::After(Duration::ZERO) => Box::pin(self.birth()).await,
            Verdict::After(wait) => {
                self.life.wait_until(died + wait);
                self.holdings.reports.keeps_failing(wait, &cause);
            }
            Verdict::Never => self.stop(format!("the component keeps failing: {cause}")),
        }
    }

    /// If the component died too often on probation, the old one is back in its
    /// place.
    fn roll_back(&mut self, died: Instant) -> bool {
        let Some(before) = self.life.roll_back(died) else {
            return false;
        };
        let refused = self.holdings.replace(before);
        let versions = [&refused.plugin, &self.holdings.plugin].map(version);
        self.holdings.reports.rolled_back(&versions);
        true
    }

    fn give_again(&mut self, envelope: Envelope) {
        // Its number stays in use until then, so a fresh instance is told of it.
        self.holdings.open.ids.take_back(&envelope.event);
        self.queue.hold_again(envelope.event);
    }

    /// Two instances died over this event: it is put where a person can find it.
    async fn set_aside(&mut self, envelope: Envelope, cause: &str) {
        self.holdings.reports.set_aside(&envelope);
        let command = match &envelope.event {
            Event::Command(Command { id, .. }) => Some(*id),
            _ => None,
        };
        let death = Crossing::Death {
            envelope: Some(Box::new(envelope)),
            cause: cause.to_owned(),
        };
        let mut batch = Batch::new(Instant::now());
        batch.set_aside.push(death.to_line());
        self.settle(batch).await;
        if let Some(command) = command {
            let what = "the component died twice over this command";
            let failure = Failure::new(FailureKind::Internal, what)
                .with_remedy("report it with the log; the same command will fail again");
            self.holdings.commands.complete(command, Err(failure));
        }
    }

    /// Gives up: everything is closed, and only a new configuration helps.
    fn stop(&mut self, reason: String) {
        self.holdings.close(&has_stopped(&reason));
        self.queue.clear();
        self.holdings.reports.stopped(&reason);
        self.life.stop(reason);
    }
}

fn has_stopped(reason: &str) -> String {
    format!("the channel has stopped: {reason}")
}

fn version(plugin: &Plugin) -> String {
    plugin.manifest().plugin.version.clone()
}

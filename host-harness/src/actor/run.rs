//! The actor: one task that owns one channel, and its loop.
//!
//! It decides when something is done, which events share a commit, and when to
//! stop. Which event is next is the [`Inbox`]'s to say, what comes of one the
//! [`Channel`]'s. Read `tests/e2e/tests/sandbox/busy.rs` first: it shows what the
//! loop keeps apart.

use tokio::sync::oneshot;
use tokio::time::{Duration, Instant};

use super::batch::{Batch, Written};
use super::channel::Channel;
use super::deliveries::Change;
use super::holdings::Holdings;
use super::inbox::{Arrival, Inbox};
use super::lanes::{Control, Inlets};
use super::parts::{Kept, Outlets, Spec};
use super::setup::Candidate;
use crate::contract::Event;

/// Wishes and commands each taken in between two events.
const HEARD: usize = 16;

pub(crate) struct Actor {
    inbox: Inbox,
    channel: Channel,
    urgent: Option<Urgent>,
    draining: Option<Drain>,
}

/// What can only be done between two batches.
enum Urgent {
    Swap(Box<Candidate>),
    Kill,
    Gone,
}

/// The channel is to finish by then.
struct Drain {
    deadline: Instant,
    done: oneshot::Sender<()>,
}

/// What ended a wait.
enum Next {
    Arrived(Arrival),
    /// The state of the batch before is on the disk, or could not be put there.
    Written(Written),
    Agent(Change),
    /// It is time to look again.
    Look,
}

impl Actor {
    pub(crate) fn new(spec: Spec, kept: Kept, inlets: Inlets, outlets: Outlets) -> Self {
        let holdings = Holdings::new(spec, kept, outlets, inlets.arrivals, inlets.answered);
        Self {
            inbox: Inbox::new(inlets.lanes, Instant::now()),
            channel: Channel::new(holdings),
            urgent: None,
            draining: None,
        }
    }

    /// Runs until drained or until nobody holds the channel any more.
    pub(crate) async fn run(mut self) {
        while !self.is_drained() {
            self.hear();
            match self.urgent.take() {
                Some(Urgent::Swap(candidate)) => self.channel.swap(*candidate).await,
                Some(Urgent::Kill) => self.channel.kill().await,
                Some(Urgent::Gone) => break,
                None => {}
            }
            self.tick().await;
            self.channel.holdings.deliveries.flush();
            match self.ready(0) {
                Some((event, again)) => self.burst(event, again).await,
                // The end was asked for just now, and nobody is left to be told.
                None if self.is_drained() => {}
                None => self.wait().await,
            }
        }
        self.finish().await;
    }

    async fn finish(mut self) {
        // What was answered last is not to be given again.
        self.channel.settle(Batch::new(Instant::now())).await;
        self.channel.holdings.commits.retry();
        self.channel.finish_commit().await;
        self.channel.holdings.close("the channel has stopped");
        if let Some(drain) = self.draining.take() {
            let _gone = drain.done.send(());
        }
    }

    /// Gives `event` and everything else that waits to the instance, then commits
    /// once.
    async fn burst(&mut self, event: Event, redelivered: bool) {
        let mut batch = Batch::new(Instant::now());
        let mut next = Some((event, redelivered));
        while let Some((event, again)) = next.take() {
            // Sockets first: what one has handed on is in the lane by then.
            let frames = self.channel.holdings.open.any_behind() || self.inbox.has_frames();
            if !self.channel.give(event, again, frames, &mut batch).await {
                return;
            }
            self.hear();
            // A channel that always has something to do shares its thread.
            tokio::task::coop::consume_budget().await;
            let disk_is_busy = self.channel.holdings.commits.is_busy();
            if !batch.is_full(Instant::now(), disk_is_busy) && !self.is_interrupted() {
                next = self.ready(batch.deliveries);
            }
        }
        self.channel.settle(batch).await;
        tokio::task::yield_now().await;
    }

    /// Must the batch end here?
    fn is_interrupted(&self) -> bool {
        self.urgent.is_some() || self.drain_is_over()
    }

    /// An event that can be given now, beside `staged` messages for the agent.
    fn ready(&mut self, staged: usize) -> Option<(Event, bool)> {
        if !self.may_give() {
            return None;
        }
        let (room, own) = (self.has_room(staged), !self.is_finishing());
        let Channel {
            queue, holdings, ..
        } = &mut self.channel;
        let Holdings { open, reports, .. } = holdings;
        self.inbox.ready(queue, open, reports, room, own)
    }

    /// Nothing is to be done: waits until something is.
    async fn wait(&mut self) {
        match self.next().await {
            Next::Arrived(Arrival::Event(event)) => self.burst(event, false).await,
            Next::Arrived(Arrival::Control(control)) => self.control(control),
            Next::Arrived(Arrival::Command(command)) => self.channel.command(command),
            Next::Arrived(Arrival::Gone) => self.urgent = Some(Urgent::Gone),
            Next::Written(outcome) => self.channel.committed(outcome),
            Next::Agent(Change::Answered(number)) => self.answered(number).await,
            Next::Agent(Change::Room) | Next::Arrived(Arrival::Stale) | Next::Look => {}
        }
    }

    /// Whoever is first wins; the others have their turn in `ready`.
    async fn next(&mut self) -> Next {
        let (running, room, wake) = (self.may_give(), self.has_room(0), self.wake_at());
        let Holdings {
            open,
            commits,
            deliveries,
            ..
        } = &mut self.channel.holdings;
        let idle = commits.is_idle();
        tokio::select! {
            arrival = self.inbox.arrival(open, running, room) => Next::Arrived(arrival),
            written = commits.written() => Next::Written(written),
            change = deliveries.change(idle) => Next::Agent(change),
            () = tokio::time::sleep_until(wake) => Next::Look,
        }
    }

    /// Is there an instance to give events to, and a disk that keeps what comes
    /// of them?
    fn may_give(&self) -> bool {
        self.channel.life.is_running() && self.channel.holdings.commits.retry_at().is_none()
    }

    /// May another frame be given, beside `staged` messages for the agent?
    fn has_room(&self, staged: usize) -> bool {
        let Holdings {
            commits,
            deliveries,
            ..
        } = &self.channel.holdings;
        deliveries.has_room(commits.deliveries() + staged)
    }

    fn wake_at(&self) -> Instant {
        let Holdings {
            open,
            commits,
            commands,
            ..
        } = &self.channel.holdings;
        let own = (self.may_give() && !self.is_finishing())
            .then(|| self.inbox.own_due(&self.channel.queue, open));
        let due = [
            self.channel.life.due(),
            own.flatten(),
            self.draining.as_ref().map(|drain| drain.deadline),
            commits.retry_at(),
            commands.next_deadline(),
        ];
        let hour = Duration::from_secs(3600);
        let due = due.into_iter().flatten().min();
        due.unwrap_or_else(|| Instant::now() + hour)
    }

    /// The agent is done with a message.
    async fn answered(&mut self, number: u64) {
        let mut batch = Batch::new(Instant::now());
        if self.channel.holdings.deliveries.settle(number) {
            batch.answered.push(number);
        }
        self.channel.settle(batch).await;
    }

    /// What time alone brings: late commands, a fresh instance.
    async fn tick(&mut self) {
        let now = Instant::now();
        let commits = &mut self.channel.holdings.commits;
        if commits.retry_at().is_some_and(|at| at <= now) {
            commits.retry();
        }
        self.channel.expire(now);
        if self.channel.life.due().is_some_and(|due| due <= now) {
            self.channel.birth().await;
        }
    }

    /// Takes in what the host wishes: control first, then as many commands as are
    /// soon given. An instance that does not run holds up no command's refusal.
    fn hear(&mut self) {
        for _ in 0..HEARD {
            if self.urgent.is_some() {
                return;
            }
            match self.inbox.control() {
                Some(Arrival::Control(control)) => self.control(control),
                Some(_) => self.urgent = Some(Urgent::Gone),
                None => break,
            }
        }
        for _ in 0..HEARD {
            if self.channel.queue.is_full() && self.channel.life.is_running() {
                return;
            }
            let Some(command) = self.inbox.command() else {
                return;
            };
            self.channel.command(command);
        }
    }

    fn control(&mut self, control: Control) {
        match control {
            Control::Configure(config) => self.channel.configure(config),
            Control::Drain(within, done) => {
                let ms = u64::try_from(within.as_millis()).unwrap_or(u64::MAX);
                let deadline = Instant::now() + within;
                self.draining = Some(Drain { deadline, done });
                self.channel.queue.hold(Event::Drain(ms));
            }
            Control::Swap(candidate) => self.urgent = Some(Urgent::Swap(candidate)),
            Control::Kill => self.urgent = Some(Urgent::Kill),
        }
    }

    fn is_drained(&self) -> bool {
        if self.draining.is_none() {
            return false;
        }
        let dead = !self.channel.life.is_running();
        let finished = self.is_told() && self.channel.holdings.commits.is_idle();
        dead || finished || self.drain_is_over()
    }

    /// Nothing but the disk keeps the channel from its end: another timer would
    /// bring another commit.
    fn is_finishing(&self) -> bool {
        self.draining.is_some() && self.is_told() && !self.channel.holdings.commits.is_idle()
    }

    /// Nothing waits to be given, and nothing is open that could bring more.
    fn is_told(&self) -> bool {
        self.channel.queue.is_empty() && self.channel.holdings.open.is_idle()
    }

    fn drain_is_over(&self) -> bool {
        let drain = self.draining.as_ref();
        drain.is_some_and(|drain| drain.deadline <= Instant::now())
    }
}

//! The loop: what happens next, which events share a commit, when to stop.

use std::collections::VecDeque;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Duration, Instant};

use super::batch::Batch;
use super::commands::Commands;
use super::crossing::TraceSink;
use super::deliveries::{Delivered, Inbox, given_again};
use super::inbox::{Control, Lanes};
use super::requests::Wire;
use super::resources::{Ids, Resources};
use super::revive::Revive;
use super::settle::{Committing, written};
use super::swap::Previous;
use crate::contract::{
    Action, ChannelState, Event, Failure, FailureKind, InboundMessage, SocketBinary, SocketClosed,
    SocketOpened, SocketText,
};
use crate::counters::Counters;
use crate::error::Result;
use crate::net::{Net, SocketEvent, SocketWhat};
use crate::plugin::{Manifest, Plugin};
use crate::sandbox::Instance;
use crate::store::{State, Store};

/// What the actor is made of and never changes.
pub(crate) struct Spec {
    /// Name of the channel instance, for logs.
    pub(crate) name: String,
    pub(crate) plugin: Plugin,
    pub(crate) net: Net,
    pub(crate) allow_loopback: bool,
    pub(crate) trace: Option<TraceSink>,
}

impl Spec {
    pub(super) fn manifest(&self) -> &Manifest {
        self.plugin.manifest()
    }
}

/// What an earlier host kept.
pub(crate) struct Kept {
    pub(crate) store: Store,
    pub(crate) state: State,
    /// Messages accepted and not answered, oldest first.
    pub(crate) unanswered: Vec<(u64, InboundMessage)>,
}

impl Kept {
    /// Reads everything a channel needs of its store.
    pub(crate) fn load(store: Store) -> Result<Self> {
        Ok(Self {
            state: store.load()?,
            unanswered: store.unanswered()?,
            store,
        })
    }
}

/// How a channel is doing.
#[derive(Clone, Debug, PartialEq)]
pub struct StatusReport {
    /// Its state.
    pub state: ChannelState,
    /// Why, in words for the operator.
    pub detail: String,
    /// It gave up: nothing but a new configuration starts it again.
    pub fatal: bool,
}

/// Where things leave the actor.
pub(crate) struct Outlets {
    pub(crate) messages: mpsc::Sender<Delivered>,
    pub(crate) status: watch::Sender<StatusReport>,
    pub(crate) counters: Counters,
}

impl Outlets {
    pub(super) fn report(&self, report: StatusReport) {
        self.status.send_if_modified(|current| {
            let changed = *current != report;
            *current = report;
            changed
        });
    }
}

pub(super) enum Phase {
    Running(Box<Instance>),
    /// A fresh instance is due then.
    Waiting(Instant),
    /// Given up; the text says why.
    Stopped(String),
}

pub(crate) struct Actor {
    pub(super) spec: Spec,
    pub(super) wire: Wire,
    pub(super) config: String,
    pub(super) store: Store,
    pub(super) state: State,
    pub(super) state_bytes: u64,
    pub(super) outlets: Outlets,
    pub(super) lanes: Lanes,
    pub(super) inbox: Inbox,
    pub(super) phase: Phase,
    /// The batch whose state is on its way to the disk.
    pub(super) committing: Option<Committing>,
    pub(super) revive: Revive,
    pub(super) seq: u64,
    pub(super) clock: Instant,
    pub(super) ids: Ids,
    pub(super) resources: Resources,
    pub(super) commands: Commands,
    /// Events of the host's own making and those to be given again, oldest
    /// first; the flag is `redelivered`.
    held: VecDeque<(Event, bool)>,
    pub(super) spilled: VecDeque<Delivered>,
    /// What to go back to, while a replacement is on probation.
    pub(super) previous: Option<Previous>,
    draining: Option<(Instant, oneshot::Sender<()>)>,
}

#[expect(
    clippy::large_enum_variant,
    reason = "lives on the stack from one line to the next"
)]
enum Next {
    Event(Event, bool),
    Control(Control),
    /// The state of the batch before is on the disk, or could not be put there.
    Durable(Result<Vec<Action>>),
    /// The agent is done with a message.
    Answered(u64),
    /// It is time: to try a fresh instance, or to expire commands.
    Time,
    /// Every handle is gone.
    Gone,
}

impl Actor {
    pub(crate) fn new(
        spec: Spec,
        wire: Wire,
        config: String,
        kept: Kept,
        outlets: Outlets,
        lanes: Lanes,
    ) -> Self {
        let Kept {
            store,
            state,
            unanswered,
        } = kept;
        let now = Instant::now();
        let state_bytes = state
            .iter()
            .map(|(key, value)| (key.len() + value.len()) as u64)
            .sum();
        let inbox = Inbox::new(&unanswered, outlets.counters.clone());
        Self {
            inbox,
            spec,
            wire,
            config,
            store,
            state,
            state_bytes,
            outlets,
            lanes,
            phase: Phase::Waiting(now),
            committing: None,
            revive: Revive::default(),
            seq: 0,
            clock: now,
            ids: Ids::default(),
            resources: Resources::default(),
            commands: Commands::default(),
            held: VecDeque::new(),
            spilled: given_again(unanswered),
            previous: None,
            draining: None,
        }
    }

    /// Runs until drained or until nobody holds the channel any more.
    pub(crate) async fn run(mut self) {
        loop {
            if self.drained() {
                break;
            }
            match self.next().await {
                Next::Event(event, redelivered) => self.burst(event, redelivered).await,
                Next::Control(control) => self.control(control).await,
                Next::Durable(outcome) => self.committed(outcome),
                Next::Answered(number) => self.answered(number).await,
                Next::Time => self.tick().await,
                Next::Gone => break,
            }
        }
        // What was answered last is not to be given again.
        self.settle(Batch::new(Instant::now())).await;
        self.finish_commit().await;
        self.commands.fail_all(&Failure::new(
            FailureKind::Unavailable,
            "the channel has stopped",
        ));
        self.resources.drop_all();
        if let Some((_, done)) = self.draining.take() {
            let _gone = done.send(());
        }
    }

    /// Gives `event` and everything else that waits to the instance, then
    /// commits once.
    async fn burst(&mut self, event: Event, redelivered: bool) {
        let mut batch = Batch::new(Instant::now());
        let mut next = Some((event, redelivered));
        while let Some((event, redelivered)) = next.take() {
            if !self.give(event, redelivered, &mut batch).await {
                return;
            }
            if !batch.is_full(Instant::now(), self.disk_is_busy()) {
                next = self.waiting_event(&batch);
            }
        }
        self.settle(batch).await;
    }

    /// An event that is there already, without waiting.
    fn waiting_event(&mut self, batch: &Batch) -> Option<(Event, bool)> {
        if let Some(held) = self.held.pop_front() {
            return Some(held);
        }
        if let Some(id) = self.resources.timers.pop(Instant::now()) {
            return Some((Event::Timer(id), false));
        }
        while let Ok(done) = self.lanes.completions.try_recv() {
            if self.resources.is_awaited(&done) {
                return Some((done.event, false));
            }
        }
        while self.has_room(self.uncommitted_deliveries() + batch.deliveries) {
            let event = self.lanes.data.try_recv().ok()?;
            if self.resources.is_current(&event) {
                return Some((socket_event(event), false));
            }
        }
        None
    }

    async fn next(&mut self) -> Next {
        self.flush_deliveries();
        if let Phase::Running(_) = self.phase {
            if let Some((event, redelivered)) = self.held.pop_front() {
                return Next::Event(event, redelivered);
            }
            if let Some(id) = self.resources.timers.pop(Instant::now()) {
                return Next::Event(Event::Timer(id), false);
            }
        }
        let running = matches!(self.phase, Phase::Running(_));
        let room = self.has_room(self.uncommitted_deliveries());
        let busy = self.committing.is_some();
        let wake = self.wake_at();
        tokio::select! {
            biased;
            control = self.lanes.control.recv() => control.map_or(Next::Gone, Next::Control),
            Some(done) = self.lanes.completions.recv(), if running => {
                if self.resources.is_awaited(&done) { Next::Event(done.event, false) } else { Next::Time }
            }
            Some(event) = self.lanes.data.recv(), if running && room => {
                if self.resources.is_current(&event) { Next::Event(socket_event(event), false) } else { Next::Time }
            }
            outcome = written(&mut self.committing), if busy => Next::Durable(outcome),
            Some(number) = self.lanes.answered.recv(), if !busy => Next::Answered(number),
            // The agent took something: look again.
            _permit = self.outlets.messages.reserve(), if !room => Next::Time,
            () = tokio::time::sleep_until(wake) => Next::Time,
        }
    }

    /// May another frame be handled? Not when its message could not be handed
    /// on.
    fn has_room(&self, staged: usize) -> bool {
        self.spilled.is_empty() && self.outlets.messages.capacity() > staged
            || self.outlets.messages.is_closed()
    }

    fn wake_at(&self) -> Instant {
        let running = matches!(self.phase, Phase::Running(_));
        let revive = match self.phase {
            Phase::Waiting(until) => Some(until),
            Phase::Running(_) | Phase::Stopped(_) => None,
        };
        let timer = self.resources.timers.next().filter(|_| running);
        let drain = self.draining.as_ref().map(|(deadline, _)| *deadline);
        [revive, timer, drain, self.commands.next_deadline()]
            .into_iter()
            .flatten()
            .min()
            .unwrap_or_else(|| Instant::now() + Duration::from_secs(3600))
    }

    async fn answered(&mut self, number: u64) {
        let mut batch = Batch::new(Instant::now());
        if self.inbox.settle(number) {
            batch.answered.push(number);
        }
        self.settle(batch).await;
    }

    async fn tick(&mut self) {
        let now = Instant::now();
        self.commands.expire(now);
        if let Phase::Waiting(until) = self.phase
            && until <= now
        {
            self.birth().await;
        }
    }

    async fn control(&mut self, control: Control) {
        match control {
            Control::Command(command) => {
                if let Phase::Stopped(reason) = &self.phase {
                    let failure = Failure::new(
                        FailureKind::Unavailable,
                        format!("the channel has stopped: {reason}"),
                    );
                    let _gone = command.answer.send(Err(failure));
                } else if let Some(command) = self.commands.accept(*command, Instant::now()) {
                    self.hold(Event::Command(command));
                }
            }
            Control::Configure(config) => self.configure(config),
            Control::Drain(within, done) => {
                let ms = u64::try_from(within.as_millis()).unwrap_or(u64::MAX);
                self.draining = Some((Instant::now() + within, done));
                self.hold(Event::Drain(ms));
            }
            Control::Swap(candidate) => self.swap(*candidate).await,
            Control::Kill => self.kill().await,
        }
    }

    /// Queues an event of the host's own making.
    pub(super) fn hold(&mut self, event: Event) {
        self.held.push_back((event, false));
    }

    /// Queues an event to be given again, before everything else. Its number
    /// stays in use until then, so a fresh instance is told of it.
    pub(super) fn hold_again(&mut self, event: Event) {
        self.ids.take_back(&event);
        self.held.push_front((event, true));
    }

    /// Forgets what waits: nobody is left to be told.
    pub(super) fn forget_held(&mut self) {
        self.held.clear();
    }

    fn drained(&self) -> bool {
        let Some((deadline, _)) = &self.draining else {
            return false;
        };
        let finished =
            self.held.is_empty() && self.resources.is_idle() && self.committing.is_none();
        let dead = !matches!(self.phase, Phase::Running(_));
        finished || dead || *deadline <= Instant::now()
    }
}

fn socket_event(event: SocketEvent) -> Event {
    let id = event.id;
    match event.what {
        SocketWhat::Opened { subprotocol } => Event::SocketOpened(SocketOpened { id, subprotocol }),
        SocketWhat::Text(text) => Event::SocketText(SocketText {
            id,
            text: text.as_str().to_owned(),
        }),
        SocketWhat::Binary(data) => Event::SocketBinary(SocketBinary {
            id,
            data: data.into(),
        }),
        SocketWhat::Closed {
            code,
            reason,
            failure,
        } => Event::SocketClosed(SocketClosed {
            id,
            code,
            reason,
            failure,
        }),
    }
}

//! What an actor is made of.

use std::collections::VecDeque;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;

use super::commands::Commands;
use super::deliveries::{Delivered, Inbox, given_again};
use super::inbox::{Lanes, Urgent};
use super::lifecycle::wall_ms;
use super::pace::Pace;
use super::requests::Wire;
use super::resources::{Ids, Resources};
use super::revive::Revive;
use super::settle::Committing;
use super::swap::Previous;
use super::turns::Turns;
use crate::contract::{ChannelState, Event, InboundMessage, Settle};
use crate::counters::Counters;
use crate::error::Result;
use crate::net::Net;
use crate::plugin::{Manifest, Plugin};
use crate::sandbox::Instance;
use crate::store::{State, Store};
use crate::trace::TraceSink;

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
    pub(crate) settled: mpsc::Sender<Settle>,
    pub(crate) status: watch::Sender<StatusReport>,
    pub(crate) counters: Counters,
}

impl Outlets {
    /// Tells whoever listens what became of a message after all. If nobody takes
    /// it, it is only counted.
    pub(super) fn settle(&self, settle: Settle) {
        if self.settled.try_send(settle).is_err() {
            self.counters.add("settlements_untold", 1);
        }
    }

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
    /// What was asked of the channel, and events to be given again, oldest first;
    /// the flag is `redelivered`.
    pub(super) held: VecDeque<(Event, bool)>,
    /// News of actions that could not happen, oldest first. There are no more
    /// than sockets and requests.
    pub(super) refused: VecDeque<Event>,
    pub(super) turns: Turns,
    pub(super) pace: Pace,
    pub(super) urgent: Option<Urgent>,
    pub(super) spilled: VecDeque<Delivered>,
    /// What to go back to, while a replacement is on probation.
    pub(super) previous: Option<Previous>,
    pub(super) draining: Option<(Instant, oneshot::Sender<()>)>,
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
            commands: Commands::numbered_from(wall_ms()),
            held: VecDeque::new(),
            refused: VecDeque::new(),
            turns: Turns::default(),
            pace: Pace::new(now),
            urgent: None,
            spilled: given_again(unanswered),
            previous: None,
            draining: None,
        }
    }
}

//! What an actor is made from.

use tokio::sync::{mpsc, watch};

use super::deliveries::Delivered;
use super::reports::StatusReport;
use super::requests::Wire;
use crate::contract::{InboundMessage, Settle};
use crate::counters::Counters;
use crate::error::Result;
use crate::net::Net;
use crate::plugin::Plugin;
use crate::store::{State, Store};
use crate::trace::TraceSink;

/// What the host decides of a channel.
pub(crate) struct Spec {
    /// Name of the channel instance, for logs.
    pub(crate) name: String,
    pub(crate) plugin: Plugin,
    /// The settings, as the component reads them.
    pub(crate) config: String,
    pub(crate) net: Net,
    pub(crate) wire: Wire,
    pub(crate) allow_loopback: bool,
    pub(crate) trace: Option<TraceSink>,
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

/// Where things leave the actor.
pub(crate) struct Outlets {
    pub(crate) messages: mpsc::Sender<Delivered>,
    pub(crate) settled: mpsc::Sender<Settle>,
    pub(crate) status: watch::Sender<StatusReport>,
    pub(crate) counters: Counters,
}

//! What can happen to a channel, in two lanes: control before data, so that a
//! command or a drain is never stuck behind frames.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc, oneshot};

use super::commands::CommandOut;
use super::requests::Completion;
use super::swap::Candidate;
use crate::config::ChannelConfig;
use crate::limits;
use crate::net::SocketEvent;

/// What the host asks of the actor.
pub(crate) enum Control {
    Command(Box<CommandOut>),
    Configure(ChannelConfig),
    /// Another component takes over.
    Swap(Box<Candidate>),
    /// Let the instance finish within this time, then stop.
    Drain(Duration, oneshot::Sender<()>),
    /// Throw the instance away as if it had trapped: for demonstrations and
    /// tests of what follows.
    Kill,
}

/// The lanes and what is put into them from inside. Only handles hold the
/// sending end of control, so the actor sees when the last one is gone.
pub(crate) struct Lanes {
    pub(super) control: mpsc::Receiver<Control>,
    pub(super) data: mpsc::Receiver<SocketEvent>,
    pub(super) data_in: mpsc::Sender<SocketEvent>,
    pub(super) completions: mpsc::Receiver<Completion>,
    /// Room for every request and digest that can be outstanding, so a task
    /// that finishes never waits.
    pub(super) completions_in: mpsc::Sender<Completion>,
    /// Numbers of messages the agent is done with.
    pub(super) answered: mpsc::UnboundedReceiver<u64>,
}

/// What a handle speaks into.
#[derive(Clone)]
pub(crate) struct Mail {
    pub(crate) control: mpsc::Sender<Control>,
    /// Numbers of answered messages; there are never more than were delivered.
    pub(crate) answered: mpsc::UnboundedSender<u64>,
    /// Places for commands that were not answered.
    pub(crate) places: Arc<Semaphore>,
}

impl Mail {
    pub(crate) fn new(
        control: mpsc::Sender<Control>,
        answered: mpsc::UnboundedSender<u64>,
    ) -> Self {
        Self {
            control,
            answered,
            places: Arc::new(Semaphore::new(limits::COMMANDS)),
        }
    }
}

impl Lanes {
    pub(crate) fn new() -> (Mail, Self) {
        let (answered_in, answered) = mpsc::unbounded_channel();
        let (control_in, control) = mpsc::channel(limits::CONTROL_LANE);
        let (data_in, data) = mpsc::channel(limits::DATA_LANE);
        let (completions_in, completions) = mpsc::channel(limits::REQUESTS + limits::BLOBS);
        (
            Mail::new(control_in, answered_in),
            Self {
                answered,
                control,
                data,
                data_in,
                completions,
                completions_in,
            },
        )
    }
}

//! The ways into a channel, a lane for each kind: so nothing is stuck behind
//! something else, a command not behind frames, and the end not behind commands.

use std::sync::Arc;

use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::time::Duration;

use super::commands::CommandOut;
use super::requests::Completion;
use super::setup::Candidate;
use crate::config::ChannelConfig;
use crate::limits;
use crate::net::SocketEvent;

/// What the host does with the channel.
pub(crate) enum Control {
    Configure(ChannelConfig),
    /// Another component takes over.
    Swap(Box<Candidate>),
    /// Let the instance finish within this time, then stop.
    Drain(Duration, oneshot::Sender<()>),
    /// Throw the instance away as if it had trapped: for demonstrations and
    /// tests of what follows.
    Kill,
}

/// The lanes. Only handles hold the sending ends of control and commands, so the
/// actor sees when the last one is gone.
pub(super) struct Lanes {
    pub(super) control: mpsc::Receiver<Control>,
    pub(super) commands: mpsc::Receiver<CommandOut>,
    pub(super) frames: mpsc::Receiver<SocketEvent>,
    pub(super) completions: mpsc::Receiver<Completion>,
}

/// Where things enter the actor.
pub(crate) struct Inlets {
    pub(super) lanes: Lanes,
    pub(super) arrivals: Arrivals,
    /// Numbers of messages the agent is done with.
    pub(super) answered: mpsc::UnboundedReceiver<u64>,
}

/// Where sockets and requests put what they bring.
pub(super) struct Arrivals {
    pub(super) frames: mpsc::Sender<SocketEvent>,
    /// Room for every request and digest that can be outstanding, so a task
    /// that finishes never waits.
    pub(super) completions: mpsc::Sender<Completion>,
}

/// What a handle speaks into.
#[derive(Clone)]
pub(crate) struct Mail {
    pub(crate) control: mpsc::Sender<Control>,
    pub(crate) commands: mpsc::Sender<CommandOut>,
    /// Numbers of answered messages; there are never more than were delivered.
    pub(crate) answered: mpsc::UnboundedSender<u64>,
    /// Places for commands that were not answered.
    pub(crate) places: Arc<Semaphore>,
}

impl Mail {
    pub(crate) fn new(
        control: mpsc::Sender<Control>,
        commands: mpsc::Sender<CommandOut>,
        answered: mpsc::UnboundedSender<u64>,
    ) -> Self {
        Self {
            control,
            commands,
            answered,
            places: Arc::new(Semaphore::new(limits::COMMANDS)),
        }
    }
}

impl Inlets {
    pub(crate) fn new() -> (Mail, Self) {
        let (answered_in, answered) = mpsc::unbounded_channel();
        let (control_in, control) = mpsc::channel(limits::CONTROL_LANE);
        let (commands_in, commands) = mpsc::channel(limits::COMMAND_LANE);
        let (frames_in, frames) = mpsc::channel(limits::DATA_LANE);
        let (completions_in, completions) = mpsc::channel(limits::REQUESTS + limits::BLOBS);
        let inlets = Self {
            lanes: Lanes {
                control,
                commands,
                frames,
                completions,
            },
            arrivals: Arrivals {
                frames: frames_in,
                completions: completions_in,
            },
            answered,
        };
        (Mail::new(control_in, commands_in, answered_in), inlets)
    }
}

//! What can happen to a channel, a lane each: so nothing is stuck behind
//! something else, a command not behind frames, and the end not behind commands.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::error::TryRecvError;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::time::Instant;

use super::commands::CommandOut;
use super::parts::{Actor, Phase};
use super::requests::Completion;
use super::swap::Candidate;
use crate::config::ChannelConfig;
use crate::contract::{Event, Failure, FailureKind};
use crate::limits;
use crate::net::SocketEvent;

/// Wishes taken from the lane between two events.
const HEARD: usize = 16;
/// Commands taken in and not yet given. More stay in their lane, where the
/// caller waits.
const HELD: usize = 64;

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

/// What can only be done between two batches.
pub(super) enum Urgent {
    Swap(Box<Candidate>),
    Kill,
    Gone,
}

/// The lanes and what is put into them from inside. Only handles hold the
/// sending ends of control and commands, so the actor sees when the last one is gone.
pub(crate) struct Lanes {
    pub(super) control: mpsc::Receiver<Control>,
    pub(super) commands: mpsc::Receiver<CommandOut>,
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

impl Lanes {
    pub(crate) fn new() -> (Mail, Self) {
        let (answered_in, answered) = mpsc::unbounded_channel();
        let (control_in, control) = mpsc::channel(limits::CONTROL_LANE);
        let (commands_in, commands) = mpsc::channel(limits::COMMAND_LANE);
        let (data_in, data) = mpsc::channel(limits::DATA_LANE);
        let (completions_in, completions) = mpsc::channel(limits::REQUESTS + limits::BLOBS);
        (
            Mail::new(control_in, commands_in, answered_in),
            Self {
                answered,
                control,
                commands,
                data,
                data_in,
                completions,
                completions_in,
            },
        )
    }
}

impl Actor {
    /// Takes in what the host wishes: control first, then as many commands as
    /// are soon given. An instance that does not run holds up no command's
    /// refusal.
    pub(super) fn hear(&mut self) {
        for _ in 0..HEARD {
            if self.urgent.is_some() {
                return;
            }
            match self.lanes.control.try_recv() {
                Ok(control) => self.control(control),
                Err(TryRecvError::Disconnected) => self.urgent = Some(Urgent::Gone),
                Err(TryRecvError::Empty) => break,
            }
        }
        for _ in 0..HEARD {
            if self.held.len() >= HELD && matches!(self.phase, Phase::Running(_)) {
                return;
            }
            let Ok(command) = self.lanes.commands.try_recv() else {
                return;
            };
            self.command(command);
        }
    }

    pub(super) fn control(&mut self, control: Control) {
        match control {
            Control::Configure(config) => self.configure(config),
            Control::Drain(within, done) => {
                let ms = u64::try_from(within.as_millis()).unwrap_or(u64::MAX);
                self.draining = Some((Instant::now() + within, done));
                self.hold(Event::Drain(ms));
            }
            Control::Swap(candidate) => self.urgent = Some(Urgent::Swap(candidate)),
            Control::Kill => self.urgent = Some(Urgent::Kill),
        }
    }

    pub(super) fn command(&mut self, command: CommandOut) {
        if let Phase::Stopped(reason) = &self.phase {
            let failure = Failure::new(
                FailureKind::Unavailable,
                format!("the channel has stopped: {reason}"),
            );
            let _gone = command.answer.send(Err(failure));
        } else if let Some(command) = self.commands.accept(command, Instant::now()) {
            self.hold(Event::Command(command));
        }
    }

    /// Queues an event the host asks for.
    pub(super) fn hold(&mut self, event: Event) {
        self.held.push_back((event, false));
    }

    /// Queues the news that an action could not happen.
    pub(super) fn refuse(&mut self, event: Event) {
        self.refused.push_back(event);
    }

    /// The settings that are to be given; newer ones take their place.
    pub(super) fn hold_settings(&mut self, config: String) {
        self.held
            .retain(|(event, _)| !matches!(event, Event::Configure(_)));
        self.hold(Event::Configure(config));
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
        self.refused.clear();
    }
}

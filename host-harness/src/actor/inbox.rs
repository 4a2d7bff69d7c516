//! What comes to a channel and waits to be given, and which of it is next.
//!
//! It never gives anything itself, and takes nothing that there is no room for.

use tokio::sync::mpsc::error::TryRecvError;
use tokio::time::Instant;

use super::commands::CommandOut;
use super::event::socket_event;
use super::lanes::{Control, Lanes};
use super::open::Open;
use super::pace::Pace;
use super::queue::Queue;
use super::reports::Reports;
use super::turns::{Source, Turns};
use crate::contract::Event;

/// The lanes, and whose turn it is.
pub(super) struct Inbox {
    lanes: Lanes,
    turns: Turns,
    pace: Pace,
}

/// What came while nothing was to be done.
pub(super) enum Arrival {
    Event(Event),
    Control(Control),
    Command(CommandOut),
    /// Something that nobody waits for any more.
    Stale,
    /// Every handle is gone.
    Gone,
}

impl Inbox {
    pub(super) fn new(lanes: Lanes, now: Instant) -> Self {
        Self {
            lanes,
            turns: Turns::default(),
            pace: Pace::new(now),
        }
    }

    /// A wish about the channel itself, if one waits.
    pub(super) fn control(&mut self) -> Option<Arrival> {
        match self.lanes.control.try_recv() {
            Ok(control) => Some(Arrival::Control(control)),
            Err(TryRecvError::Disconnected) => Some(Arrival::Gone),
            Err(TryRecvError::Empty) => None,
        }
    }

    /// A command, if one waits.
    pub(super) fn command(&mut self) -> Option<CommandOut> {
        self.lanes.commands.try_recv().ok()
    }

    /// Do frames wait to be given?
    pub(super) fn has_frames(&self) -> bool {
        !self.lanes.frames.is_empty()
    }

    /// An event that is there already, without waiting, and whether it is given
    /// again. `room`: frames may be given. `own`: so may what the channel causes
    /// itself.
    pub(super) fn ready(
        &mut self,
        queue: &mut Queue,
        open: &mut Open,
        reports: &Reports,
        room: bool,
        own: bool,
    ) -> Option<(Event, bool)> {
        if let Some(again) = queue.take_again() {
            return Some(again);
        }
        let now = Instant::now();
        let own = own && self.pace.next() <= now;
        let lanes = &mut self.lanes;
        let (source, event) = self.turns.round().find_map(|source| {
            let event = match source {
                Source::Asked => queue.take_asked(),
                Source::Timers if own => open.timers.pop(now).map(Event::Timer),
                Source::Refused if own => queue.take_refused(),
                Source::Completions => completion(lanes, open),
                Source::Frames if room => frame(lanes, open),
                Source::Timers | Source::Refused | Source::Frames => None,
            };
            event.map(|event| (source, event))
        })?;
        match source {
            Source::Timers | Source::Refused => self.slow_down(now, reports),
            Source::Asked | Source::Completions | Source::Frames => self.pace.other(),
        }
        Some((event, false))
    }

    /// What the channel causes itself comes at a pace that leaves room for others.
    fn slow_down(&mut self, now: Instant, reports: &Reports) {
        if let Some(circle) = self.pace.own(now) {
            reports.slowed(circle.events, circle.floor, circle.tell);
        }
    }

    /// When a timer or a refusal is to be given.
    pub(super) fn own_due(&self, queue: &Queue, open: &Open) -> Option<Instant> {
        let refused = queue.has_refused().then(|| self.pace.next());
        let timer = open.timers.next().map(|due| due.max(self.pace.next()));
        refused.into_iter().chain(timer).min()
    }

    /// Waits for whatever comes first. `running`: events may be given, and frames
    /// if there is `room`.
    pub(super) async fn arrival(&mut self, open: &Open, running: bool, room: bool) -> Arrival {
        let lanes = &mut self.lanes;
        let event = tokio::select! {
            control = lanes.control.recv() => return control.map_or(Arrival::Gone, Arrival::Control),
            command = lanes.commands.recv() => return command.map_or(Arrival::Gone, Arrival::Command),
            Some(done) = lanes.completions.recv(), if running => {
                open.is_awaited(&done).then_some(done.event)
            }
            Some(event) = lanes.frames.recv(), if running && room => {
                open.is_current(&event).then(|| socket_event(event))
            }
        };
        let Some(event) = event else {
            return Arrival::Stale;
        };
        self.pace.other();
        Arrival::Event(event)
    }
}

/// A completion that somebody waits for, if one is there.
fn completion(lanes: &mut Lanes, open: &Open) -> Option<Event> {
    let mut waiting = std::iter::from_fn(|| lanes.completions.try_recv().ok());
    let done = waiting.find(|done| open.is_awaited(done))?;
    Some(done.event)
}

/// A frame of a socket that is still the channel's, if one is there.
fn frame(lanes: &mut Lanes, open: &Open) -> Option<Event> {
    let mut waiting = std::iter::from_fn(|| lanes.frames.try_recv().ok());
    waiting
        .find(|event| open.is_current(event))
        .map(socket_event)
}

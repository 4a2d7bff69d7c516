//! Which of the things that wait is given next. They take turns, so that none of
//! them keeps another one waiting; what was asked has every second turn.

use tokio::time::Instant;

use super::parts::Actor;
use super::run::socket_event;
use crate::contract::Event;

#[derive(Clone, Copy)]
enum Source {
    /// Commands, settings, the end.
    Asked,
    Timers,
    /// Actions that could not happen.
    Refused,
    Completions,
    Frames,
}

const ROUND: [Source; 8] = [
    Source::Asked,
    Source::Timers,
    Source::Asked,
    Source::Refused,
    Source::Asked,
    Source::Completions,
    Source::Asked,
    Source::Frames,
];

/// Whose turn it is.
#[derive(Default)]
pub(super) struct Turns(usize);

impl Turns {
    fn next(&mut self) -> Source {
        let [first, ..] = ROUND;
        let source = ROUND.get(self.0).copied().unwrap_or(first);
        self.0 = (self.0 + 1) % ROUND.len();
        source
    }
}

impl Actor {
    /// An event that is there already, without waiting, and whether it is given
    /// again. `staged`: messages for the agent that wait for their commit.
    pub(super) fn ready(&mut self, staged: usize) -> Option<(Event, bool)> {
        // What an instance died over comes before everything else.
        if let Some(again) = self.held.pop_front_if(|(_, again)| *again) {
            return Some(again);
        }
        (0..ROUND.len()).find_map(|_| {
            let source = self.turns.next();
            self.take(source, staged).map(|event| (event, false))
        })
    }

    fn take(&mut self, source: Source, staged: usize) -> Option<Event> {
        let event = match source {
            Source::Asked => self.held.pop_front().map(|(event, _)| event)?,
            Source::Completions => self.take_completion()?,
            Source::Frames => self.take_frame(staged)?,
            Source::Timers | Source::Refused => return self.take_own(source),
        };
        self.pace.other();
        Some(event)
    }

    /// What the channel causes itself, at a pace that leaves room for others.
    fn take_own(&mut self, source: Source) -> Option<Event> {
        let now = Instant::now();
        if self.is_finishing() || self.pace.next() > now {
            return None;
        }
        let event = match source {
            Source::Refused => self.refused.pop_front()?,
            _ => Event::Timer(self.resources.timers.pop(now)?),
        };
        if let Some(circle) = self.pace.own(now) {
            self.outlets.counters.add("slowed", 1);
            if circle.tell {
                tracing::warn!(
                    channel = %self.spec.name, events = circle.events, floor_ms = circle.floor.as_millis(),
                    "the channel goes in a circle of timers or refused actions and is slowed; \
                     report it to the author of the plugin"
                );
            }
        }
        Some(event)
    }

    fn take_completion(&mut self) -> Option<Event> {
        while let Ok(done) = self.lanes.completions.try_recv() {
            if self.resources.is_awaited(&done) {
                return Some(done.event);
            }
        }
        None
    }

    fn take_frame(&mut self, staged: usize) -> Option<Event> {
        while self.has_room(staged) {
            let event = self.lanes.data.try_recv().ok()?;
            if self.resources.is_current(&event) {
                return Some(socket_event(event));
            }
        }
        None
    }

    /// Nothing but the disk keeps the channel from its end: another timer would
    /// bring another commit.
    fn is_finishing(&self) -> bool {
        self.draining.is_some() && self.is_told() && self.committing.is_some()
    }

    /// When a timer or a refusal is to be given.
    pub(super) fn own_due(&self) -> Option<Instant> {
        if self.is_finishing() {
            return None;
        }
        let refused = self.refused.front().map(|_| self.pace.next());
        let timer = self.resources.timers.next();
        let timer = timer.map(|due| due.max(self.pace.next()));
        refused.into_iter().chain(timer).min()
    }
}

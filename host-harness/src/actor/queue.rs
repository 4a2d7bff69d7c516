//! Events that the host makes itself and has not given yet: what was asked of
//! the channel, what is given again, and news of actions that could not happen.

use std::collections::VecDeque;

use crate::contract::Event;

/// Commands taken in and not yet given. More stay in their lane, where the
/// caller waits.
const HELD: usize = 64;

/// Such events, oldest first.
#[derive(Default)]
pub(super) struct Queue {
    /// What was asked of the channel, and events to be given again; the flag is
    /// `redelivered`.
    held: VecDeque<(Event, bool)>,
    /// There are no more than sockets and requests.
    refused: VecDeque<Event>,
}

impl Queue {
    /// Queues an event the host asks for.
    pub(super) fn hold(&mut self, event: Event) {
        self.held.push_back((event, false));
    }

    /// Queues the settings that are to be given; newer ones take their place.
    pub(super) fn hold_settings(&mut self, config: String) {
        self.held
            .retain(|(event, _)| !matches!(event, Event::Configure(_)));
        self.hold(Event::Configure(config));
    }

    /// Queues an event to be given again, before everything else.
    pub(super) fn hold_again(&mut self, event: Event) {
        self.held.push_front((event, true));
    }

    /// Queues the news that an action could not happen.
    pub(super) fn refuse(&mut self, event: Event) {
        self.refused.push_back(event);
    }

    /// What an instance died over; it comes before everything else.
    pub(super) fn take_again(&mut self) -> Option<(Event, bool)> {
        self.held.pop_front_if(|(_, again)| *again)
    }

    pub(super) fn take_asked(&mut self) -> Option<Event> {
        self.held.pop_front().map(|(event, _)| event)
    }

    pub(super) fn take_refused(&mut self) -> Option<Event> {
        self.refused.pop_front()
    }

    /// Does news of an action wait?
    pub(super) fn has_refused(&self) -> bool {
        !self.refused.is_empty()
    }

    /// May no further command be taken in?
    pub(super) fn is_full(&self) -> bool {
        self.held.len() >= HELD
    }

    pub(super) fn is_empty(&self) -> bool {
        self.held.is_empty() && self.refused.is_empty()
    }

    /// Drops the commands that nobody waits for any more.
    pub(super) fn retain_commands(&mut self, is_open: impl Fn(u64) -> bool) {
        self.held
            .retain(|(event, _)| !matches!(event, Event::Command(late) if !is_open(late.id)));
    }

    /// Forgets what waits: nobody is left to be told.
    pub(super) fn clear(&mut self) {
        self.held.clear();
        self.refused.clear();
    }
}

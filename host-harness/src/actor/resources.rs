//! What a channel has open: sockets, requests and timers, by the channel's own
//! numbers. They outlive the instance that opened them.

use std::collections::{BTreeMap, BTreeSet};

use tokio::task::AbortHandle;
use tokio::time::{Duration, Instant};

use super::requests::Completion;
use crate::contract::{Event, Live, LiveKind};
use crate::limits;
use crate::net::{SocketEvent, SocketHandle};

/// Numbers in use, as the channel knows them after its newest action list; the
/// effects may still wait for their commit.
#[derive(Clone, Debug, Default)]
pub(super) struct Ids {
    pub(super) sockets: BTreeSet<u64>,
    pub(super) requests: BTreeSet<u64>,
    /// Requests that were called off, until that is told.
    pub(super) called_off: BTreeSet<u64>,
    pub(super) timers: BTreeSet<u64>,
    pub(super) digests: BTreeSet<u64>,
}

impl Ids {
    /// The event ends something: its number is free from here on.
    pub(super) fn free(&mut self, event: &Event) {
        if let Some((numbers, id)) = self.ended_by(event) {
            numbers.remove(&id);
        }
    }

    /// The event did not arrive after all.
    pub(super) fn take_back(&mut self, event: &Event) {
        if let Some((numbers, id)) = self.ended_by(event) {
            numbers.insert(id);
        }
    }

    fn request(&mut self, id: u64) -> &mut BTreeSet<u64> {
        if self.called_off.contains(&id) {
            &mut self.called_off
        } else {
            &mut self.requests
        }
    }

    fn ended_by(&mut self, event: &Event) -> Option<(&mut BTreeSet<u64>, u64)> {
        match event {
            Event::SocketClosed(closed) => Some((&mut self.sockets, closed.id)),
            Event::HttpResponse(response) => Some((self.request(response.id), response.id)),
            Event::HttpFailed(failed) => Some((self.request(failed.id), failed.id)),
            Event::Timer(id) => Some((&mut self.timers, *id)),
            Event::BlobDigested(digested) => Some((&mut self.digests, digested.id)),
            _ => None,
        }
    }
}

/// The open things themselves.
#[derive(Default)]
pub(super) struct Resources {
    pub(super) sockets: BTreeMap<u64, SocketHandle>,
    pub(super) requests: BTreeMap<u64, (u64, AbortHandle)>,
    pub(super) digests: BTreeMap<u64, u64>,
    pub(super) timers: Timers,
    lives: u64,
}

impl Resources {
    /// The event is the last of something.
    pub(super) fn forget(&mut self, event: &Event) {
        match event {
            Event::SocketClosed(closed) => drop(self.sockets.remove(&closed.id)),
            Event::HttpResponse(response) => drop(self.requests.remove(&response.id)),
            Event::HttpFailed(failed) => drop(self.requests.remove(&failed.id)),
            Event::BlobDigested(digested) => drop(self.digests.remove(&digested.id)),
            _ => {}
        }
    }

    /// Numbers are used again; a life never is. What comes late from an
    /// earlier holder of a number is told apart by it.
    pub(super) fn new_life(&mut self) -> u64 {
        self.lives += 1;
        self.lives
    }

    /// Is this from the socket that has the number now?
    pub(super) fn is_current(&self, event: &SocketEvent) -> bool {
        self.sockets
            .get(&event.id)
            .is_some_and(|socket| socket.life() == event.life)
    }

    /// Is there something to read on a socket that is not in the lane yet?
    pub(super) fn any_behind(&self) -> bool {
        self.sockets.values().any(SocketHandle::is_behind)
    }

    /// Does anybody still wait for this?
    pub(super) fn is_awaited(&self, done: &Completion) -> bool {
        let life = match &done.event {
            Event::HttpResponse(response) => self.requests.get(&response.id).map(|(life, _)| *life),
            Event::HttpFailed(failed) => self.requests.get(&failed.id).map(|(life, _)| *life),
            Event::BlobDigested(digested) => self.digests.get(&digested.id).copied(),
            _ => None,
        };
        life == Some(done.life)
    }

    /// Ends a request; its answer will not be given to anybody. Whether there was
    /// one.
    pub(super) fn cancel(&mut self, id: u64) -> bool {
        let cancelled = self.requests.remove(&id);
        if let Some((_, task)) = &cancelled {
            task.abort();
        }
        cancelled.is_some()
    }

    /// What a fresh instance is told it has.
    pub(super) fn adopted(ids: &Ids, commands: impl Iterator<Item = u64>) -> Vec<Live> {
        let live = |kind, id: &u64| Live { kind, id: *id };
        let sockets = ids.sockets.iter().map(|id| live(LiveKind::Socket, id));
        let requests = ids.requests.iter().chain(&ids.called_off);
        let requests = requests.map(|id| live(LiveKind::Request, id));
        let timers = ids.timers.iter().map(|id| live(LiveKind::Timer, id));
        let commands = commands.map(|id| Live {
            kind: LiveKind::Command,
            id,
        });
        sockets
            .chain(requests)
            .chain(timers)
            .chain(commands)
            .collect()
    }

    /// Nothing is on the wire any more.
    pub(super) fn is_idle(&self) -> bool {
        self.sockets.is_empty() && self.requests.is_empty()
    }

    /// Closes and cancels everything.
    pub(super) fn drop_all(&mut self) {
        for (_, (_, request)) in std::mem::take(&mut self.requests) {
            request.abort();
        }
        self.digests.clear();
        self.sockets.clear();
        self.timers = Timers::default();
    }
}

/// Timers by due time.
#[derive(Default)]
pub(super) struct Timers {
    due: BTreeSet<(Instant, u64)>,
    by_id: BTreeMap<u64, Instant>,
}

impl Timers {
    /// Sets a timer `after_ms` from an event, never at once: others come between
    /// two of its firings. A far-away one is as good as none, and a year never
    /// overflows.
    pub(super) fn set_after(&mut self, id: u64, from: Instant, after_ms: u64) {
        let year = Duration::from_secs(366 * 86_400);
        let after = Duration::from_millis(after_ms).clamp(limits::TIMER_MIN, year);
        self.set(id, from + after);
    }

    /// Sets a timer, moving it if it is set.
    pub(super) fn set(&mut self, id: u64, at: Instant) {
        self.cancel(id);
        self.by_id.insert(id, at);
        self.due.insert((at, id));
    }

    pub(super) fn cancel(&mut self, id: u64) {
        if let Some(at) = self.by_id.remove(&id) {
            self.due.remove(&(at, id));
        }
    }

    /// When the next one is due.
    pub(super) fn next(&self) -> Option<Instant> {
        self.due.first().map(|(at, _)| *at)
    }

    /// Takes one timer that is due.
    pub(super) fn pop(&mut self, now: Instant) -> Option<u64> {
        let (at, id) = *self.due.first()?;
        if at > now {
            return None;
        }
        self.cancel(id);
        Some(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_timer_is_due_at_once() {
        let now = Instant::now();
        let mut timers = Timers::default();
        timers.set_after(1, now, 0);
        assert_eq!(timers.pop(now), None);
        assert_eq!(timers.pop(now + limits::TIMER_MIN), Some(1));
    }

    #[test]
    fn timers_fire_in_order_once_and_move() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut timers = Timers::default();
        timers.set(1, at(30));
        timers.set(2, at(10));
        timers.set(1, at(5));
        assert_eq!(timers.next(), Some(at(5)));
        assert_eq!(timers.pop(at(4)), None);
        assert_eq!(timers.pop(at(20)), Some(1));
        assert_eq!(timers.pop(at(20)), Some(2));
        assert_eq!(timers.pop(at(90)), None);
        timers.set(3, at(1));
        timers.cancel(3);
        assert_eq!(timers.next(), None);
    }
}

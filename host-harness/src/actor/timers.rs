//! Timers, which outlive the instance that set them.

use std::collections::{BTreeMap, BTreeSet};

use tokio::time::{Duration, Instant};

use crate::limits;

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

//! Two ways of counting: a sliding window for quotas, a bucket for `/gateway`.

use std::collections::VecDeque;

/// One second, minute, day in milliseconds.
pub(crate) const SECOND: u64 = 1_000;
pub(crate) const MINUTE: u64 = 60 * SECOND;
pub(crate) const DAY: u64 = 24 * 60 * MINUTE;

/// At most `count` in any `span_ms`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit {
    pub(crate) count: usize,
    pub(crate) span_ms: u64,
}

/// Times of recent uses.
#[derive(Debug, Default)]
pub(crate) struct Window(VecDeque<u64>);

impl Window {
    /// No limit counts more than this, so older uses can be forgotten.
    const KEPT: usize = 2_000;

    /// Whether one more use at `now_ms` keeps within every limit.
    pub(crate) fn has_room(&self, now_ms: u64, limits: &[Limit]) -> bool {
        limits
            .iter()
            .all(|limit| self.used(now_ms, limit.span_ms) < limit.count)
    }

    /// Uses within the last `span_ms`.
    pub(crate) fn used(&self, now_ms: u64, span_ms: u64) -> usize {
        self.0
            .iter()
            .rev()
            .take_while(|at| now_ms.saturating_sub(**at) < span_ms)
            .count()
    }

    pub(crate) fn note(&mut self, now_ms: u64) {
        if self.0.len() == Self::KEPT {
            self.0.pop_front();
        }
        self.0.push_back(now_ms);
    }

    /// Milliseconds until the oldest use within `span_ms` leaves it.
    pub(crate) fn reset_after(&self, now_ms: u64, span_ms: u64) -> u64 {
        let used = self.used(now_ms, span_ms);
        let oldest = self.0.iter().rev().take(used).next_back();
        oldest.map_or(span_ms, |at| at + span_ms - now_ms)
    }
}

/// `/gateway`: "2 QPM, burst 10 QPM", read as ten calls at once and two more a minute.
#[derive(Debug)]
pub(crate) struct Bucket {
    level_ms: u64,
    at_ms: u64,
}

impl Bucket {
    const BURST: u64 = 10;
    const REFILL_MS: u64 = MINUTE / 2;

    pub(crate) const fn full(now_ms: u64) -> Self {
        Self {
            level_ms: Self::BURST * Self::REFILL_MS,
            at_ms: now_ms,
        }
    }

    /// Takes one call, if there is one.
    pub(crate) fn take(&mut self, now_ms: u64) -> bool {
        let refilled = self.level_ms + now_ms.saturating_sub(self.at_ms);
        self.level_ms = refilled.min(Self::BURST * Self::REFILL_MS);
        self.at_ms = now_ms;
        let rest = self.level_ms.checked_sub(Self::REFILL_MS);
        self.level_ms = rest.unwrap_or(self.level_ms);
        rest.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_slides() {
        let limit = [Limit {
            count: 2,
            span_ms: 100,
        }];
        let mut window = Window::default();
        window.note(0);
        window.note(50);
        assert!(!window.has_room(99, &limit));
        assert!(window.has_room(100, &limit));
        assert_eq!(window.reset_after(60, 100), 40);
    }

    #[test]
    fn ten_gateway_calls_at_once_then_two_a_minute() {
        let mut bucket = Bucket::full(0);
        assert_eq!((0..20).filter(|_| bucket.take(0)).count(), 10);
        assert_eq!((0..20).filter(|_| bucket.take(MINUTE)).count(), 2);
    }
}

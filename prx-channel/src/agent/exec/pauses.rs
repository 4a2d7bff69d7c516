//! When a process that died may be started again.

use tokio::time::{Duration, Instant};

/// A process that lived this long without a word was not broken by starting.
const HEALTHY: Duration = Duration::from_secs(60);
/// Pause after the second useless life in a row; doubled from then on.
const FIRST: Duration = Duration::from_secs(1);
/// Longest pause.
const LONGEST: Duration = Duration::from_secs(60);

/// Counts useless lives.
#[derive(Default)]
pub(super) struct Pauses {
    useless: u32,
    until: Option<Instant>,
}

impl Pauses {
    /// A process ended at `end`. One that answered is not to blame: an agent may
    /// be made to answer once and go.
    pub(super) fn died(&mut self, answered: bool, lived: Duration, end: Instant) {
        if answered || lived >= HEALTHY {
            *self = Self::default();
            return;
        }
        self.useless += 1;
        // The first death costs no time.
        self.until = self
            .useless
            .checked_sub(2)
            .map(|doublings| end + FIRST.saturating_mul(1 << doublings.min(6)).min(LONGEST));
    }

    /// How long it must still wait.
    pub(super) fn left(&self, now: Instant) -> Duration {
        self.until
            .map_or(Duration::ZERO, |until| until.saturating_duration_since(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(useless_lives: u32) -> u64 {
        let mut pauses = Pauses::default();
        let now = Instant::now();
        for _ in 0..useless_lives {
            pauses.died(false, Duration::ZERO, now);
        }
        pauses.left(now).as_secs()
    }

    #[test]
    fn pauses_grow_to_a_minute() {
        let pauses = [0, 1, 2, 3, 4, 7, 8, 9, 100].map(after);
        assert_eq!(pauses, [0, 0, 1, 2, 4, 32, 60, 60, 60]);
    }

    #[test]
    fn a_useful_life_starts_over() {
        let now = Instant::now();
        for (answered, lived) in [(true, Duration::ZERO), (false, HEALTHY)] {
            let mut pauses = Pauses::default();
            for _ in 0..9 {
                pauses.died(false, Duration::ZERO, now);
            }
            pauses.died(answered, lived, now);
            assert_eq!(pauses.left(now), Duration::ZERO);
            pauses.died(false, Duration::ZERO, now);
            assert_eq!(pauses.left(now), Duration::ZERO);
        }
    }
}

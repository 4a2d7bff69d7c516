//! How long to wait before trying again.

use std::fmt;

use crate::host::{Host, Now};
use crate::utc;

/// Ceiling of the first pause.
const FIRST_MS: u64 = 1_000;
/// Ceiling of every later one.
const LONGEST_MS: u64 = 60_000;

/// Pause after the platform said "too often": every official client waits this
/// long on close code 4008 and on codes 100001 and 100017.
pub(crate) const RATE_LIMITED_MS: u64 = 60_000;

/// Counts attempts in a row that failed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Backoff {
    attempts: u32,
}

impl Backoff {
    /// Attempts in a row that failed.
    pub(crate) const fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Only a success that proves the whole path resets it.
    pub(crate) const fn reset(&mut self) {
        self.attempts = 0;
    }

    /// Counts an attempt after which the pause is set by something else.
    pub(crate) const fn failed(&mut self) {
        self.attempts = self.attempts.saturating_add(1);
    }

    /// A success that proves much and not all: pauses fall back half their way.
    pub(crate) const fn ease(&mut self) {
        self.attempts /= 2;
    }

    /// The next pause: somewhere in the upper half of a ceiling that doubles, so
    /// that each is longer than the last and many bots do not come back at once.
    pub(crate) fn next_ms(&mut self, host: &mut Host) -> u64 {
        let ceiling = FIRST_MS
            .saturating_mul(1 << self.attempts.min(6))
            .min(LONGEST_MS);
        self.failed();
        ceiling - host.random_up_to(ceiling / 2)
    }
}

/// When it is tried again, for the status line: it must hold whenever it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Again {
    pause_ms: u64,
    wall_ms: u64,
}

impl Again {
    /// This many milliseconds from now.
    pub(crate) const fn after(pause_ms: u64, now: Now) -> Self {
        Self {
            pause_ms,
            wall_ms: now.wall_ms.saturating_add(pause_ms),
        }
    }
}

impl fmt::Display for Again {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secs = self.pause_ms.div_ceil(1_000);
        let at = utc::time(self.wall_ms);
        match secs {
            0..120 => write!(f, "Next attempt in {secs} s, at {at}."),
            _ => write!(f, "Next attempt in {} min, at {at}.", secs.div_ceil(60)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::tests::host;

    #[test]
    fn pauses_grow_from_half_a_second_to_a_minute_and_never_fall() {
        let (mut host, mut backoff) = (host(), Backoff::default());
        let mut last = 0;
        for attempt in 0..100_u32 {
            let pause = backoff.next_ms(&mut host);
            let ceiling = (1_000 << attempt.min(6)).min(60_000);
            assert!(
                (ceiling / 2..=ceiling).contains(&pause),
                "{attempt}: {pause}"
            );
            assert!(
                pause >= last || ceiling == 60_000,
                "{attempt}: {pause} after {last}"
            );
            last = pause;
        }
        assert_eq!(backoff.attempts(), 100);
    }

    #[test]
    fn half_a_success_takes_half_the_growth_back() {
        let (mut host, mut backoff) = (host(), Backoff::default());
        for _ in 0..6 {
            backoff.next_ms(&mut host);
        }
        backoff.ease();
        assert!(backoff.next_ms(&mut host) <= 8_000);
    }

    #[test]
    fn the_next_attempt_is_told_with_its_time() {
        let now = Now {
            wall_ms: 1_784_599_200_000,
            mono_ms: 0,
        };
        for (pause, text) in [
            (0, "Next attempt in 0 s, at 02:00:00 UTC."),
            (3_001, "Next attempt in 4 s, at 02:00:03 UTC."),
            (119_000, "Next attempt in 119 s, at 02:01:59 UTC."),
            (3_600_000, "Next attempt in 60 min, at 03:00:00 UTC."),
        ] {
            assert_eq!(Again::after(pause, now).to_string(), text);
        }
    }
}

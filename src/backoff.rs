//! How long to wait before trying again.

use crate::host::Host;

/// Ceiling of the first pause.
const FIRST_MS: u64 = 1_000;
/// Ceiling of every later one.
const LONGEST_MS: u64 = 60_000;
/// No pause is shorter, or a refusing peer makes a busy loop.
const SHORTEST_MS: u64 = 200;

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

    /// The next pause: uniform below a ceiling that doubles, so that many bots
    /// do not come back at once ("full jitter").
    pub(crate) fn next_ms(&mut self, host: &mut Host) -> u64 {
        let ceiling = FIRST_MS
            .saturating_mul(1 << self.attempts.min(6))
            .min(LONGEST_MS);
        self.failed();
        host.random_up_to(ceiling - SHORTEST_MS) + SHORTEST_MS
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::tests::host;

    #[test]
    fn pauses_stay_below_a_ceiling_that_doubles_to_a_minute() {
        let (mut host, mut backoff) = (host(), Backoff::default());
        for attempt in 0..100_u32 {
            let pause = backoff.next_ms(&mut host);
            assert!(pause >= SHORTEST_MS, "{pause}");
            assert!(
                pause <= (1_000 << attempt.min(6)).min(60_000),
                "{attempt}: {pause}"
            );
        }
        assert_eq!(backoff.attempts(), 100);
    }
}

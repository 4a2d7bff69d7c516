//! How often the gateway URL may be asked for.
//!
//! The platform allows about two calls a minute (QQ docs, openapi/wss/url_get); a
//! client that asks at every reconnect, or after every restart, locks itself out.
//! So the times of the last two are stored.

use serde::{Deserialize, Serialize};

/// Between two calls, unless there is a reason to ask again at once.
const DISTANCE_MS: u64 = 30_000;
/// No more than two calls in this time, whatever the reason.
const WINDOW_MS: u64 = 60_000;

/// The calls that were made; stored as their times.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Quota {
    /// Unix time of the last call, and of the one before; 0 without.
    asked_wall_ms: [u64; 2],
    /// The next call need not keep its distance from the last.
    #[serde(skip)]
    again: bool,
}

impl Quota {
    /// Milliseconds until the next call.
    pub(super) fn rest_ms(&self, now_ms: u64) -> u64 {
        // A time of the future is one that the clock left.
        let rest = |since: u64, ms: u64| match now_ms.checked_sub(since) {
            Some(gone) => ms.saturating_sub(gone),
            None => 0,
        };
        let [last, before] = self.asked_wall_ms;
        let distance = if self.again { 0 } else { DISTANCE_MS };
        rest(last, distance).max(rest(before, WINDOW_MS))
    }

    /// A call is being made.
    pub(super) const fn spend(&mut self, now_ms: u64) {
        let [last, _] = self.asked_wall_ms;
        self.asked_wall_ms = [now_ms, last];
        self.again = false;
    }

    /// Something changed: a second call in a row is worth its quota.
    pub(super) const fn allow_again(&mut self) {
        self.again = true;
    }

    /// The platform says that it is used up, perhaps by an earlier process.
    pub(super) const fn used_up(&mut self, now_ms: u64) {
        self.asked_wall_ms = [now_ms; 2];
    }

    /// The last call did not count.
    pub(super) const fn give_back(&mut self) {
        let [_, before] = self.asked_wall_ms;
        self.asked_wall_ms = [before, 0];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn asked(asked_wall_ms: [u64; 2]) -> Quota {
        Quota {
            asked_wall_ms,
            again: false,
        }
    }

    #[test]
    fn two_calls_keep_their_distance_and_a_third_waits_for_a_minute() {
        const NOW: u64 = 1_000_000;
        for (ago, rest_ms) in [
            ([NOW, NOW], 0),
            ([10_000, NOW], 20_000),
            ([30_000, NOW], 0),
            ([30_000, 35_000], 25_000),
        ] {
            assert_eq!(asked(ago.map(|ago| NOW - ago)).rest_ms(NOW), rest_ms);
        }
    }

    #[test]
    fn a_reason_to_ask_at_once_does_not_lift_the_quota() {
        let mut quota = asked([60_000, 0]);
        quota.allow_again();
        assert_eq!(quota.rest_ms(70_000), 0);
        quota.asked_wall_ms = [60_000, 59_000];
        assert_eq!(quota.rest_ms(70_000), 49_000);
    }

    #[test]
    fn a_clock_that_was_set_back_does_not_lock_up() {
        assert_eq!(asked([900_000, 900_000]).rest_ms(70_000), 0);
    }
}

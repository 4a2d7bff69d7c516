//! How fast the channel speaks on its own account.
//!
//! Each answer is a request, and the host lets few be open at a time: a crowd of
//! strangers must not take the place of the agent's replies.

/// Answers that may follow one another at once.
const BURST: u64 = 16;
/// One more after this time.
const REFILL_MS: u64 = 2_000;

/// Full at first.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// When it is full again, monotonic milliseconds.
    full_at_ms: u64,
}

impl Pace {
    /// Whether the channel may speak now; if so, it does.
    pub(super) fn take(&mut self, now_ms: u64) -> bool {
        let full_at_ms = self.full_at_ms.max(now_ms).saturating_add(REFILL_MS);
        let may = full_at_ms - now_ms <= BURST * REFILL_MS;
        if may {
            self.full_at_ms = full_at_ms;
        }
        may
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_and_then_one_at_a_time() {
        let mut pace = Pace::default();
        let mut taken = |now_ms| (0..100).filter(|_| pace.take(now_ms)).count();
        assert_eq!(taken(5), 16);
        assert_eq!(taken(2_004), 0);
        assert_eq!(taken(2_005), 1);
        assert_eq!(taken(6_005), 2);
        assert_eq!(taken(1_000_000), 16);
    }
}

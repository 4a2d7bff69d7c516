//! A moment that outlives the process it was set in.

use serde::{Deserialize, Serialize};

use crate::host::Now;

/// Wall time is stored; while the process lives, the clock that never jumps
/// decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Until {
    wall_ms: u64,
    #[serde(skip)]
    mono_ms: u64,
}

/// A command is answered so much before its deadline, or a quarter of it: after
/// that the host says that nobody knows.
const MARGIN_MS: u64 = 2_000;

impl Until {
    /// When a command is answered at the latest that has so many milliseconds.
    pub(crate) fn answered(deadline_ms: u64, now: Now) -> Self {
        let margin_ms = MARGIN_MS.min(deadline_ms / 4);
        Self::after(deadline_ms.saturating_sub(margin_ms), now)
    }

    /// So many milliseconds from now.
    pub(crate) const fn after(ms: u64, now: Now) -> Self {
        Self {
            wall_ms: now.wall_ms.saturating_add(ms),
            mono_ms: now.mono_ms.saturating_add(ms),
        }
    }

    /// At this time of the wall clock.
    pub(crate) const fn at(wall_ms: u64, now: Now) -> Self {
        Self::after(wall_ms.saturating_sub(now.wall_ms), now)
    }

    /// The same after it was stored, on the clock of another process.
    pub(crate) const fn again(self, now: Now) -> Self {
        Self::at(self.wall_ms, now)
    }

    /// Milliseconds left.
    pub(crate) const fn left_ms(self, now: Now) -> u64 {
        self.mono_ms.saturating_sub(now.mono_ms)
    }

    pub(crate) const fn is_over(self, now: Now) -> bool {
        self.left_ms(now) == 0
    }

    /// When it comes, monotonic milliseconds.
    pub(crate) const fn mono_ms(self) -> u64 {
        self.mono_ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn now(wall_ms: u64, mono_ms: u64) -> Now {
        Now { wall_ms, mono_ms }
    }

    #[test]
    fn a_process_that_began_anew_sees_the_same_moment() {
        let until = Until::after(5_000, now(1_000_000, 900_000));
        // A wall clock that jumps means nothing while the process lives.
        assert_eq!(until.left_ms(now(9_000_000, 902_000)), 3_000);
        let stored = serde_json::to_vec(&until).unwrap_or_default();
        let read: Until = serde_json::from_slice(&stored).unwrap_or(until);
        let there = now(1_002_000, 7);
        assert_eq!(read.again(there).left_ms(there), 3_000);
        let late = now(2_000_000, 7);
        assert!(read.again(late).is_over(late));
    }
}

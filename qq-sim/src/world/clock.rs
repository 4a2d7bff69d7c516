//! The platform's clock: real time plus what a test has skipped, and the
//! timestamp form of messages.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// China standard time, the zone of every message timestamp.
const ZONE_SECS: u64 = 8 * 3600;

/// Milliseconds since the epoch, moved forward on demand. Token life, reply
/// windows and quotas read it; heartbeats are real time, a socket cannot skip.
#[derive(Debug)]
pub(crate) struct Clock {
    started: Instant,
    epoch_ms: u64,
    skipped: Duration,
}

impl Clock {
    pub(crate) fn new() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        Self {
            started: Instant::now(),
            epoch_ms: since.map_or(0, millis),
            skipped: Duration::ZERO,
        }
    }

    /// Virtual wall-clock milliseconds.
    pub(crate) fn now_ms(&self) -> u64 {
        self.epoch_ms + millis(self.started.elapsed() + self.skipped)
    }

    /// Skips ahead.
    pub(crate) fn advance(&mut self, by: Duration) {
        self.skipped += by;
    }
}

/// Whole milliseconds of a duration; 584 million years fit.
pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// RFC 3339 with `+08:00`, as on messages and interactions.
pub(crate) fn timestamp(epoch_ms: u64) -> String {
    let local = epoch_ms / 1000 + ZONE_SECS;
    let (year, month, day) = civil(local / 86_400);
    let (hour, minute, second) = (local / 3600 % 24, local / 60 % 60, local % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}+08:00")
}

/// Gregorian date of a day number since 1970, by the 400-year-cycle method:
/// years begin in March, so the leap day comes last.
fn civil(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_china_time() {
        assert_eq!(timestamp(0), "1970-01-01T08:00:00+08:00");
        assert_eq!(timestamp(1_784_599_200_000), "2026-07-21T10:00:00+08:00");
        assert_eq!(timestamp(1_709_222_399_000), "2024-02-29T23:59:59+08:00");
    }

    #[test]
    fn skips_ahead() {
        let mut clock = Clock::new();
        let before = clock.now_ms();
        clock.advance(Duration::from_secs(60));
        assert!(clock.now_ms() >= before + 60_000);
    }
}

//! How often messages may go out: token buckets.
//!
//! The generic cell rate algorithm: a bucket is one number, the time at which it
//! would be full again.

use std::collections::BTreeMap;

/// Buckets remembered; full ones are forgotten first.
const MOST: usize = 1_024;

/// So many in so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    pub(crate) most: u32,
    pub(crate) per_ms: u64,
}

impl Rate {
    pub(crate) const fn per_second(most: u32) -> Self {
        Self {
            most,
            per_ms: 1_000,
        }
    }

    pub(crate) const fn per_minute(most: u32) -> Self {
        Self {
            most,
            per_ms: 60_000,
        }
    }
}

/// By name: when the bucket is full again, monotonic milliseconds.
#[derive(Debug, Default)]
pub(crate) struct Buckets(BTreeMap<String, u64>);

impl Buckets {
    /// Milliseconds until the bucket gives one; absent if it never does.
    pub(crate) fn wait_ms(&self, name: &str, rate: Rate, now_ms: u64) -> Option<u64> {
        if rate.most == 0 {
            return None;
        }
        let full_ms = self.0.get(name).copied().unwrap_or(0).max(now_ms);
        let room_ms = rate.per_ms - rate.per_ms / u64::from(rate.most);
        Some((full_ms - now_ms).saturating_sub(room_ms))
    }

    /// Takes one.
    pub(crate) fn take(&mut self, name: &str, rate: Rate, now_ms: u64) {
        if rate.most == 0 {
            return;
        }
        if self.0.len() >= MOST {
            self.0.retain(|_, full_ms| *full_ms > now_ms);
        }
        let full_ms = self.0.get(name).copied().unwrap_or(0).max(now_ms);
        let one_ms = rate.per_ms / u64::from(rate.most);
        self.0.insert(name.to_owned(), full_ms + one_ms);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_a_burst_and_then_one_at_a_time() {
        let (mut buckets, rate) = (Buckets::default(), Rate::per_second(5));
        for _ in 0..5 {
            assert_eq!(buckets.wait_ms("a", rate, 1_000), Some(0));
            buckets.take("a", rate, 1_000);
        }
        assert_eq!(buckets.wait_ms("a", rate, 1_000), Some(200));
        assert_eq!(buckets.wait_ms("b", rate, 1_000), Some(0));
        assert_eq!(buckets.wait_ms("a", rate, 1_200), Some(0));
        assert_eq!(buckets.wait_ms("a", Rate::per_second(0), 1_200), None);
    }

    #[test]
    fn never_more_than_twice_the_rate_in_any_window() {
        let (mut buckets, rate) = (Buckets::default(), Rate::per_minute(20));
        let mut given = Vec::new();
        for now_ms in (0..600_000).step_by(50) {
            if buckets.wait_ms("a", rate, now_ms) == Some(0) {
                buckets.take("a", rate, now_ms);
                given.push(now_ms);
            }
        }
        for start in &given {
            let inside = given
                .iter()
                .filter(|t| (*start..start + 60_000).contains(*t));
            assert!(inside.count() <= 40);
        }
        assert!(given.len() >= 200);
    }
}

//! Counts of what a channel did, by name.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Names a channel may count under; more are ignored.
const NAMES: usize = 256;

/// Counters of one channel. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Counters {
    counts: Arc<Mutex<BTreeMap<String, u64>>>,
}

impl Counters {
    pub(crate) fn add(&self, name: &str, delta: u64) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(name) {
            *count = count.saturating_add(delta);
        } else if counts.len() < NAMES {
            counts.insert(name.to_owned(), delta);
        }
    }

    /// All counts now.
    pub fn snapshot(&self) -> BTreeMap<String, u64> {
        self.counts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// One count now; 0 when nothing was counted.
    pub fn get(&self, name: &str) -> u64 {
        self.counts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(name)
            .copied()
            .unwrap_or(0)
    }
}

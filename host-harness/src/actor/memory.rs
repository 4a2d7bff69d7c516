//! What the channel put and has not removed, with its size.

use crate::contract::{Put, StateEntry};
use crate::store::State;

/// The channel's state as its newest list of actions left it; the disk may be
/// behind.
pub(super) struct Memory {
    entries: State,
    bytes: u64,
}

impl Memory {
    pub(super) fn new(entries: State) -> Self {
        let bytes = entries.iter().map(|(key, value)| size(key, value)).sum();
        Self { entries, bytes }
    }

    pub(super) fn put(&mut self, put: &Put) {
        self.bytes += size(&put.key, &put.value);
        let old = self.entries.insert(put.key.clone(), put.value.clone());
        self.bytes -= old.map_or(0, |old| size(&put.key, &old));
    }

    pub(super) fn remove(&mut self, key: &str) {
        let old = self.entries.remove(key);
        self.bytes -= old.map_or(0, |old| size(key, &old));
    }

    /// How many bytes may be added, where there may be `cap`.
    pub(super) fn room(&self, cap: u64) -> u64 {
        cap.saturating_sub(self.bytes)
    }

    /// All of it, for a fresh instance: by key, so that a trace repeats.
    pub(super) fn entries(&self) -> Vec<StateEntry> {
        let entry = |(key, value): (&String, &Vec<u8>)| StateEntry {
            key: key.clone(),
            value: value.clone(),
        };
        let mut entries: Vec<StateEntry> = self.entries.iter().map(entry).collect();
        entries.sort_unstable_by(|one, other| one.key.cmp(&other.key));
        entries
    }
}

fn size(key: &str, value: &[u8]) -> u64 {
    (key.len() + value.len()) as u64
}

//! Keeps one kind of note from filling the log.

use std::collections::BTreeMap;

/// Notes of one kind are written at most once in this time.
const INTERVAL_MS: u64 = 60_000;

/// By kind: when it was last written, and how many were held back since.
#[derive(Debug, Default)]
pub(crate) struct Quiet(BTreeMap<&'static str, (u64, u64)>);

impl Quiet {
    /// Whether a note of this kind is written now; if so, how many were held
    /// back before it.
    pub(crate) fn ask(&mut self, kind: &'static str, now_ms: u64) -> Option<u64> {
        match self.0.get_mut(kind) {
            Some((written_ms, held_back)) if now_ms.saturating_sub(*written_ms) < INTERVAL_MS => {
                *held_back += 1;
                None
            }
            known => {
                let held_back = known.map_or(0, |(_, held_back)| *held_back);
                self.0.insert(kind, (now_ms, 0));
                Some(held_back)
            }
        }
    }
}

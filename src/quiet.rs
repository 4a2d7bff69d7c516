//! Keeps one kind of note from filling the log.

use std::collections::BTreeMap;

use crate::contract::Level;

/// Notes of one kind are written at most once in this time.
const INTERVAL_MS: u64 = 60_000;

/// Of one kind: when it was last written, and what was held back since.
#[derive(Debug)]
struct Kind {
    written_ms: u64,
    held_back: u64,
    /// The last that was held back.
    last: Option<(Level, String)>,
}

/// By kind.
#[derive(Debug, Default)]
pub(crate) struct Quiet {
    kinds: BTreeMap<&'static str, Kind>,
    /// When something that was held back is to be told, monotonic milliseconds.
    due_ms: Option<u64>,
}

impl Quiet {
    /// Whether a note of this kind is written now; else it is held back.
    pub(crate) fn admits(
        &mut self,
        kind: &'static str,
        (level, message): (Level, &str),
        now_ms: u64,
    ) -> bool {
        let Some(known) = self.kinds.get_mut(kind) else {
            self.written(kind, now_ms);
            return true;
        };
        let due_ms = known.written_ms.saturating_add(INTERVAL_MS);
        if due_ms <= now_ms {
            self.written(kind, now_ms);
            return true;
        }
        known.held_back += 1;
        known.last = Some((level, message.to_owned()));
        self.due_ms = Some(self.due_ms.map_or(due_ms, |ms| ms.min(due_ms)));
        false
    }

    fn written(&mut self, kind: &'static str, now_ms: u64) {
        let kind_of = Kind {
            written_ms: now_ms,
            held_back: 0,
            last: None,
        };
        self.kinds.insert(kind, kind_of);
    }

    /// A kind whose time is over: the last note that was held back, and how many
    /// were. It counts as written now.
    pub(crate) fn next_due(&mut self, now_ms: u64) -> Option<(Level, String, u64)> {
        if self.due_ms.is_none_or(|due_ms| due_ms > now_ms) {
            return None;
        }
        let waits = |known: &Kind| known.last.as_ref().map(|_| known.written_ms + INTERVAL_MS);
        let mut waiting = self.kinds.iter_mut();
        let over = waiting.find(|(_, known)| waits(known).is_some_and(|ms| ms <= now_ms));
        let told = over.and_then(|(_, known)| {
            let (level, message) = known.last.take()?;
            known.written_ms = now_ms;
            Some((level, message, std::mem::take(&mut known.held_back)))
        });
        if told.is_none() {
            self.due_ms = self.kinds.values().filter_map(waits).min();
        }
        told
    }
}

//! A bounded number of messages, each stored with one small put in the slot of
//! the oldest.

use std::collections::BTreeMap;

use super::entry::Entry;
use crate::host::Host;
use crate::inbound::mark;
use crate::state::{self, State};
use crate::wire;

/// The newest messages of one kind.
#[derive(Debug)]
pub(super) struct Ring {
    prefix: &'static str,
    slots: Vec<Option<Entry>>,
    /// Slot by the mark of chat and index, and by that of chat and message id.
    /// A mark may collide, so the entry is compared too.
    places: BTreeMap<u64, usize>,
    /// Counts entries.
    next: u64,
}

impl Ring {
    pub(super) fn load(prefix: &'static str, size: usize, state: &State) -> Self {
        let mut ring = Self {
            prefix,
            slots: std::iter::repeat_n(None, size).collect(),
            places: BTreeMap::new(),
            next: 0,
        };
        let stored = state.under(prefix);
        let mut entries: Vec<Entry> = stored.filter_map(|(_, v)| wire::read(v)).collect();
        entries.sort_by_key(|entry| entry.count);
        for entry in entries {
            ring.next = ring.next.max(entry.count.wrapping_add(1));
            ring.place(entry);
        }
        ring
    }

    /// Remembers a message; stores it, given a host.
    pub(super) fn insert(&mut self, mut entry: Entry, host: Option<&mut Host>) {
        entry.count = self.next;
        self.next = self.next.wrapping_add(1);
        let slot = self.slot(entry.count);
        if let Some(host) = host {
            host.put(format!("{}{slot:03}", self.prefix), state::encode(&entry));
        }
        self.place(entry);
    }

    pub(super) fn find(&self, target: &str, index: &str) -> Option<&Entry> {
        let entry = self.at(mark(target, index))?;
        (entry.target == target && entry.index == index).then_some(entry)
    }

    pub(super) fn find_message(&self, target: &str, id: &str) -> Option<&Entry> {
        let entry = self.at(mark(target, id))?;
        (entry.target == target && entry.id == id).then_some(entry)
    }

    fn at(&self, mark: u64) -> Option<&Entry> {
        self.slots.get(*self.places.get(&mark)?)?.as_ref()
    }

    /// The remainder is below the number of slots, so it fits.
    fn slot(&self, count: u64) -> usize {
        (count % self.slots.len().max(1) as u64) as usize
    }

    fn place(&mut self, entry: Entry) {
        let slot = self.slot(entry.count);
        let marks = marks_of(&entry);
        let Some(place) = self.slots.get_mut(slot) else {
            return;
        };
        for old in place.replace(entry).iter().flat_map(marks_of) {
            if self.places.get(&old) == Some(&slot) {
                self.places.remove(&old);
            }
        }
        self.places.extend(marks.map(|mark| (mark, slot)));
    }
}

fn marks_of(entry: &Entry) -> [u64; 2] {
    [
        mark(&entry.target, &entry.index),
        mark(&entry.target, &entry.id),
    ]
}

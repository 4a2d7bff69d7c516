//! Everything that can be answered, each message stored under a key of its own:
//! one message changes one small row, however many a chat has.
//!
//! What makes room is what is worth least: closed windows, then messages whose
//! turn is over, those that close soonest first. A message whose answer is still
//! to come goes only when nothing else is left; the host hands out fewer than
//! fit.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::contract::Level;
use crate::host::Host;
use crate::ledger::anchor::Entry;
use crate::state;
use crate::state::State;
use crate::wire;

/// Bytes of keys and values. An anchor takes some 250: room for 20,000 chats and
/// more, and for 8,192 anchors of the largest size, as many as the host gives to
/// the agent without an answer.
pub(crate) const MOST_BYTES: usize = 7 * 1024 * 1024;
/// Bytes of one, with what it may grow by.
pub(crate) const MOST_BYTES_OF_ONE: usize = 896;
const MOST_GROWTH: usize = 256;
/// Messages a chat keeps whose turn is over: for what is said without being
/// asked, and for answers longer than one message allows.
pub(crate) const MOST_SPARE: usize = 8;
/// Removed at a time: each costs an action, and a list has a cap.
const MOST_REMOVED: usize = 16;

/// What sorts anchors by worth: whether it is awaited, when it closes, its
/// number.
type Rank = (bool, u64, u64);

const fn rank(entry: &Entry) -> Rank {
    (entry.is_awaited, entry.closes_wall_ms, entry.number)
}

/// By reply target.
#[derive(Debug, Default)]
pub(crate) struct Anchors {
    /// Of each chat oldest first.
    chats: BTreeMap<Arc<str>, Vec<Entry>>,
    ranks: BTreeMap<Rank, Arc<str>>,
    bytes: usize,
    next: u64,
}

impl Anchors {
    /// The stored ones. Their turns may go on: the host gives a message again
    /// that was not answered.
    pub(crate) fn load(state: &State, window_ms: impl Fn(&str) -> u64) -> Self {
        let stored = state.under(state::OPEN);
        let mut rows: Vec<(String, Entry)> = stored.filter_map(read).collect();
        rows.sort_unstable_by_key(|(_, entry)| entry.number);
        let mut anchors = Self::default();
        for (target, mut entry) in rows {
            entry.closes_wall_ms = entry.received_wall_ms().saturating_add(window_ms(&target));
            anchors.next = entry.number.saturating_add(1);
            anchors.place(&target, entry);
        }
        anchors
    }

    /// Windows are of another length now.
    pub(crate) fn measure(&mut self, window_ms: impl Fn(&str) -> u64) {
        for (target, entries) in &mut self.chats {
            let window_ms = window_ms(target);
            for entry in entries {
                entry.closes_wall_ms = entry.received_wall_ms().saturating_add(window_ms);
            }
        }
        let all = |(target, entries): (&Arc<str>, &Vec<Entry>)| {
            let target = Arc::clone(target);
            let ranks: Vec<Rank> = entries.iter().map(rank).collect();
            ranks
                .into_iter()
                .map(move |rank| (rank, Arc::clone(&target)))
        };
        self.ranks = self.chats.iter().flat_map(all).collect();
    }

    /// Those of a chat, oldest first.
    pub(crate) fn of(&self, target: &str) -> &[Entry] {
        self.chats.get(target).map_or(&[], Vec::as_slice)
    }

    /// Remembers one, and forgets what makes room for it but not what is
    /// `needed`.
    pub(crate) fn insert(
        &mut self,
        target: &str,
        mut entry: Entry,
        needed: impl Fn(&str, &str) -> bool,
        host: &mut Host,
    ) {
        // Told twice of it: the numbers it gave out are used.
        if self.of(target).iter().any(|known| known.id() == entry.id()) {
            return;
        }
        entry.number = self.next;
        let value = encode(target, &entry);
        entry.bytes = key(entry.number).len() + value.len();
        if entry.bytes + MOST_GROWTH > MOST_BYTES_OF_ONE {
            return host.count("anchors_too_large");
        }
        self.make_room(entry.bytes + MOST_GROWTH, &needed, host);
        self.thin_out(target, needed, host);
        self.next += 1;
        host.put(key(entry.number), value);
        self.place(target, entry);
    }

    /// Does something to the entries of a chat, and stores the one it names.
    pub(crate) fn change<T>(
        &mut self,
        target: &str,
        change: impl FnOnce(&mut [Entry]) -> Option<(usize, T)>,
        host: &mut Host,
    ) -> Option<T> {
        let entries = self.chats.get_mut(target)?;
        let (index, result) = change(entries)?;
        let entry = entries.get_mut(index)?;
        let value = encode(target, entry);
        self.bytes -= entry.bytes;
        entry.bytes = key(entry.number).len() + value.len();
        self.bytes += entry.bytes;
        host.put(key(entry.number), value);
        Some(result)
    }

    /// Whether the answer to a message is still to come.
    pub(crate) fn set_awaited(&mut self, target: &str, id: &str, is_awaited: bool) {
        let Some((target, entries)) = self.chats.get_key_value(target) else {
            return;
        };
        let target = Arc::clone(target);
        let Some(index) = entries.iter().rposition(|entry| entry.is_of(id)) else {
            return;
        };
        let entries = self.chats.get_mut(&target);
        if let Some(entry) = entries.and_then(|entries| entries.get_mut(index)) {
            self.ranks.remove(&rank(entry));
            entry.is_awaited = is_awaited;
            self.ranks.insert(rank(entry), target);
        }
    }

    /// A chat keeps only a few messages whose turn is over.
    pub(crate) fn thin_out(
        &mut self,
        target: &str,
        needed: impl Fn(&str, &str) -> bool,
        host: &mut Host,
    ) {
        let is_spare = |entry: &&Entry| !entry.is_awaited && !needed(target, entry.id());
        let spare: Vec<Rank> = self.of(target).iter().filter(is_spare).map(rank).collect();
        let most = spare.len().saturating_sub(MOST_SPARE).min(MOST_REMOVED);
        for rank in spare.into_iter().take(most) {
            self.remove(rank, host);
        }
    }

    fn make_room(&mut self, bytes: usize, needed: &impl Fn(&str, &str) -> bool, host: &mut Host) {
        for is_awaited in [false, true] {
            self.sweep(is_awaited, host);
        }
        for _ in 0..MOST_REMOVED {
            if self.bytes + bytes <= MOST_BYTES {
                return;
            }
            let Some(rank) = self.least(needed) else {
                return;
            };
            if rank.0 {
                host.count("anchors_lost");
                let text = "too many messages wait for an answer; one can no longer be answered";
                host.note_seldom("anchors", Level::Warn, text);
            }
            self.remove(rank, host);
        }
    }

    /// The one that is worth least.
    fn least(&self, needed: &impl Fn(&str, &str) -> bool) -> Option<Rank> {
        let is_free = |(rank, target): &(&Rank, &Arc<str>)| {
            let entry = self.of(target).iter().find(|e| e.number == rank.2);
            entry.is_none_or(|entry| !needed(target, entry.id()))
        };
        let least = self.ranks.iter().find(is_free);
        least
            .or_else(|| self.ranks.first_key_value())
            .map(|(rank, _)| *rank)
    }

    /// Forgets a few whose window is closed.
    fn sweep(&mut self, is_awaited: bool, host: &mut Host) {
        let now_ms = host.now().wall_ms;
        let closed = self
            .ranks
            .range((is_awaited, 0, 0)..=(is_awaited, now_ms, u64::MAX));
        let closed: Vec<Rank> = closed.take(MOST_REMOVED).map(|(rank, _)| *rank).collect();
        for rank in closed {
            self.remove(rank, host);
        }
    }

    fn place(&mut self, target: &str, entry: Entry) {
        let known = self
            .chats
            .get_key_value(target)
            .map(|(name, _)| Arc::clone(name));
        let name = known.unwrap_or_else(|| Arc::from(target));
        self.bytes += entry.bytes;
        self.ranks.insert(rank(&entry), Arc::clone(&name));
        self.chats.entry(name).or_default().push(entry);
    }

    fn remove(&mut self, rank: Rank, host: &mut Host) {
        let Some(target) = self.ranks.remove(&rank) else {
            return;
        };
        let (_, _, number) = rank;
        host.remove(key(number));
        let Some(entries) = self.chats.get_mut(&target) else {
            return;
        };
        if let Some(index) = entries.iter().position(|entry| entry.number == number) {
            self.bytes -= entries.remove(index).bytes;
        }
        if entries.is_empty() {
            self.chats.remove(&target);
        }
    }

    /// Bytes in the stored state.
    #[cfg(test)]
    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Chats with something to answer.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.chats.len()
    }
}

fn key(number: u64) -> String {
    format!("{}{number}", state::OPEN)
}

fn encode(target: &str, entry: &Entry) -> Vec<u8> {
    state::encode(&(target, entry))
}

/// What cannot be read is left out.
fn read((number, value): (&str, &[u8])) -> Option<(String, Entry)> {
    let (target, mut entry): (String, Entry) = wire::read(value)?;
    entry.number = number.parse().ok()?;
    entry.bytes = key(entry.number).len() + value.len();
    entry.is_awaited = true;
    Some((target, entry))
}

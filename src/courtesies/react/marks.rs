//! Which messages are marked, and what their marks should become.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::host::Host;
use crate::state;
use crate::state::State;
use crate::wire;

/// Bytes of keys and values: some ten thousand messages. Beyond it no further
/// message is marked; one that is marked must not stay so for ever.
const MOST_BYTES: usize = 2 * 1024 * 1024;
/// Bytes of a key and a value beside the message's and the chat's ids.
const BYTES_OF_ONE: usize = 96;
/// A message whose turn takes longer makes room.
const LONGEST_TURN_MS: u64 = 60 * 60_000;
/// What one message shows.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Ack {
    /// Reply target.
    pub(crate) target: String,
    pub(crate) wanted: Option<u32>,
    pub(crate) set: Vec<u32>,
    /// When it came, Unix milliseconds.
    #[serde(default)]
    pub(crate) since_wall_ms: u64,
    /// Its turn is over; forgotten when nothing is left to do.
    #[serde(default)]
    pub(crate) is_ended: bool,
    #[serde(skip)]
    pub(crate) is_busy: bool,
}

/// What is to be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) emoji: u32,
    pub(crate) add: bool,
}

impl Ack {
    fn next(&self) -> Option<Step> {
        if let Some(emoji) = self.wanted.filter(|emoji| !self.set.contains(emoji)) {
            return Some(Step { emoji, add: true });
        }
        let unwanted = self.set.iter().find(|set| self.wanted != Some(**set));
        unwanted.map(|&emoji| Step { emoji, add: false })
    }

    /// Whether it is to be looked at.
    fn is_due(&self) -> bool {
        !self.is_busy && (self.is_ended || self.next().is_some())
    }

    fn bytes(&self, id: &str) -> usize {
        id.len() + self.target.len() + BYTES_OF_ONE
    }
}

/// By message id.
#[derive(Debug, Default)]
pub(crate) struct Acks {
    pub(crate) all: BTreeMap<String, Ack>,
    /// With the time they came.
    order: BTreeSet<(u64, String)>,
    /// Those to be looked at.
    pub(crate) due: BTreeSet<String>,
    bytes: usize,
}

impl Acks {
    pub(crate) fn load(state: &State) -> Self {
        let mut acks = Self::default();
        for (id, value) in state.under(state::ACK) {
            if let Some(ack) = wire::read(value) {
                acks.place(id, ack);
            }
        }
        acks
    }

    /// Whether there was room for it.
    pub(crate) fn insert(&mut self, id: &str, ack: Ack, host: &mut Host) -> bool {
        if self.bytes + ack.bytes(id) > MOST_BYTES {
            let oldest = self.order.first().cloned();
            let is_old = |since_ms| ack.since_wall_ms.saturating_sub(since_ms) >= LONGEST_TURN_MS;
            let Some((_, oldest)) = oldest.filter(|(since_ms, _)| is_old(*since_ms)) else {
                return false;
            };
            self.forget(&oldest, host);
        }
        self.place(id, ack);
        true
    }

    fn place(&mut self, id: &str, ack: Ack) {
        self.bytes += ack.bytes(id);
        self.order.insert((ack.since_wall_ms, id.to_owned()));
        self.all.insert(id.to_owned(), ack);
        self.look(id);
    }

    /// Something about it changed.
    fn look(&mut self, id: &str) {
        if self.all.get(id).is_some_and(Ack::is_due) {
            self.due.insert(id.to_owned());
        } else {
            self.due.remove(id);
        }
    }

    pub(crate) fn forget(&mut self, id: &str, host: &mut Host) {
        self.due.remove(id);
        if let Some(ack) = self.all.remove(id) {
            self.bytes -= ack.bytes(id);
            self.order.remove(&(ack.since_wall_ms, id.to_owned()));
            host.remove(key(id));
        }
    }

    pub(crate) fn save(&mut self, id: &str, host: &mut Host) {
        self.look(id);
        if let Some(ack) = self.all.get(id) {
            host.put(key(id), state::encode(ack));
        }
    }

    /// The first message something is to be done about; forgets those that are
    /// done.
    pub(crate) fn next(&mut self, host: &mut Host) -> Option<(String, Step)> {
        while let Some(id) = self.due.first().cloned() {
            match self.all.get(&id).and_then(Ack::next) {
                Some(step) => return Some((id, step)),
                None => self.forget(&id, host),
            }
        }
        None
    }
}

fn key(id: &str) -> String {
    format!("{}{id}", state::ACK)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::Action;
    use crate::host::tests::host;

    #[test]
    fn a_marked_message_is_remembered_until_its_turn_is_over() {
        let (mut host, mut acks) = (host(), Acks::default());
        let id = |n: u64| format!("{n:0>80}");
        let ack = |since_wall_ms| Ack {
            target: "channel:102:1234567890123456789/1234567890".to_owned(),
            wanted: Some(1),
            set: vec![1],
            since_wall_ms,
            is_ended: false,
            is_busy: false,
        };
        let mut marked = 0;
        while acks.insert(&id(marked), ack(marked), &mut host) {
            acks.save(&id(marked), &mut host);
            marked += 1;
        }
        assert!(marked > 2 * 4_096, "{marked}");
        assert!(acks.all.contains_key(&id(0)));
        let stored = |action: &Action| match action {
            Action::Put(put) => put.key.len() + put.value.len(),
            _ => 0,
        };
        let stored: usize = host.take_actions().iter().map(stored).sum();
        assert!(stored <= MOST_BYTES * 5 / 4, "{stored}");
        assert!(acks.insert(&id(marked), ack(LONGEST_TURN_MS), &mut host));
        assert!(!acks.all.contains_key(&id(0)));
    }
}

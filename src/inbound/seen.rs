//! Which messages were delivered already.
//!
//! The platform pushes a message more than once: on its own account, after
//! Resume, and as a mention and a group message both. Scene, peer and message id
//! name a message (QQ docs, server-inter/message/overview); the id of the event
//! is looked at as well, for a repetition under another message id.

use std::collections::BTreeMap;

use super::Received;
use crate::host::Host;
use crate::state::{self, State};

/// Messages remembered: as many as may be in work at once, of whom a copy may
/// still come.
const SLOTS: u64 = 8_192;

/// What a message is recognised by; absent is what it has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Marks([Option<u64>; 3]);

impl Marks {
    /// Of a message in the chat `target`, and of the event that brought it.
    pub(crate) fn of(target: &str, message_id: &str, event_id: &str) -> Self {
        // No chat is called "".
        let event = (!event_id.is_empty()).then(|| mark("", event_id));
        Self([Some(mark(target, message_id)), event, None])
    }

    /// Also by its message index (QQ docs, autogen/event/c2c_message_create):
    /// the same words of the same person under one index are one message,
    /// whatever its id. An index that came damaged is not enough by itself.
    pub(crate) fn and_index(mut self, received: &Received) -> Self {
        let message = &received.message;
        let index = received
            .index
            .as_deref()
            .filter(|index| *index != message.id);
        self.0[2] = index.map(|index| {
            let place = format!("{}\0{index}\0{}", message.reply_target, message.sender);
            mark(&place, &message.text)
        });
        self
    }

    fn each(self) -> impl Iterator<Item = u64> {
        self.0.into_iter().flatten()
    }
}

/// A ring in the stored state: each message takes one small put, in the slot of
/// the oldest.
#[derive(Debug)]
pub(crate) struct Seen {
    /// Of its keys.
    prefix: &'static str,
    slots: Vec<Option<Marks>>,
    /// How many slots hold a mark.
    marks: BTreeMap<u64, u32>,
    /// Counts messages; the slot is its remainder.
    next: u64,
}

impl Seen {
    /// The stored ring of delivered messages.
    pub(crate) fn load(state: &State) -> Self {
        Self::under(state::SEEN, state)
    }

    /// The stored ring under `prefix`.
    pub(crate) fn under(prefix: &'static str, state: &State) -> Self {
        let mut seen = Self {
            prefix,
            slots: std::iter::repeat_n(None, SLOTS as usize).collect(),
            marks: BTreeMap::new(),
            next: 0,
        };
        for (_, value) in state.under(prefix) {
            if let Some((count, marks)) = decode(value) {
                seen.place(count, marks);
                seen.next = seen.next.max(count.wrapping_add(1));
            }
        }
        seen
    }

    /// Whether this message was delivered.
    pub(crate) fn contains(&self, marks: Marks) -> bool {
        marks.each().any(|mark| self.marks.contains_key(&mark))
    }

    /// Remembers a message, in the same commit as what is done about it.
    pub(crate) fn insert(&mut self, marks: Marks, host: &mut Host) {
        let count = self.next;
        self.next = count.wrapping_add(1);
        self.place(count, marks);
        host.put(
            format!("{}{:04}", self.prefix, count % SLOTS),
            encode(count, marks),
        );
    }

    fn place(&mut self, count: u64, marks: Marks) {
        // The remainder is below SLOTS, so it fits and names a slot.
        let Some(slot) = self.slots.get_mut((count % SLOTS) as usize) else {
            return;
        };
        for mark in slot.replace(marks).into_iter().flat_map(Marks::each) {
            if let Some(holders) = self.marks.get_mut(&mark) {
                *holders -= 1;
                if *holders == 0 {
                    self.marks.remove(&mark);
                }
            }
        }
        for mark in marks.each() {
            *self.marks.entry(mark).or_default() += 1;
        }
    }
}

/// FNV-1a, 64 bit. Message ids come from the platform, so nobody chooses a
/// collision; by chance one in 10^16 messages is taken for a repetition.
pub(crate) fn mark(target: &str, id: &str) -> u64 {
    let bytes = target.bytes().chain([0]).chain(id.bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// A mark that is absent is written as 0.
fn encode(count: u64, marks: Marks) -> Vec<u8> {
    let marks = marks.0.map(Option::unwrap_or_default);
    std::iter::once(count)
        .chain(marks)
        .flat_map(u64::to_le_bytes)
        .collect()
}

fn decode(value: &[u8]) -> Option<(u64, Marks)> {
    let ([count, marks @ ..], []) = value.as_chunks::<8>() else {
        return None;
    };
    let marks: [[u8; 8]; 3] = marks.try_into().ok()?;
    let mark = |bytes| Some(u64::from_le_bytes(bytes)).filter(|mark| *mark != 0);
    Some((u64::from_le_bytes(*count), Marks(marks.map(mark))))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;
    use crate::contract::{Action, StateEntry};
    use crate::host::tests::host;
    use crate::inbound::tests::message;
    use crate::target::Scene;

    /// Applies puts, as the host does.
    fn stored(host: &mut Host) -> State {
        let mut map = BTreeMap::new();
        for action in host.take_actions() {
            if let Action::Put(put) = action {
                map.insert(put.key, put.value);
            }
        }
        let entries: Vec<_> = map
            .into_iter()
            .map(|(key, value)| StateEntry { key, value })
            .collect();
        State::new(entries).unwrap()
    }

    fn marks(target: &str, n: u64) -> Marks {
        Marks::of(target, &format!("m{n}"), &format!("e{target}{n}"))
    }

    #[test]
    fn survives_a_restart_and_forgets_the_oldest() {
        let mut host = host();
        let mut seen = Seen::load(&State::default());
        for n in 0..SLOTS + 10 {
            assert!(!seen.contains(marks("c2c:1:A", n)));
            seen.insert(marks("c2c:1:A", n), &mut host);
        }
        let again = Seen::load(&stored(&mut host));
        for seen in [&seen, &again] {
            assert_eq!(seen.marks.len() as u64, 2 * SLOTS);
            assert_eq!(seen.next, SLOTS + 10);
            assert!(!seen.contains(marks("c2c:1:A", 9)));
            assert!(seen.contains(marks("c2c:1:A", 10)));
            assert!(seen.contains(marks("c2c:1:A", SLOTS + 9)));
            assert!(!seen.contains(marks("c2c:1:B", 10)));
        }
    }

    #[test]
    fn the_same_event_or_the_same_message_is_a_repetition() {
        let (mut host, mut seen) = (host(), Seen::load(&State::default()));
        seen.insert(Marks::of("c2c:1:A", "m", "e"), &mut host);
        for (target, message, event, again) in [
            ("c2c:1:A", "m", "e", true),
            ("c2c:1:A", "m", "other", true),
            ("c2c:1:A", "m", "", true),
            ("c2c:1:A", "other", "e", true),
            ("c2c:1:A", "other", "", false),
            ("c2c:1:B", "m", "other", false),
        ] {
            let marks = Marks::of(target, message, event);
            assert_eq!(seen.contains(marks), again, "{target} {message} {event}");
        }
    }

    #[test]
    fn the_same_words_under_one_index_are_one_message() {
        let received = |id: &str, text: &str, index: Option<&str>| {
            let mut message = message();
            (message.id, message.text) = (id.to_owned(), text.to_owned());
            Received {
                message,
                scene: Scene::C2c,
                index: index.map(str::to_owned),
                own: None,
            }
        };
        let marks = |received: &Received| {
            let message = &received.message;
            Marks::of(&message.reply_target, &message.id, "").and_index(received)
        };
        let (mut host, mut seen) = (host(), Seen::load(&State::default()));
        seen.insert(marks(&received("m", "hi", Some("R1"))), &mut host);
        let again = Seen::load(&stored(&mut host));
        for seen in [&seen, &again] {
            for (id, text, index, repeated) in [
                ("other", "hi", Some("R1"), true),
                ("other", "hi", Some("R2"), false),
                ("other", "hi", None, false),
                ("other", "ho", Some("R1"), false),
                // In guilds the id is the index.
                ("other", "hi", Some("other"), false),
            ] {
                let marks = marks(&received(id, text, index));
                assert_eq!(seen.contains(marks), repeated, "{id} {text} {index:?}");
            }
        }
    }

    #[test]
    fn what_is_stored_is_read_back() {
        let marks = Marks::of("c2c:1:A", "m", "");
        assert_eq!(decode(&encode(7, marks)), Some((7, marks)));
        for length in [0, 9, 16, 24, 31, 40] {
            assert_eq!(decode(&vec![1; length]), None, "{length}");
        }
    }
}

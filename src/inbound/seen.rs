//! Which messages were delivered already.
//!
//! The platform pushes a message more than once: on its own account, after
//! Resume, and as a mention and a group message both. The key is scene, peer and
//! message id (QQ docs, server-inter/message/overview).

use std::collections::BTreeSet;

use crate::host::Host;
use crate::state::{self, State};

/// Messages remembered.
const SLOTS: u64 = 1024;

/// A ring in the stored state: each message takes one small put, in the slot of
/// the oldest.
#[derive(Debug)]
pub(crate) struct Seen {
    slots: Vec<Option<u64>>,
    marks: BTreeSet<u64>,
    /// Counts messages; the slot is its remainder.
    next: u64,
}

impl Seen {
    /// The stored ring.
    pub(crate) fn load(state: &State) -> Self {
        let mut seen = Self {
            slots: std::iter::repeat_n(None, SLOTS as usize).collect(),
            marks: BTreeSet::new(),
            next: 0,
        };
        for (_, value) in state.under(state::SEEN) {
            if let Some((count, mark)) = decode(value) {
                seen.place(count, mark);
                seen.next = seen.next.max(count.wrapping_add(1));
            }
        }
        seen
    }

    /// Whether this message was delivered.
    pub(crate) fn contains(&self, target: &str, id: &str) -> bool {
        self.marks.contains(&mark(target, id))
    }

    /// Remembers a message, in the same commit as its delivery.
    pub(crate) fn insert(&mut self, target: &str, id: &str, host: &mut Host) {
        let (count, mark) = (self.next, mark(target, id));
        self.next = count.wrapping_add(1);
        self.place(count, mark);
        host.put(
            format!("{}{:04}", state::SEEN, count % SLOTS),
            encode(count, mark),
        );
    }

    fn place(&mut self, count: u64, mark: u64) {
        // The remainder is below SLOTS, so it fits and names a slot.
        if let Some(slot) = self.slots.get_mut((count % SLOTS) as usize) {
            if let Some(oldest) = slot.replace(mark) {
                self.marks.remove(&oldest);
            }
            self.marks.insert(mark);
        }
    }
}

/// FNV-1a, 64 bit. Message ids come from the platform, so nobody chooses a
/// collision; by chance one in 10^16 messages is taken for a repetition.
fn mark(target: &str, id: &str) -> u64 {
    let bytes = target.bytes().chain([0]).chain(id.bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

fn encode(count: u64, mark: u64) -> Vec<u8> {
    [count.to_le_bytes(), mark.to_le_bytes()].concat()
}

fn decode(value: &[u8]) -> Option<(u64, u64)> {
    let (count, mark) = value.split_first_chunk::<8>()?;
    Some((
        u64::from_le_bytes(*count),
        u64::from_le_bytes(mark.try_into().ok()?),
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use std::collections::BTreeMap;

    use super::*;
    use crate::contract::{Action, StateEntry};
    use crate::host::tests::host;

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
        State::new(&entries).unwrap()
    }

    #[test]
    fn survives_a_restart_and_forgets_the_oldest() {
        let mut host = host();
        let mut seen = Seen::load(&State::default());
        for n in 0..SLOTS + 10 {
            assert!(!seen.contains("c2c:1:A", &n.to_string()));
            seen.insert("c2c:1:A", &n.to_string(), &mut host);
        }
        let again = Seen::load(&stored(&mut host));
        for seen in [&seen, &again] {
            assert_eq!(seen.marks.len() as u64, SLOTS);
            assert_eq!(seen.next, SLOTS + 10);
            assert!(!seen.contains("c2c:1:A", "9"));
            assert!(seen.contains("c2c:1:A", "10"));
            assert!(seen.contains("c2c:1:A", &(SLOTS + 9).to_string()));
            assert!(!seen.contains("c2c:1:B", "10"));
        }
    }
}

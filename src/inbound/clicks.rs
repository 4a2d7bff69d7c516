//! Which presses were acknowledged: the platform takes one for each.

use std::collections::VecDeque;

use super::seen::mark;
use crate::host::Host;
use crate::state::{self, State};

/// Presses remembered. They are stored as one value, which is small.
const MOST: usize = 128;

/// The presses of late, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Clicks(VecDeque<u64>);

impl Clicks {
    /// The stored ones.
    pub(crate) fn load(state: &State) -> Self {
        let (marks, _) = state.bytes(state::CLICKS).as_chunks::<8>();
        Self(marks.iter().map(|mark| u64::from_le_bytes(*mark)).collect())
    }

    /// Remembers a press by the id of its interaction. Whether it is a new one.
    pub(crate) fn insert(&mut self, id: &str, host: &mut Host) -> bool {
        let mark = mark("", id);
        if self.0.contains(&mark) {
            return false;
        }
        if self.0.len() >= MOST {
            self.0.pop_front();
        }
        self.0.push_back(mark);
        let bytes = self.0.iter().flat_map(|mark| mark.to_le_bytes());
        host.put(state::CLICKS, bytes.collect());
        true
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;
    use crate::contract::{Action, StateEntry};
    use crate::host::tests::host;

    #[test]
    fn the_newest_are_known_also_after_a_restart() {
        let (mut host, mut clicks) = (host(), Clicks::default());
        for n in 0..MOST + 2 {
            assert!(clicks.insert(&format!("i{n}"), &mut host), "{n}");
            assert!(!clicks.insert(&format!("i{n}"), &mut host), "{n}");
        }
        let actions = host.take_actions();
        let Some(Action::Put(put)) = actions.last() else {
            panic!("{actions:?}")
        };
        let entry = StateEntry {
            key: put.key.clone(),
            value: put.value.clone(),
        };
        let mut again = Clicks::load(&State::new(vec![entry]).unwrap());
        for (id, new) in [("i129", false), ("i2", false), ("i1", true)] {
            assert_eq!(again.insert(id, &mut host), new, "{id}");
        }
    }
}

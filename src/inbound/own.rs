//! Under which ids the bot itself goes in QQ groups.
//!
//! READY names it as guilds know it. In a group it has another id, which only a
//! mention of it tells, and not every mention says whom it is of (QQ docs,
//! autogen/event/group_message_create).

use std::collections::VecDeque;

use crate::host::Host;
use crate::state::{self, State};

/// Ids remembered, the newest; one is enough unless each group has its own.
const MOST: usize = 64;

/// The ids, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Own(VecDeque<String>);

impl Own {
    /// The stored ones.
    pub(crate) fn load(state: &State) -> Self {
        Self(state.json(state::OWN).unwrap_or_default())
    }

    /// Whether the bot goes by this id.
    pub(crate) fn is(&self, id: &str) -> bool {
        self.0.iter().any(|known| known == id)
    }

    /// The platform said that this is the bot.
    pub(crate) fn learn(&mut self, id: &str, host: &mut Host) {
        if self.is(id) {
            return;
        }
        if self.0.len() >= MOST {
            self.0.pop_front();
        }
        self.0.push_back(id.to_owned());
        host.put(state::OWN, state::encode(&self.0));
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
        let (mut host, mut own) = (host(), Own::default());
        for n in 0..MOST + 1 {
            own.learn(&n.to_string(), &mut host);
            own.learn(&n.to_string(), &mut host);
        }
        let actions = host.take_actions();
        assert_eq!(actions.len(), MOST + 1);
        let Some(Action::Put(put)) = actions.last() else {
            panic!("{actions:?}")
        };
        let entry = StateEntry {
            key: put.key.clone(),
            value: put.value.clone(),
        };
        let again = Own::load(&State::new(vec![entry]).unwrap());
        for own in [&own, &again] {
            assert_eq!(
                (own.is("0"), own.is("1"), own.is("64")),
                (false, true, true)
            );
        }
    }
}

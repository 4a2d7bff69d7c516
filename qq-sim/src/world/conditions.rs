//! Which chats are in a state that refuses messages.

use super::World;
use super::chats::Peer;
use crate::rules::condition::{Condition, Nature};
use crate::rules::refusal::Refusal;

impl World {
    /// Puts a chat into a state, or lifts it.
    pub(crate) fn set_condition(&mut self, peer: Peer, condition: Condition, on: bool) {
        let conditions = self.conditions.entry(peer).or_default();
        if on {
            conditions.insert(condition);
        } else {
            conditions.remove(&condition);
        }
    }

    pub(crate) fn is_in(&self, peer: &Peer, condition: Condition) -> bool {
        let conditions = self.conditions.get(peer);
        conditions.is_some_and(|conditions| conditions.contains(&condition))
    }

    /// Refuses what a state of the chat forbids.
    pub(crate) fn check_conditions(&self, peer: &Peer, nature: Nature) -> Result<(), Refusal> {
        let conditions = self.conditions.get(peer).into_iter().flatten();
        let mut refusals = conditions.filter_map(|one| one.refuses(peer.scene, nature));
        refusals.next().map_or(Ok(()), Err)
    }
}

//! Recall: own messages, not older than two minutes.

use super::World;
use super::chats::Peer;
use super::rate::MINUTE;
use crate::rules::refusal::Refusal;
use crate::rules::scene::Scene;

impl World {
    /// Takes a message of the bot back.
    pub(crate) fn recall(&mut self, peer: &Peer, id: &str) -> Result<(), Refusal> {
        let now = self.clock.now_ms();
        let Some(message) = self.chats.sent.find(id) else {
            // A bot that is group admin may recall members' messages; ours never is.
            let is_inbound = self.chats.messages.find(id).is_some();
            return Err(if is_inbound {
                Refusal::RECALL_FORBIDDEN
            } else {
                Refusal::RECALL_UNKNOWN
            });
        };
        if message.peer.app_id != peer.app_id {
            return Err(Refusal::RECALL_OTHER_BOT);
        }
        if message.peer != *peer {
            return Err(match peer.scene {
                Scene::C2c => Refusal::RECALL_OTHER_USER,
                _ => Refusal::RECALL_OTHER_GROUP,
            });
        }
        if now - message.at_ms > 2 * MINUTE {
            return Err(Refusal::RECALL_TOO_OLD);
        }
        self.chats.sent.forget(id);
        Ok(())
    }
}

//! Emoji below guild messages.
//! See [QQ Docs/表情表态](https://bot.q.qq.com/wiki/develop/api-v2/server-inter/message/trans/emoji.html).

use serde_json::Value;

use super::{GuildMessage, Guilds, text};
use crate::rules::config::Bot;
use crate::rules::refusal::Refusal;
use crate::world::World;
use crate::world::chats::Peer;

/// Different emoji below one message.
const MAX_KINDS: usize = 20;

/// Kind and id of an emoji: 1 a system face, 2 a Unicode code point, both decimal.
pub(crate) type Emoji = (u8, String);

/// Reads the end of the path.
pub(crate) fn emoji(kind: &str, id: &str) -> Result<Emoji, Refusal> {
    let kind = match kind {
        "1" => 1,
        "2" => 2,
        _ => return Err(Refusal::REACTION_BAD),
    };
    let number: Option<u32> = id.parse().ok();
    let exists = number.is_some_and(|code| kind == 1 || char::from_u32(code).is_some());
    exists
        .then(|| (kind, id.to_owned()))
        .ok_or(Refusal::REACTION_BAD)
}

impl World {
    /// Adds the bot's reaction.
    pub(crate) fn react(
        &mut self,
        bot: &Bot,
        peer: &Peer,
        id: &str,
        emoji: Emoji,
    ) -> Result<(), Refusal> {
        let message = self.reacted(peer, id)?;
        let kinds = message.reactions.len();
        let me = bot.guild_user_id();
        match message.reactions.get_mut(&emoji) {
            Some(users) if users.contains(&me) => Err(Refusal::REACTION_TWICE),
            Some(users) => {
                users.push(me);
                Ok(())
            }
            None if kinds >= MAX_KINDS => Err(Refusal::REACTION_KINDS),
            None => {
                message.reactions.insert(emoji, vec![me]);
                Ok(())
            }
        }
    }

    /// Takes the bot's reaction away.
    pub(crate) fn unreact(
        &mut self,
        bot: &Bot,
        peer: &Peer,
        id: &str,
        emoji: &Emoji,
    ) -> Result<(), Refusal> {
        let message = self.reacted(peer, id)?;
        let users = message.reactions.get_mut(emoji);
        let users = users.ok_or(Refusal::REACTION_MISSING)?;
        let me = bot.guild_user_id();
        let place = users.iter().position(|user| *user == me);
        users.remove(place.ok_or(Refusal::REACTION_MISSING)?);
        if users.is_empty() {
            message.reactions.remove(emoji);
        }
        Ok(())
    }

    /// Who reacted with this emoji.
    pub(crate) fn reactors(
        &mut self,
        peer: &Peer,
        id: &str,
        emoji: &Emoji,
    ) -> Result<Vec<String>, Refusal> {
        let message = self.reacted(peer, id)?;
        Ok(message.reactions.get(emoji).cloned().unwrap_or_default())
    }

    fn reacted(&mut self, peer: &Peer, id: &str) -> Result<&mut GuildMessage, Refusal> {
        self.check_place(peer)?;
        let message = self.guilds.messages.find_mut(id);
        message
            .filter(|message| message.place == peer.openid)
            .ok_or(Refusal::REACTION_BAD)
    }
}

impl Guilds {
    /// A member's reaction, from its event.
    pub(super) fn learn_reaction(&mut self, t: &str, d: &Value) {
        let kind = d.pointer("/emoji/type").and_then(Value::as_u64);
        let emoji = kind.and_then(|kind| emoji(&kind.to_string(), text(d, "/emoji/id")?).ok());
        let message = text(d, "/target/id").and_then(|id| self.messages.find_mut(id));
        let (Some(emoji), Some(message), Some(user)) = (emoji, message, text(d, "/user_id")) else {
            return;
        };
        let users = message.reactions.entry(emoji.clone()).or_default();
        users.retain(|known| known != user);
        if t == "MESSAGE_REACTION_ADD" {
            users.push(user.to_owned());
        }
        if users.is_empty() {
            message.reactions.remove(&emoji);
        }
    }
}

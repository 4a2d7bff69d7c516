//! Recall in guilds: by private-domain bots, own messages, and members' by an admin.
//! See [QQ Docs/撤回消息](https://bot.q.qq.com/wiki/develop/api-v2/server-inter/message/message_revoke.html).

use crate::rules::config::Bot;
use crate::rules::intents;
use crate::rules::refusal::Refusal;
use crate::world::World;
use crate::world::chats::Peer;

impl World {
    /// Takes a message out of a channel or a conversation.
    pub(crate) fn recall_in_guild(
        &mut self,
        bot: &Bot,
        peer: &Peer,
        id: &str,
        hidetip: Option<&str>,
    ) -> Result<(), Refusal> {
        if !matches!(hidetip, None | Some("true" | "false")) {
            return Err(Refusal::GUILD_RECALL_BAD);
        }
        // Only private-domain bots are granted this bit.
        if bot.intents & intents::GUILD_MESSAGES == 0 {
            return Err(Refusal::NO_PERMISSION);
        }
        self.check_place(peer)?;
        let message = self.guilds.messages.find(id);
        let message = message.filter(|message| message.place == peer.openid);
        let message = message.ok_or(Refusal::GUILD_RECALL_UNKNOWN)?;
        let is_own = message.author == bot.guild_user_id();
        if !is_own && !bot.guild_admin {
            return Err(Refusal::GUILD_RECALL_FORBIDDEN);
        }
        self.guilds.messages.forget(id);
        self.chats.sent.forget(id);
        Ok(())
    }
}

//! `POST /users/@me/dms`: a conversation with a member of a common guild.
//! See [QQ Docs/创建私信会话](https://bot.q.qq.com/wiki/develop/api-v2/server-inter/channel/message/dms.html).

use super::Direct;
use crate::rules::config::Bot;
use crate::rules::refusal::Refusal;
use crate::world::World;

impl World {
    /// Guild and channel id of the conversation, the same ones again for the same user.
    pub(crate) fn open_direct(
        &mut self,
        bot: &Bot,
        user: &str,
        source: &str,
    ) -> Result<(String, String), Refusal> {
        if user.is_empty() || source.is_empty() {
            return Err(Refusal::BAD_BODY);
        }
        if !self.guilds.has_bot(source, &bot.app_id) {
            return Err(Refusal::UNKNOWN_GUILD);
        }
        let guild = self.guilds.guilds.get(source);
        if !guild.is_some_and(|guild| guild.members.contains(user)) {
            return Err(Refusal::DM_NOT_A_MEMBER);
        }
        let mut known = self.guilds.directs.iter();
        let known = known.find(|(_, direct)| direct.app_id == bot.app_id && direct.user_id == user);
        if let Some((id, direct)) = known {
            return Ok((id.clone(), direct.channel_id.clone()));
        }
        let (id, channel_id) = (self.ids.decimal(), self.ids.decimal());
        let direct = Direct {
            app_id: bot.app_id.clone(),
            user_id: user.to_owned(),
            channel_id: channel_id.clone(),
        };
        self.guilds.directs.insert(id.clone(), direct);
        Ok((id, channel_id))
    }
}

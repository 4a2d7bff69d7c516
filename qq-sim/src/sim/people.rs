//! Who is on the other side of a bot, by their ids.

use super::Sim;
use crate::people::guilds::{Channel, GuildDm};
use crate::people::life::Guild;
use crate::people::users::{Group, User};

impl Sim {
    /// A user who talks to the first bot.
    #[must_use]
    pub fn user(&self, openid: &str) -> User {
        User {
            stage: self.stage(&self.default_bot),
            openid: openid.to_owned(),
        }
    }

    /// A group the first bot is in.
    #[must_use]
    pub fn group(&self, openid: &str) -> Group {
        Group {
            stage: self.stage(&self.default_bot),
            openid: openid.to_owned(),
        }
    }

    /// A user of another bot; `None` if there is no such bot.
    #[must_use]
    pub fn user_of(&self, app_id: &str, openid: &str) -> Option<User> {
        Some(User {
            stage: self.stage_of(app_id)?,
            openid: openid.to_owned(),
        })
    }

    /// A group of another bot; `None` if there is no such bot.
    #[must_use]
    pub fn group_of(&self, app_id: &str, openid: &str) -> Option<Group> {
        Some(Group {
            stage: self.stage_of(app_id)?,
            openid: openid.to_owned(),
        })
    }

    /// A text channel of a guild the first bot is in.
    #[must_use]
    pub fn channel(&self, guild_id: &str, channel_id: &str) -> Channel {
        Channel {
            stage: self.first_stage(),
            guild_id: guild_id.to_owned(),
            id: channel_id.to_owned(),
        }
    }

    /// A conversation with the first bot, by the guild id it has of its own.
    #[must_use]
    pub fn guild_dm(&self, guild_id: &str) -> GuildDm {
        GuildDm {
            stage: self.first_stage(),
            id: guild_id.to_owned(),
        }
    }

    /// A guild of the first bot's.
    #[must_use]
    pub fn guild(&self, guild_id: &str) -> Guild {
        Guild {
            stage: self.first_stage(),
            id: guild_id.to_owned(),
        }
    }

    /// A channel as another bot sees it; `None` if there is no such bot.
    #[must_use]
    pub fn channel_of(&self, app_id: &str, guild_id: &str, channel_id: &str) -> Option<Channel> {
        Some(Channel {
            stage: self.stage_of(app_id)?,
            guild_id: guild_id.to_owned(),
            id: channel_id.to_owned(),
        })
    }

    /// A conversation with another bot; `None` if there is no such bot.
    #[must_use]
    pub fn guild_dm_of(&self, app_id: &str, guild_id: &str) -> Option<GuildDm> {
        Some(GuildDm {
            stage: self.stage_of(app_id)?,
            id: guild_id.to_owned(),
        })
    }
}

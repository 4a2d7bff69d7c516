//! The people of guilds: they write into channels and conversations, click and react.

use serde_json::{Value, json};

use crate::people::draft::Draft;
use crate::people::guild_events::Seat;
use crate::people::users::Stage;

/// A text channel of a guild. From [`crate::Sim::channel`].
#[derive(Clone, Debug)]
pub struct Channel {
    pub(crate) stage: Stage,
    pub(crate) guild_id: String,
    pub(crate) id: String,
}

/// A member in a channel. From [`Channel::member`].
#[derive(Clone, Debug)]
pub struct ChannelMember {
    pub(crate) channel: Channel,
    id: String,
    roles: Vec<String>,
}

/// A direct-message conversation, a guild of its own. From [`crate::Sim::guild_dm`].
#[derive(Clone, Debug)]
pub struct GuildDm {
    pub(crate) stage: Stage,
    pub(crate) id: String,
}

/// The user of a conversation. From [`GuildDm::user`].
#[derive(Clone, Debug)]
pub struct DmUser {
    dm: GuildDm,
    id: String,
}

impl Channel {
    /// A member of the guild.
    #[must_use]
    pub fn member(&self, user_id: &str) -> ChannelMember {
        ChannelMember {
            channel: self.clone(),
            id: user_id.to_owned(),
            roles: vec!["1".to_owned()],
        }
    }
}

impl ChannelMember {
    /// The same member with one more role: 2 admin, 4 owner, 5 admin of the channel.
    #[must_use]
    pub fn with_role(mut self, role: &str) -> Self {
        self.roles.push(role.to_owned());
        self
    }

    /// Mentions the bot: `AT_MESSAGE_CREATE`. Returns the message id.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let sim = qq_sim::Sim::start(qq_sim::SimConfig::default()).await?;
    /// let id = sim.channel("18700000000001", "100010").member("1234").mentions_bot("hi");
    /// assert!(id.starts_with("08"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn mentions_bot(&self, text: &str) -> String {
        self.sends(&Draft::text(text).mentioning_bot())
    }

    /// Writes without a mention: `MESSAGE_CREATE`, for private-domain bots only.
    pub fn says(&self, text: &str) -> String {
        self.sends_full(&Draft::text(text))
    }

    /// Sends anything: an AT event if the draft mentions the bot, else a full one.
    pub fn sends(&self, draft: &Draft) -> String {
        self.send(draft, !draft.mentions_bot())
    }

    /// Sends anything as `MESSAGE_CREATE`, a mention included.
    pub fn sends_full(&self, draft: &Draft) -> String {
        self.send(draft, true)
    }

    /// Reacts to a message: `MESSAGE_REACTION_ADD`. Kind 1 is a system face, 2 a Unicode
    /// code point in decimal digits.
    pub fn reacts(&self, message_id: &str, kind: u8, emoji_id: &str) {
        self.reaction("MESSAGE_REACTION_ADD", message_id, kind, emoji_id);
    }

    /// Takes a reaction away: `MESSAGE_REACTION_REMOVE`.
    pub fn unreacts(&self, message_id: &str, kind: u8, emoji_id: &str) {
        self.reaction("MESSAGE_REACTION_REMOVE", message_id, kind, emoji_id);
    }

    /// Deletes a message of this member's: `MESSAGE_DELETE` for private-domain bots,
    /// `PUBLIC_MESSAGE_DELETE` for the others.
    pub fn deletes(&self, message_id: &str) {
        let stage = &self.channel.stage;
        let is_private = stage.bot.intents & crate::rules::intents::GUILD_MESSAGES != 0;
        let t = if is_private {
            "MESSAGE_DELETE"
        } else {
            "PUBLIC_MESSAGE_DELETE"
        };
        let Channel { guild_id, id, .. } = &self.channel;
        stage.event(t, deletion(guild_id, id, message_id, &self.id));
    }

    fn reaction(&self, t: &'static str, message_id: &str, kind: u8, emoji_id: &str) {
        let d = json!({"user_id": self.id, "guild_id": self.channel.guild_id,
                       "channel_id": self.channel.id, "target": {"id": message_id, "type": 0},
                       "emoji": {"id": emoji_id, "type": kind}});
        self.channel.stage.event(t, d);
    }

    fn send(&self, draft: &Draft, full: bool) -> String {
        self.channel
            .stage
            .play(|factory, bot| factory.channel_message(bot, self.seat(), draft, full))
    }

    pub(crate) fn seat(&self) -> Seat<'_> {
        Seat {
            guild: &self.channel.guild_id,
            channel: &self.channel.id,
            user: &self.id,
            roles: &self.roles,
        }
    }
}

impl GuildDm {
    /// The user on the other side.
    #[must_use]
    pub fn user(&self, user_id: &str) -> DmUser {
        DmUser {
            dm: self.clone(),
            id: user_id.to_owned(),
        }
    }
}

impl DmUser {
    /// Writes a text: `DIRECT_MESSAGE_CREATE`. Returns the message id.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let sim = qq_sim::Sim::start(qq_sim::SimConfig::default()).await?;
    /// sim.guild_dm("5512000000000001").user("1234").says("hi");
    /// # Ok(())
    /// # }
    /// ```
    pub fn says(&self, text: &str) -> String {
        self.sends(&Draft::text(text))
    }

    /// Sends anything; returns the message id.
    pub fn sends(&self, draft: &Draft) -> String {
        self.dm
            .stage
            .play(|factory, _| factory.direct_message(&self.dm.id, &self.id, draft))
    }

    /// Deletes a message: `DIRECT_MESSAGE_DELETE`.
    pub fn deletes(&self, message_id: &str) {
        let d = deletion(&self.dm.id, "", message_id, &self.id);
        self.dm.stage.event("DIRECT_MESSAGE_DELETE", d);
    }
}

/// What the three delete events say.
fn deletion(guild_id: &str, channel_id: &str, message_id: &str, user: &str) -> Value {
    json!({"op_user": {"id": user},
           "message": {"id": message_id, "guild_id": guild_id, "channel_id": channel_id,
                       "author": {"id": user, "username": "", "bot": false}}})
}

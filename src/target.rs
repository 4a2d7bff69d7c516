//! Reply targets: where a message goes, as one string.

use std::fmt;

use crate::contract::ChatKind;

/// A scene with an endpoint of its own (QQ docs, server-inter/message/overview).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scene {
    /// One to one in QQ.
    C2c,
    /// A QQ group.
    Group,
    /// A text channel of a guild.
    Channel,
    /// One to one inside a guild.
    GuildDm,
}

impl Scene {
    /// All of them.
    pub(crate) const ALL: [Self; 4] = [Self::C2c, Self::Group, Self::Channel, Self::GuildDm];

    /// How reply targets spell it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::C2c => "c2c",
            Self::Group => "group",
            Self::Channel => "channel",
            Self::GuildDm => "dm",
        }
    }

    /// What it is for the agent.
    pub(crate) const fn chat(self) -> ChatKind {
        match self {
            Self::C2c => ChatKind::Dm,
            Self::Group => ChatKind::Group,
            Self::Channel => ChatKind::GuildChannel,
            Self::GuildDm => ChatKind::GuildDm,
        }
    }

    /// Guilds are a product of their own: no message sequence, no message type,
    /// text escaped as in HTML.
    pub(crate) const fn is_guild(self) -> bool {
        matches!(self, Self::Channel | Self::GuildDm)
    }
}

/// Where a message goes:
///
/// * `c2c:<app_id>:<openid>`
/// * `group:<app_id>:<group_openid>`
/// * `channel:<app_id>:<guild_id>/<channel_id>`
/// * `dm:<app_id>:<guild_id of the private conversation>`
/// * `dm:<app_id>:<user_id>@<guild_id>`: a private conversation with a member of
///   that guild, opened by the first message
///
/// The account is part of it: an id means nothing on another account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ReplyTarget<'a> {
    /// Which endpoint.
    pub(crate) scene: Scene,
    /// Whose ids they are.
    pub(crate) app_id: &'a str,
    /// The peer.
    pub(crate) peer: &'a str,
}

impl<'a> ReplyTarget<'a> {
    /// Reads what [`fmt::Display`] wrote.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(3, ':');
        let name = parts.next()?;
        let scene = Scene::ALL.into_iter().find(|scene| scene.name() == name)?;
        let (app_id, peer) = (parts.next()?, parts.next()?);
        let target = Self {
            scene,
            app_id,
            peer,
        };
        let complete = match scene {
            Scene::Channel => target.channel().is_some(),
            _ => !peer.is_empty() && !peer.starts_with('@') && !peer.ends_with('@'),
        };
        (complete && !app_id.is_empty()).then_some(target)
    }

    /// Guild and channel of a text channel.
    pub(crate) fn channel(self) -> Option<(&'a str, &'a str)> {
        let (guild, channel) = self.peer.split_once('/')?;
        let complete = self.scene == Scene::Channel && !guild.is_empty() && !channel.is_empty();
        complete.then_some((guild, channel))
    }

    /// User and guild of a private conversation that is still to be opened.
    pub(crate) fn unopened(self) -> Option<(&'a str, &'a str)> {
        if self.scene != Scene::GuildDm {
            return None;
        }
        self.peer.split_once('@')
    }
}

impl fmt::Display for ReplyTarget<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.scene.name(), self.app_id, self.peer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes_and_nothing_else() {
        for text in [
            "c2c:1:A",
            "group:102:B:C",
            "channel:102:18/100",
            "dm:102:55",
            "dm:102:1234@18",
        ] {
            assert_eq!(
                ReplyTarget::parse(text).map(|t| t.to_string()).as_deref(),
                Some(text)
            );
        }
        for text in [
            "",
            "c2c",
            "c2c:1",
            "c2c:1:",
            "c2c::A",
            "guild:1:A",
            "channel:1:A",
            "channel:1:/A",
            "channel:1:A/",
            "dm:1:@18",
            "dm:1:7@",
            "telegram:1:2",
        ] {
            assert_eq!(ReplyTarget::parse(text), None, "{text}");
        }
    }

    #[test]
    fn only_a_guild_conversation_can_be_unopened() {
        let unopened = |text| ReplyTarget::parse(text).and_then(ReplyTarget::unopened);
        assert_eq!(unopened("dm:102:1234@18"), Some(("1234", "18")));
        assert_eq!(unopened("dm:102:55"), None);
        assert_eq!(unopened("c2c:102:1234@18"), None);
    }
}

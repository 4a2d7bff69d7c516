//! States of a chat that last until they are lifted.

use serde::{Deserialize, Serialize};

use crate::rules::refusal::Refusal;
use crate::rules::scene::Scene;

/// What keeps a bot from writing into a chat. One chat can be in several of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// The bot was thrown out, or the user removed it, without an event.
    Kicked,
    /// The bot, or the whole group, is muted.
    Muted,
    /// The bot is not published any more.
    Offline,
    /// Markdown was forbidden here.
    NoMarkdown,
    /// Buttons were forbidden here.
    NoKeyboard,
    /// Messages on the bot's own account were forbidden, without an event.
    NoPush,
    /// Every content is found to violate the platform's policy.
    Moderated,
}

/// What a message is, as far as a condition asks.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Nature {
    pub(crate) is_markdown: bool,
    pub(crate) has_keyboard: bool,
    pub(crate) is_push: bool,
}

impl Condition {
    /// The refusal of such a message in such a chat, if there is one.
    pub(crate) const fn refuses(self, scene: Scene, nature: Nature) -> Option<Refusal> {
        let is_guild = matches!(scene, Scene::Channel | Scene::Dm);
        Some(match (self, scene) {
            (Self::Kicked, Scene::C2c) => Refusal::NOT_A_FRIEND,
            (Self::Kicked, Scene::Group) => Refusal::NOT_IN_GROUP,
            (Self::Kicked, Scene::Channel) => Refusal::NOT_IN_GUILD,
            (Self::Kicked, Scene::Dm) => Refusal::DM_NOT_A_MEMBER,
            (Self::Muted, Scene::C2c | Scene::Group) => Refusal::MUTED,
            (Self::Muted, Scene::Channel) => Refusal::GUILD_MUTED,
            (Self::Muted, Scene::Dm) => Refusal::DM_CLOSED,
            (Self::Offline, _) => Refusal::BOT_OFFLINE,
            (Self::NoMarkdown, _) if !nature.is_markdown => return None,
            (Self::NoMarkdown, _) if is_guild => Refusal::GUILD_NO_MARKDOWN,
            (Self::NoMarkdown, _) => Refusal::NO_MARKDOWN,
            (Self::NoKeyboard, _) if !nature.has_keyboard => return None,
            (Self::NoKeyboard, _) => Refusal::NO_KEYBOARD,
            (Self::NoPush, _) if !nature.is_push => return None,
            (Self::NoPush, Scene::C2c | Scene::Group) => Refusal::USER_REFUSES,
            (Self::NoPush, Scene::Channel) => Refusal::CHANNEL_NO_PUSH,
            (Self::NoPush, Scene::Dm) => Refusal::DM_CLOSED,
            (Self::Moderated, _) if is_guild => Refusal::GUILD_BLOCKED,
            (Self::Moderated, _) => Refusal::CONTENT_REFUSED,
        })
    }
}

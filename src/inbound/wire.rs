//! Message events as they come, borrowed from the frame.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::card::Card;
use crate::target::Scene;
use crate::wire::{Flag, List, Number, Object, Text, read_str};

/// `message_type` of a quote.
const QUOTE: i64 = 103;

/// `d` of a message event.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Message<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow)]
    pub(super) author: Object<User<'a>>,
    #[serde(borrow)]
    pub(super) content: Text<'a>,
    #[serde(borrow)]
    group_openid: Text<'a>,
    /// Not documented, but live: the same value.
    #[serde(borrow)]
    group_id: Text<'a>,
    #[serde(borrow)]
    pub(super) guild_id: Text<'a>,
    #[serde(borrow)]
    pub(super) channel_id: Text<'a>,
    #[serde(borrow)]
    pub(super) member: Object<Member<'a>>,
    #[serde(borrow)]
    pub(super) message_reference: Object<Reference<'a>>,
    #[serde(borrow)]
    pub(super) timestamp: Text<'a>,
    /// 0 text, 3 card, 101 mixed, 102 chat record, 103 quote.
    pub(super) message_type: Number,
    #[serde(borrow)]
    mentions: List<Object<User<'a>>>,
    #[serde(borrow)]
    pub(super) attachments: List<Object<Attachment<'a>>>,
    #[serde(borrow)]
    message_scene: Object<MessageScene<'a>>,
    #[serde(borrow)]
    pub(super) ark_data: Object<Card<'a>>,
    #[serde(borrow)]
    pub(super) msg_elements: List<Object<Element<'a>>>,
}

/// A sender, or somebody mentioned.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct User<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    user_openid: Text<'a>,
    #[serde(borrow)]
    member_openid: Text<'a>,
    #[serde(borrow)]
    username: Text<'a>,
    pub(super) bot: Flag,
    /// Not documented, but live in `mentions`: this is the receiving bot, or
    /// includes it.
    is_you: Flag,
    /// The same: `single`, or `all` for everybody in the group.
    #[serde(borrow)]
    scope: Text<'a>,
}

/// A sender as a member of the guild.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Member<'a> {
    #[serde(borrow)]
    nick: Text<'a>,
}

/// The message a guild message quotes.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Reference<'a> {
    #[serde(borrow)]
    pub(super) message_id: Text<'a>,
}

/// A picture, voice message, video or file.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Attachment<'a> {
    #[serde(borrow)]
    pub(super) content_type: Text<'a>,
    #[serde(borrow)]
    pub(super) url: Text<'a>,
    #[serde(borrow)]
    pub(super) filename: Text<'a>,
    pub(super) size: Number,
    /// Of pictures only.
    pub(super) width: Number,
    #[serde(borrow)]
    pub(super) voice_wav_url: Text<'a>,
    #[serde(borrow)]
    pub(super) asr_refer_text: Text<'a>,
}

/// A quoted or forwarded message.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Element<'a> {
    #[serde(borrow)]
    pub(super) msg_idx: Text<'a>,
    #[serde(borrow)]
    pub(super) author: Object<User<'a>>,
    #[serde(borrow)]
    pub(super) content: Text<'a>,
    #[serde(borrow)]
    pub(super) attachments: List<Object<Attachment<'a>>>,
    pub(super) message_type: Number,
    #[serde(borrow)]
    pub(super) ark_data: Object<Card<'a>>,
    /// Unparsed: it is seldom wanted, and may be nested deeper than a reader
    /// goes.
    #[serde(borrow)]
    msg_elements: Option<&'a RawValue>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct MessageScene<'a> {
    #[serde(borrow)]
    ext: List<Text<'a>>,
}

impl<'a> Element<'a> {
    /// What it holds in its turn.
    pub(super) fn elements(&self) -> List<Object<Self>> {
        let raw: Option<&'a RawValue> = self.msg_elements;
        let read = raw.and_then(|raw| read_str(raw.get()));
        read.unwrap_or_default()
    }
}

/// Characters of a name: what is said does not drown in it.
const LONGEST_NAME: usize = 64;
/// People mentioned in one message.
const MOST_MENTIONS: usize = 256;

impl User<'_> {
    /// The id of whichever scene; `id` has the same value in the documented
    /// samples.
    pub(super) fn openid(&self) -> Option<&str> {
        self.ids().next()
    }

    /// The id of this scene, else the next best.
    pub(super) fn openid_in(&self, scene: Scene) -> Option<&str> {
        let own = match scene {
            Scene::C2c => &self.user_openid,
            Scene::Group => &self.member_openid,
            Scene::Channel | Scene::GuildDm => &self.id,
        };
        own.peer().or_else(|| self.openid())
    }

    /// All ids of this user.
    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        let ids = [&self.user_openid, &self.member_openid, &self.id];
        ids.into_iter().filter_map(Text::peer)
    }

    /// Everybody is mentioned, not this bot.
    pub(super) fn is_everybody(&self) -> bool {
        self.scope.0 == "all"
    }

    /// The platform says that this is the receiving bot.
    pub(super) fn is_you(&self) -> bool {
        self.is_you.0 && !self.is_everybody()
    }

    /// Nick name, of bounded length.
    pub(super) fn name(&self) -> Option<String> {
        name(&self.username)
    }
}

impl Member<'_> {
    /// Nick name in the guild, of bounded length.
    pub(super) fn name(&self) -> Option<String> {
        name(&self.nick)
    }
}

fn name(text: &Text<'_>) -> Option<String> {
    let name: String = text.0.chars().take(LONGEST_NAME).collect();
    (!name.is_empty()).then_some(name)
}

impl<'a> Message<'a> {
    /// Everybody mentioned.
    pub(super) fn mentions(&self) -> Vec<&User<'a>> {
        let users = self.mentions.0.iter().filter_map(|user| user.0.as_ref());
        users.take(MOST_MENTIONS).collect()
    }

    /// The group it was said in.
    pub(super) fn group(&self) -> Option<&str> {
        self.group_openid.peer().or_else(|| self.group_id.peer())
    }

    /// Whether it quotes another message. Should its type be lost, only a quote
    /// names a message it refers to.
    pub(super) fn is_quote(&self) -> bool {
        match self.message_type.0 {
            Some(kind) => kind == QUOTE,
            None => self.ext("ref_msg_idx").is_some(),
        }
    }

    /// The value of `key` in the scene's `key=value` list. Values may end in
    /// `==`, so only the first `=` divides.
    pub(super) fn ext(&self, key: &str) -> Option<&str> {
        let scene = self.message_scene.0.as_ref()?;
        let pair = |item: &'_ Text<'a>| item.0.split_once('=').is_some_and(|(name, _)| name == key);
        let item = scene.ext.0.iter().find(|item| pair(item))?;
        item.0
            .split_once('=')
            .map(|(_, value)| value)
            .filter(|value| !value.is_empty())
    }
}

//! Message events as they come, borrowed from the frame.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::card::Card;
use crate::wire::{Flag, List, Number, Object, Text, read_str};

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
    pub(super) group_openid: Text<'a>,
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
    pub(super) username: Text<'a>,
    pub(super) bot: Flag,
    /// Not documented, but live in `mentions`: this is the receiving bot.
    pub(super) is_you: Flag,
}

/// A sender as a member of the guild.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Member<'a> {
    #[serde(borrow)]
    pub(super) nick: Text<'a>,
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

impl User<'_> {
    /// The id of the scene; `id` has the same value in the documented samples.
    pub(super) fn openid(&self) -> Option<&str> {
        self.user_openid
            .non_empty()
            .or_else(|| self.member_openid.non_empty())
            .or_else(|| self.id.non_empty())
    }
}

impl<'a> Message<'a> {
    /// Everybody mentioned.
    pub(super) fn mentions(&self) -> Vec<&User<'a>> {
        self.mentions
            .0
            .iter()
            .filter_map(|user| user.0.as_ref())
            .collect()
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

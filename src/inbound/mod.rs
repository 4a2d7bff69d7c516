//! From an event of the gateway to a message for the agent.
//!
//! See QQ docs, autogen/event/c2c_message_create, …/group_at_message_create and
//! …/group_message_create.

mod attachment;
mod face;
mod quote;
mod seen;
mod text;
mod timestamp;
mod wire;

use std::borrow::Cow;

pub(crate) use seen::{Marks, Seen};

use crate::contract::{ChatKind, InboundMessage};
use crate::gateway::Dispatch;
use crate::target::{ReplyTarget, Scene};
use wire::{Message, User};

/// What an event is for the agent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// A message.
    Message(Box<Received>),
    /// Written by a bot; answering it could go on for ever.
    FromBot,
    /// A message without an id, sender or peer, or with nothing in it.
    Incomplete,
    /// An event this version has no use for.
    Other,
}

/// A message, and what only the channel needs of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Received {
    /// For the agent.
    pub(crate) message: InboundMessage,
    /// Where it was said.
    pub(crate) scene: Scene,
}

/// What reading depends on besides the event.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'c> {
    /// The account.
    pub(crate) app_id: &'c str,
    /// Stands in for a timestamp that cannot be read, Unix milliseconds.
    pub(crate) wall_ms: u64,
    /// Whether a new message cancels the turn in flight.
    pub(crate) interrupts: bool,
}

impl Reader<'_> {
    /// Reads an event.
    pub(crate) fn read(&self, event: &Dispatch<'_>) -> Reading {
        match &*event.name {
            "C2C_MESSAGE_CREATE" => self.message(event.body, Scene::C2c, true),
            "GROUP_AT_MESSAGE_CREATE" => self.message(event.body, Scene::Group, true),
            // Groups whose owner lets the bot see everything.
            "GROUP_MESSAGE_CREATE" => self.message(event.body, Scene::Group, false),
            _ => Reading::Other,
        }
    }

    fn message(&self, body: &str, scene: Scene, addressed: bool) -> Reading {
        let Ok(mut wire) = serde_json::from_str::<Message<'_>>(body) else {
            return Reading::Incomplete;
        };
        let author = wire.author.0.take().unwrap_or_default();
        if author.bot.0 {
            return Reading::FromBot;
        }
        match self.compose(&wire, &author, scene, addressed) {
            Some(message) => Reading::Message(Box::new(Received { message, scene })),
            None => Reading::Incomplete,
        }
    }

    /// Absent without an id, sender or peer, or without content.
    fn compose(
        &self,
        wire: &Message<'_>,
        author: &User<'_>,
        scene: Scene,
        addressed: bool,
    ) -> Option<InboundMessage> {
        let (id, sender) = (wire.id.non_empty()?, author.openid()?);
        let (chat, openid) = match scene {
            Scene::C2c => (ChatKind::Dm, sender),
            Scene::Group => (ChatKind::Group, wire.group_openid.non_empty()?),
        };
        let mentions = wire.mentions();
        let text = text::clean(&wire.content.0, &mentions);
        let attachments = attachment::of_message(wire);
        let quote = quote::of(wire, &text);
        // In a group an empty message is a bare mention.
        if scene == Scene::C2c && text.is_empty() && attachments.is_empty() && quote.is_none() {
            return None;
        }
        let reply_target = ReplyTarget {
            scene,
            app_id: self.app_id,
            openid,
        }
        .to_string();
        Some(InboundMessage {
            id: id.to_owned(),
            sender: sender.to_owned(),
            sender_name: author.username.to_option(),
            sender_is_bot: false,
            chat,
            chat_title: None,
            text,
            timestamp_ms: timestamp::parse_ms(&wire.timestamp.0).unwrap_or(self.wall_ms),
            mentioned: addressed || mentions.iter().any(|user| user.is_you.0),
            thread: None,
            quote,
            attachments,
            interruption_scope: self
                .interrupts
                .then(|| format!("qq_{reply_target}_{sender}")),
            reply_target,
        })
    }
}

/// A URL with its scheme; the platform often leaves it out.
fn with_scheme(url: &str) -> Cow<'_, str> {
    if url.contains("://") {
        Cow::Borrowed(url)
    } else if let Some(rest) = url.strip_prefix("//") {
        Cow::Owned(format!("https://{rest}"))
    } else {
        Cow::Owned(format!("https://{url}"))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::contract::{AttachmentKind, AttachmentLocation};

    /// A private message of USER.
    pub(crate) fn message() -> InboundMessage {
        InboundMessage {
            id: "M".to_owned(),
            sender: "USER".to_owned(),
            sender_name: None,
            sender_is_bot: false,
            reply_target: "c2c:102:USER".to_owned(),
            chat: ChatKind::Dm,
            chat_title: None,
            text: "hello".to_owned(),
            timestamp_ms: 1,
            mentioned: true,
            thread: None,
            quote: None,
            attachments: Vec::new(),
            interruption_scope: None,
        }
    }

    fn read(name: &str, body: &str) -> Reading {
        let reader = Reader {
            app_id: "102",
            wall_ms: 77,
            interrupts: true,
        };
        reader.read(&Dispatch {
            event_id: "".into(),
            name: name.into(),
            body,
        })
    }

    fn read_message(name: &str, body: &str) -> InboundMessage {
        match read(name, body) {
            Reading::Message(received) => received.message,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn reads_a_private_message() {
        let body = r#"{"id":"ROBOT1.0_a","author":{"id":"U","user_openid":"U","union_openid":"","username":"","bot":false},
            "content":" hello ","message_type":0,"message_scene":{"source":"default","ext":["msg_idx=REFIDX_C=="]},
            "attachments":[],"timestamp":"2026-07-21T10:00:00+08:00"}"#;
        let expected = InboundMessage {
            id: "ROBOT1.0_a".to_owned(),
            sender: "U".to_owned(),
            reply_target: "c2c:102:U".to_owned(),
            timestamp_ms: 1_784_599_200_000,
            interruption_scope: Some("qq_c2c:102:U_U".to_owned()),
            ..message()
        };
        assert_eq!(read_message("C2C_MESSAGE_CREATE", body), expected);
    }

    #[test]
    fn reads_a_group_message_with_mentions_and_a_picture() {
        let body = r#"{"id":"m","author":{"id":"A","member_openid":"A","username":"Ming"},"content":" <@B> look <@!BOT>",
            "group_openid":"G","mentions":[{"id":"B","member_openid":"B","username":"Hua"},{"member_openid":"BOT","is_you":true}],
            "attachments":[{"content_type":"image/png","filename":"p.png","url":"//x.qq.com/p","size":"9"}]}"#;
        let got = read_message("GROUP_MESSAGE_CREATE", body);
        assert_eq!((got.text.as_str(), got.mentioned), ("@Hua look", true));
        assert_eq!(
            (got.reply_target.as_str(), got.sender.as_str()),
            ("group:102:G", "A")
        );
        assert_eq!(got.timestamp_ms, 77);
        let picture = got.attachments.first();
        assert_eq!(
            picture.map(|a| (a.kind, a.location.clone(), a.size)),
            Some((
                AttachmentKind::Image,
                AttachmentLocation::Url("https://x.qq.com/p".to_owned()),
                Some(9)
            ))
        );
    }

    #[test]
    fn a_group_message_is_addressed_by_its_event_or_by_a_mention() {
        let body = |mentions: &str| {
            format!(
                r#"{{"id":"m","author":{{"member_openid":"A"}},"group_openid":"G","mentions":{mentions}}}"#
            )
        };
        for (event, mentions, mentioned) in [
            ("GROUP_AT_MESSAGE_CREATE", "null", true),
            ("GROUP_MESSAGE_CREATE", "null", false),
            ("GROUP_MESSAGE_CREATE", r#"[{"id":"B"}]"#, false),
            ("GROUP_MESSAGE_CREATE", r#"[{"is_you":true}]"#, true),
        ] {
            assert_eq!(
                read_message(event, &body(mentions)).mentioned,
                mentioned,
                "{event} {mentions}"
            );
        }
    }

    #[test]
    fn what_cannot_be_a_message_is_none() {
        for body in [
            "null",
            "\"\"",
            "[]",
            "{}",
            r#"{"id":"m","content":"x"}"#,
            r#"{"author":{"user_openid":"U"},"content":"x"}"#,
            r#"{"id":"m","author":{"user_openid":"U"},"content":"  ","attachments":null}"#,
            r#"{"id":"m","author":7,"content":"x"}"#,
        ] {
            assert_eq!(
                read("C2C_MESSAGE_CREATE", body),
                Reading::Incomplete,
                "{body}"
            );
        }
        let bot = r#"{"id":"m","author":{"user_openid":"U","bot":true},"content":"x"}"#;
        assert_eq!(read("C2C_MESSAGE_CREATE", bot), Reading::FromBot);
        assert_eq!(read("FRIEND_ADD", "{}"), Reading::Other);
    }
}

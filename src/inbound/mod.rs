//! From an event of the gateway to a message or a notice.
//!
//! See QQ docs, autogen/event/c2c_message_create, …/group_at_message_create and
//! …/group_message_create, and server-inter/channel/message/event.

mod address;
mod attachment;
mod card;
mod clicks;
mod compose;
mod emoji;
mod face;
mod forward;
mod interaction;
mod notice;
mod own;
mod quote;
mod reading;
mod seen;
mod tag;
mod text;
mod timestamp;
mod voice;
mod wire;

pub(crate) use clicks::Clicks;
pub(crate) use interaction::event_id;
pub(crate) use notice::NoticeKind;
pub(crate) use own::Own;
pub(crate) use reading::{Audit, Click, Notice, Reader, Reading, Received};
pub(crate) use seen::{Marks, Seen, mark};
pub(crate) use voice::Voices;

use crate::gateway::Dispatch;
use crate::target::{ReplyTarget, Scene};
use compose::Source;

/// Bytes of a peer. The longest, a user and a guild, have some sixty.
const LONGEST_PEER: usize = 160;

impl Reader<'_> {
    /// Reads an event.
    pub(crate) fn read(&self, event: &Dispatch<'_>) -> Reading {
        let source = |scene, addressed| Source { scene, addressed };
        let source = match &*event.name {
            "C2C_MESSAGE_CREATE" => source(Scene::C2c, true),
            "GROUP_AT_MESSAGE_CREATE" => source(Scene::Group, true),
            // Groups whose owner lets the bot see everything.
            "GROUP_MESSAGE_CREATE" => source(Scene::Group, false),
            "AT_MESSAGE_CREATE" => source(Scene::Channel, true),
            // Private-domain bots see everything.
            "MESSAGE_CREATE" => source(Scene::Channel, false),
            "DIRECT_MESSAGE_CREATE" => source(Scene::GuildDm, true),
            "INTERACTION_CREATE" => return self.interaction(event),
            name => return self.notice(name, event.body),
        };
        self.message(event.body, source)
    }

    /// Absent for a peer too long to be one: reply targets become keys of the
    /// stored state, which have a bound.
    fn target(&self, scene: Scene, peer: &str) -> Option<String> {
        let target = ReplyTarget {
            scene,
            app_id: self.app_id,
            peer,
        };
        (peer.len() <= LONGEST_PEER).then(|| target.to_string())
    }

    /// What a newer message of the same sender in the same chat cancels.
    fn scope(&self, reply_target: &str, sender: &str) -> Option<String> {
        self.interrupts
            .then(|| format!("qq_{reply_target}_{sender}"))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::contract::InboundMessage;
    use crate::contract::{AttachmentKind, AttachmentLocation, ChatKind};

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
            button: None,
            notice: None,
        }
    }

    /// Reads an event of account 102, whose bot is BOT.
    pub(crate) fn read(name: &str, body: &str) -> Reading {
        let reader = Reader {
            app_id: "102",
            bot_id: "BOT",
            own: &Own::default(),
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
            (
                "GROUP_MESSAGE_CREATE",
                r#"[{"scope":"all","is_you":true}]"#,
                false,
            ),
            (
                "GROUP_MESSAGE_CREATE",
                r#"[{"scope":"single","is_you":true}]"#,
                true,
            ),
            (
                "GROUP_MESSAGE_CREATE",
                r#"[{"scope":"all","is_you":true},{"id":"B","is_you":true}]"#,
                true,
            ),
        ] {
            assert_eq!(
                read_message(event, &body(mentions)).mentioned,
                mentioned,
                "{event} {mentions}"
            );
        }
    }

    #[test]
    fn reads_a_message_of_a_guild_channel() {
        let body = r#"{"id":"08a","channel_id":"100","guild_id":"18","content":"<@!BOT> 1 &lt; 2 &amp;&amp; <@!77>",
            "author":{"id":"1234","username":"abc","bot":false},"member":{"nick":"Abc"},
            "mentions":[{"id":"BOT","bot":true},{"id":"77","username":"Hua"}],
            "attachments":[{"url":"gchat.qpic.cn/x"}],"message_reference":{"message_id":"08z"}}"#;
        for (event, mentioned) in [("AT_MESSAGE_CREATE", true), ("MESSAGE_CREATE", true)] {
            let got = read_message(event, body);
            assert_eq!(
                (got.text.as_str(), got.mentioned),
                ("1 < 2 && @Hua", mentioned)
            );
            assert_eq!(got.chat, ChatKind::GuildChannel);
            assert_eq!(got.reply_target, "channel:102:18/100");
            assert_eq!(got.sender_name.as_deref(), Some("Abc"));
            assert_eq!(got.quote.and_then(|quote| quote.id).as_deref(), Some("08z"));
            assert_eq!(got.attachments.len(), 1);
        }
        let plain =
            r#"{"id":"08a","channel_id":"100","guild_id":"18","content":"x","author":{"id":"1"}}"#;
        assert!(!read_message("MESSAGE_CREATE", plain).mentioned);
        let own = r#"{"id":"08a","channel_id":"100","guild_id":"18","content":"x","author":{"id":"BOT"}}"#;
        assert_eq!(read("MESSAGE_CREATE", own), Reading::FromBot);
    }

    #[test]
    fn reads_a_direct_message_of_a_guild() {
        let body = r#"{"id":"08a","channel_id":"100","guild_id":"55","src_guild_id":"18","direct_message":true,
            "content":"hi","author":{"id":"1234","username":"abc"}}"#;
        let got = read_message("DIRECT_MESSAGE_CREATE", body);
        assert_eq!((got.chat, got.mentioned), (ChatKind::GuildDm, true));
        assert_eq!(
            (got.reply_target.as_str(), got.sender.as_str()),
            ("dm:102:55", "1234")
        );
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
        assert_eq!(read("SOMETHING_NEW", "{}"), Reading::Other);
    }
}

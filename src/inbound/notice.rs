//! Events that say something about a conversation without a message in it.
//!
//! See QQ docs, autogen/event/friend_add and its siblings, and
//! server-inter/channel/message/event for audits.

use serde::Deserialize;

use super::{Reader, Reading};
use crate::target::{ReplyTarget, Scene};
use crate::wire::Text;

/// What happened to a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoticeKind {
    /// A user added the bot.
    FriendAdded,
    /// A user removed the bot.
    FriendRemoved,
    /// The bot came into a group.
    GroupJoined,
    /// The bot was taken out of a group.
    GroupLeft,
    /// The bot may write first here.
    PushAllowed,
    /// The bot may not write first here.
    PushRefused,
}

/// Something happened to a conversation.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Notice {
    /// What.
    pub(crate) kind: NoticeKind,
    /// Reply target of the conversation.
    pub(crate) target: String,
    /// Where it takes place.
    pub(crate) scene: Scene,
}

/// Moderators decided.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Audit {
    /// As the answer to the send named it.
    pub(crate) id: String,
    /// Whether the message was let through.
    pub(crate) passed: bool,
    /// Its id, once it was.
    pub(crate) message_id: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Wire<'a> {
    #[serde(borrow)]
    openid: Text<'a>,
    #[serde(borrow)]
    group_openid: Text<'a>,
    #[serde(borrow)]
    audit_id: Text<'a>,
    #[serde(borrow)]
    message_id: Text<'a>,
}

impl NoticeKind {
    /// Kind and scene of the event of this name.
    fn named(name: &str) -> Option<(Self, Scene)> {
        Some(match name {
            "FRIEND_ADD" => (Self::FriendAdded, Scene::C2c),
            "FRIEND_DEL" => (Self::FriendRemoved, Scene::C2c),
            "C2C_MSG_RECEIVE" => (Self::PushAllowed, Scene::C2c),
            "C2C_MSG_REJECT" => (Self::PushRefused, Scene::C2c),
            "GROUP_ADD_ROBOT" => (Self::GroupJoined, Scene::Group),
            "GROUP_DEL_ROBOT" => (Self::GroupLeft, Scene::Group),
            "GROUP_MSG_RECEIVE" => (Self::PushAllowed, Scene::Group),
            "GROUP_MSG_REJECT" => (Self::PushRefused, Scene::Group),
            _ => return None,
        })
    }

    /// Whether the bot can answer the event itself, by its id (QQ docs,
    /// autogen/api/v2_users_user_openid_messages.post and its group twin).
    pub(crate) const fn is_answerable(self) -> bool {
        matches!(
            self,
            Self::FriendAdded | Self::GroupJoined | Self::PushAllowed
        )
    }
}

impl Reader<'_> {
    /// Reads an event that is no message.
    pub(super) fn notice(&self, name: &str, body: &str) -> Reading {
        let wire = || serde_json::from_str::<Wire<'_>>(body).unwrap_or_default();
        if let Some((kind, scene)) = NoticeKind::named(name) {
            return self.of_conversation(&wire(), kind, scene);
        }
        let passed = match name {
            "MESSAGE_AUDIT_PASS" => true,
            "MESSAGE_AUDIT_REJECT" => false,
            _ => return Reading::Other,
        };
        let wire = wire();
        match wire.audit_id.to_option() {
            Some(id) => Reading::Audit(Audit {
                id,
                passed,
                message_id: wire.message_id.to_option(),
            }),
            None => Reading::Incomplete,
        }
    }

    fn of_conversation(&self, wire: &Wire<'_>, kind: NoticeKind, scene: Scene) -> Reading {
        let peer = match scene {
            Scene::Group => wire.group_openid.non_empty(),
            _ => wire.openid.non_empty(),
        };
        let Some(peer) = peer else {
            return Reading::Incomplete;
        };
        let target = ReplyTarget {
            scene,
            app_id: self.app_id,
            peer,
        };
        Reading::Notice(Notice {
            kind,
            target: target.to_string(),
            scene,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::Dispatch;

    fn read(name: &str, body: &str) -> Reading {
        let reader = Reader {
            app_id: "102",
            bot_id: "",
            wall_ms: 0,
            interrupts: false,
        };
        reader.read(&Dispatch {
            event_id: "".into(),
            name: name.into(),
            body,
        })
    }

    #[test]
    fn each_event_names_its_conversation() {
        use NoticeKind::{
            FriendAdded, FriendRemoved, GroupJoined, GroupLeft, PushAllowed, PushRefused,
        };
        for (name, kind, scene) in [
            ("FRIEND_ADD", FriendAdded, Scene::C2c),
            ("FRIEND_DEL", FriendRemoved, Scene::C2c),
            ("C2C_MSG_RECEIVE", PushAllowed, Scene::C2c),
            ("C2C_MSG_REJECT", PushRefused, Scene::C2c),
            ("GROUP_ADD_ROBOT", GroupJoined, Scene::Group),
            ("GROUP_DEL_ROBOT", GroupLeft, Scene::Group),
            ("GROUP_MSG_RECEIVE", PushAllowed, Scene::Group),
            ("GROUP_MSG_REJECT", PushRefused, Scene::Group),
        ] {
            let body = r#"{"openid":"U","group_openid":"G","op_member_openid":"M","timestamp":1784570523}"#;
            let target = match scene {
                Scene::Group => "group:102:G",
                _ => "c2c:102:U",
            };
            let expected = Notice {
                kind,
                target: target.to_owned(),
                scene,
            };
            assert_eq!(read(name, body), Reading::Notice(expected), "{name}");
            assert_eq!(read(name, "{}"), Reading::Incomplete, "{name}");
            assert_eq!(read(name, "null"), Reading::Incomplete, "{name}");
        }
    }

    #[test]
    fn an_audit_names_its_decision() {
        let body = r#"{"audit_id":"5f","message_id":"10d","guild_id":"46"}"#;
        let audit = |passed| {
            Reading::Audit(Audit {
                id: "5f".to_owned(),
                passed,
                message_id: Some("10d".to_owned()),
            })
        };
        assert_eq!(read("MESSAGE_AUDIT_PASS", body), audit(true));
        assert_eq!(read("MESSAGE_AUDIT_REJECT", body), audit(false));
        assert_eq!(read("MESSAGE_AUDIT_REJECT", "[]"), Reading::Incomplete);
    }
}

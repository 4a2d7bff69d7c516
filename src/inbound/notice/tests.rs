//! Each event of these, with what it says.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use crate::inbound::tests::read;

fn notice(name: &str, body: &str) -> Notice {
    match read(name, body) {
        Reading::Notice(notice) => *notice,
        other => panic!("{name}: {other:?}"),
    }
}

const BODY: &str =
    r#"{"openid":"U","group_openid":"G","op_member_openid":"M","timestamp":1784570523}"#;

#[test]
fn each_event_of_friends_and_groups_names_its_conversation() {
    for (name, kind, target, who) in [
        ("FRIEND_ADD", "friend-added", "c2c:102:U", "U"),
        ("FRIEND_DEL", "friend-removed", "c2c:102:U", "U"),
        ("C2C_MSG_RECEIVE", "push-allowed", "c2c:102:U", "U"),
        ("C2C_MSG_REJECT", "push-refused", "c2c:102:U", "U"),
        ("GROUP_ADD_ROBOT", "group-joined", "group:102:G", "M"),
        ("GROUP_DEL_ROBOT", "group-left", "group:102:G", "M"),
        ("GROUP_MSG_RECEIVE", "push-allowed", "group:102:G", "M"),
        ("GROUP_MSG_REJECT", "push-refused", "group:102:G", "M"),
        (
            "SUBSCRIBE_MESSAGE_STATUS",
            "subscription-changed",
            "group:102:G",
            "M",
        ),
    ] {
        let notice = notice(name, BODY);
        assert_eq!(
            (notice.kind.name(), &*notice.target),
            (kind, target),
            "{name}"
        );
        assert_eq!(notice.who.map(|who| who.id).as_deref(), Some(who), "{name}");
        assert_eq!(notice.timestamp_ms, 1_784_570_523_000);
        for nothing in [
            "{}",
            "null",
            "[]",
            r#""""#,
            r#"{"openid":[],"group_openid":{}}"#,
        ] {
            assert_eq!(read(name, nothing), Reading::Incomplete, "{name} {nothing}");
        }
    }
}

#[test]
fn each_event_of_guilds_names_its_conversation() {
    let member =
        r#"{"guild_id":"18","nick":"","op_user_id":"9","user":{"id":"77","username":"Hua"}}"#;
    let deleted = r#"{"message":{"id":"08a","channel_id":"100","guild_id":"18","author":{"id":"77"}},"op_user":{"id":"9"}}"#;
    let guild = r#"{"id":"18","name":"Rust","op_user_id":"9"}"#;
    let channel = r#"{"id":"100","guild_id":"18","name":"help","op_user_id":"9"}"#;
    let reaction = r#"{"user_id":"77","guild_id":"18","channel_id":"100","target":{"id":"08a","type":"0"},"emoji":{"id":"277","type":1}}"#;
    for (name, body, kind, target, who) in [
        ("GUILD_CREATE", guild, "guild-joined", "dm:102:9@18", "9"),
        ("GUILD_UPDATE", guild, "guild-updated", "dm:102:9@18", "9"),
        ("GUILD_DELETE", guild, "guild-left", "dm:102:9@18", "9"),
        (
            "CHANNEL_CREATE",
            channel,
            "channel-created",
            "channel:102:18/100",
            "9",
        ),
        (
            "CHANNEL_UPDATE",
            channel,
            "channel-updated",
            "channel:102:18/100",
            "9",
        ),
        (
            "CHANNEL_DELETE",
            channel,
            "channel-removed",
            "channel:102:18/100",
            "9",
        ),
        (
            "GUILD_MEMBER_ADD",
            member,
            "member-joined",
            "dm:102:77@18",
            "77",
        ),
        (
            "GUILD_MEMBER_UPDATE",
            member,
            "member-updated",
            "dm:102:77@18",
            "77",
        ),
        (
            "GUILD_MEMBER_REMOVE",
            member,
            "member-left",
            "dm:102:77@18",
            "77",
        ),
        (
            "MESSAGE_REACTION_ADD",
            reaction,
            "reaction-added",
            "channel:102:18/100",
            "77",
        ),
        (
            "MESSAGE_REACTION_REMOVE",
            reaction,
            "reaction-removed",
            "channel:102:18/100",
            "77",
        ),
        (
            "MESSAGE_DELETE",
            deleted,
            "message-deleted",
            "channel:102:18/100",
            "9",
        ),
        (
            "PUBLIC_MESSAGE_DELETE",
            deleted,
            "message-deleted",
            "channel:102:18/100",
            "9",
        ),
        (
            "DIRECT_MESSAGE_DELETE",
            deleted,
            "message-deleted",
            "dm:102:18",
            "9",
        ),
    ] {
        let notice = notice(name, body);
        assert_eq!(
            (notice.kind.name(), &*notice.target),
            (kind, target),
            "{name}"
        );
        assert_eq!(notice.who.map(|who| who.id).as_deref(), Some(who), "{name}");
        for nothing in ["{}", "null", r#"{"id":null,"guild_id":[1],"message":"x"}"#] {
            assert_eq!(read(name, nothing), Reading::Incomplete, "{name} {nothing}");
        }
    }
    // Nobody to write to.
    let dissolved = notice("GUILD_DELETE", r#"{"id":"18"}"#);
    assert_eq!((&*dissolved.target, dissolved.who), ("", None));
}

#[test]
fn words_tell_what_is_known() {
    for (name, body, person, words) in [
        (
            "FRIEND_ADD",
            BODY,
            None,
            "Somebody added the bot as a friend.",
        ),
        (
            "FRIEND_ADD",
            r#"{"openid":"U","scene_param":"spring"}"#,
            Some("Hua"),
            "Hua added the bot as a friend: spring",
        ),
        (
            "GUILD_UPDATE",
            r#"{"id":"18","name":"Rust"}"#,
            None,
            "Somebody changed the guild Rust.",
        ),
        (
            "CHANNEL_DELETE",
            r#"{"id":"1","guild_id":"18"}"#,
            None,
            "Somebody removed a channel.",
        ),
        (
            "GROUP_JOIN_REQUEST",
            r#"{"group_openid":"G","member_openid":"M","verify_info":{"verify_message":"hi"}}"#,
            None,
            "Somebody asks to join the group: hi",
        ),
        (
            "MESSAGE_REACTION_ADD",
            r#"{"user_id":"7","guild_id":"18","channel_id":"1","target":{"id":"08a","type":"0"},"emoji":{"id":"4","type":1}}"#,
            None,
            "Somebody reacted: [表情: 得意] to 08a",
        ),
        (
            "MESSAGE_REACTION_REMOVE",
            r#"{"user_id":"7","guild_id":"18","channel_id":"1","target":null,"emoji":{"id":128077,"type":"2"}}"#,
            None,
            "Somebody took a reaction back: 👍",
        ),
    ] {
        assert_eq!(notice(name, body).words(person), words, "{name}");
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

#[test]
fn what_a_chat_has_no_use_for_is_known_as_such() {
    for (name, expected) in [
        ("FORUM_THREAD_CREATE", Reading::Unused),
        ("OPEN_FORUM_POST_CREATE", Reading::Unused),
        ("AUDIO_START", Reading::Unused),
        ("AUDIO_OR_LIVE_CHANNEL_MEMBER_ENTER", Reading::Unused),
        ("ENTER_AIO", Reading::Unused),
        ("SOMETHING_NEW", Reading::Other),
    ] {
        assert_eq!(read(name, r#"{"guild_id":"1"}"#), expected, "{name}");
    }
}

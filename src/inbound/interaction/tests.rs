//! Each kind of press, and what is none.

use super::*;
use crate::inbound::tests::read;

fn click(body: &str) -> Click {
    match read("INTERACTION_CREATE", body) {
        Reading::Click(click) => *click,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_press_says_who_where_and_what() {
    let resolved = r#""data":{"type":11,"resolved":{"button_data":"yes:1","button_id":"b1","user_id":"77","message_id":"08q"}}"#;
    for (place, target, sender) in [
        (r#""scene":"c2c","user_openid":"U""#, "c2c:102:U", "U"),
        (
            r#""scene":"group","chat_type":1,"group_openid":"G","group_member_openid":"M""#,
            "group:102:G",
            "M",
        ),
        (
            r#""chat_type":0,"guild_id":"18","channel_id":"100""#,
            "channel:102:18/100",
            "77",
        ),
        (r#""scene":"dm","guild_id":"55""#, "dm:102:55", "77"),
        (
            r#""scene":null,"group_openid":"G","group_member_openid":"M""#,
            "group:102:G",
            "M",
        ),
        (r#""user_openid":"U""#, "c2c:102:U", "U"),
    ] {
        let click = click(&format!(r#"{{"id":"i1","type":11,{place},{resolved}}}"#));
        let message = click.received.map(|received| received.message);
        let message = message.unwrap_or_else(|| panic!("{place}"));
        assert_eq!((&*message.reply_target, &*message.sender), (target, sender));
        assert_eq!((&*message.id, &*message.text), ("i1", "yes:1"));
        assert!(message.mentioned);
        let button = message.button.map(|button| (button.id, button.data));
        assert_eq!(button, Some(("b1".to_owned(), "yes:1".to_owned())));
    }
}

#[test]
fn text_is_the_data_or_the_id_or_a_word() {
    for (resolved, text) in [
        (r#"{"button_data":"d","button_id":"b"}"#, "d"),
        (r#"{"button_data":null,"button_id":"b"}"#, "b"),
        (r#"{"feature_id":"f"}"#, "f"),
        ("{}", "[button]"),
        ("null", "[button]"),
        ("7", "[button]"),
    ] {
        let body = format!(
            r#"{{"id":"INTERACTION_CREATE:i1","user_openid":"U","type":"12","data":{{"resolved":{resolved}}}}}"#
        );
        let click = click(&body);
        assert_eq!(click.id, "i1");
        let text_of = click.received.map(|received| received.message.text);
        assert_eq!(text_of.as_deref(), Some(text), "{resolved}");
    }
}

#[test]
fn what_nobody_can_answer_is_acknowledged_all_the_same() {
    for place in [
        r#""scene":"group","group_openid":"G""#,
        r#""scene":"guild""#,
        r#""scene":7"#,
    ] {
        let click = click(&format!(r#"{{"id":"i1","type":11,{place}}}"#));
        assert_eq!((&*click.id, click.received), ("i1", None), "{place}");
    }
    for body in ["null", "[]", r#"{"type":11}"#, r#"{"type":11,"id":null}"#] {
        let expected = if body.contains("11") {
            Reading::Incomplete
        } else {
            Reading::Unused
        };
        assert_eq!(read("INTERACTION_CREATE", body), expected, "{body}");
    }
}

#[test]
fn other_touches_are_notices() {
    for (kind, resolved, name) in [
        (13, r#"{"feedback_opt":"LIKE"}"#, "feedback-given"),
        (14, "null", "conversation-cleared"),
        (15, r#"{"action":"ENTER_STORY"}"#, "story-entered"),
        (15, r#"{"action":"QUIT_STORY"}"#, "story-left"),
        (16, "{}", "model-switched"),
        (18, "{}", "authorisation-changed"),
        (20, "{}", "authorisation-changed"),
    ] {
        let body = format!(
            r#"{{"id":"i","user_openid":"U","type":{kind},"data":{{"resolved":{resolved}}}}}"#
        );
        let Reading::Notice(notice) = read("INTERACTION_CREATE", &body) else {
            panic!("{body}")
        };
        assert_eq!((notice.kind.name(), &*notice.target), (name, "c2c:102:U"));
    }
    let config = r#"{"id":"i","user_openid":"U","type":2001}"#;
    assert_eq!(read("INTERACTION_CREATE", config), Reading::Unused);
}

#[test]
fn an_event_without_an_id_is_named_by_its_interaction() {
    for (came, expected) in [
        ("", "INTERACTION_CREATE:i1"),
        ("INTERACTION_CREATE:i1", "INTERACTION_CREATE:i1"),
        ("i1", "i1"),
    ] {
        assert_eq!(event_id(came, "i1"), expected);
    }
}

use super::*;
use crate::contract::Action;
use crate::host::tests::host;

const USER: &str = "c2c:102:A";
const GROUP: &str = "group:102:G";
const CHANNEL: &str = "channel:102:18/100";

fn received(ledger: &mut Ledger, target: &str, id: &str, host: &mut Host) {
    let scene = scene_of(target).unwrap();
    ledger.received(target, scene, Anchor::message(id), host);
}

/// Takes a reply and shows it as `id#seq`.
fn take(
    ledger: &mut Ledger,
    target: &str,
    reply_to: Option<&str>,
    host: &mut Host,
) -> Option<String> {
    let anchor = ledger.take(target, reply_to, host)?.anchor;
    let seq = anchor
        .msg_seq
        .map_or_else(|| "-".to_owned(), |seq| seq.to_string());
    Some(format!("{}#{seq}", anchor.msg_id))
}

#[test]
fn numbers_replies_from_one_and_stops_at_the_budget() {
    let (mut host, mut ledger) = (host(), Ledger::default());
    received(&mut ledger, USER, "m", &mut host);
    assert_eq!(ledger.slots(USER, &host), 4);
    let taken: Vec<_> = (0..5)
        .map(|_| take(&mut ledger, USER, None, &mut host))
        .collect();
    let expected = [Some("m#1"), Some("m#2"), Some("m#3"), Some("m#4"), None];
    assert_eq!(taken, expected.map(|t| t.map(str::to_owned)));
    assert_eq!(ledger.slots(USER, &host), 0);
}

#[test]
fn prefers_the_named_message_and_falls_back_to_the_newest() {
    let (mut host, mut ledger) = (host(), Ledger::default());
    for id in ["a", "b", "c"] {
        received(&mut ledger, GROUP, id, &mut host);
    }
    for (reply_to, expected) in [(Some("a"), "a#1"), (Some("zzz"), "c#1"), (None, "c#2")] {
        let taken = take(&mut ledger, GROUP, reply_to, &mut host);
        assert_eq!(taken.as_deref(), Some(expected));
    }
    assert_eq!(take(&mut ledger, USER, None, &mut host), None);
}

#[test]
fn guild_messages_take_any_number_of_replies_without_numbers() {
    let (mut host, mut ledger) = (host(), Ledger::default());
    received(&mut ledger, CHANNEL, "08a", &mut host);
    for _ in 0..20 {
        let taken = take(&mut ledger, CHANNEL, None, &mut host);
        assert_eq!(taken.as_deref(), Some("08a#-"));
    }
}

#[test]
fn the_first_answer_to_an_event_has_no_number() {
    let (mut host, mut ledger) = (host(), Ledger::default());
    ledger.received(GROUP, Scene::Group, Anchor::event("E"), &mut host);
    let taken: Vec<_> = (0..2)
        .filter_map(|_| take(&mut ledger, GROUP, None, &mut host))
        .collect();
    assert_eq!(taken, ["E#-", "E#2"]);
}

#[test]
fn windows_close_in_time() {
    for (target, open_ms) in [
        (USER, 3_590_000 - 1),
        (GROUP, 290_000 - 1),
        (CHANNEL, 290_000 - 1),
        ("dm:102:55", 290_000 - 1),
    ] {
        let (mut host, mut ledger) = (host(), Ledger::default());
        received(&mut ledger, target, "m", &mut host);
        host.set_now(1_000_000 + open_ms, 0);
        assert!(take(&mut ledger, target, None, &mut host).is_some());
        host.set_now(1_000_000 + open_ms + 1, 0);
        assert_eq!(take(&mut ledger, target, None, &mut host), None);
        assert_eq!(ledger.slots(target, &host), 0);
    }
}

#[test]
fn the_chat_silent_for_longest_makes_room() {
    let (mut host, mut ledger) = (host(), Ledger::default());
    for n in 0..=MOST_CHATS {
        host.set_now(1_000_000 + n as u64, 0);
        received(&mut ledger, &format!("c2c:102:{n}"), "m", &mut host);
    }
    assert_eq!(ledger.chats.len(), MOST_CHATS);
    let gone = Action::Remove("chat/c2c:102:0".to_owned());
    assert!(host.take_actions().contains(&gone));
}

#[test]
fn reads_what_an_earlier_version_stored() {
    let old = br#"[{"id":"m","received_wall_ms":7,"used":1,"next_seq":2}]"#;
    let chat = read(old);
    assert_eq!((chat.anchors.len(), chat.heard_wall_ms), (1, 7));
}

#[test]
fn unasked_messages_have_quotas_by_chat_guild_and_bot() {
    let limits = Limits::default();
    for (target, most) in [(CHANNEL, 20), ("dm:102:55", 2), (USER, 1_000)] {
        let mut host = host();
        let mut ledger = Ledger {
            limits,
            ..Ledger::default()
        };
        for _ in 0..most {
            assert!(ledger.may_push(target, &host), "{target}");
            ledger.pushed(target, &mut host);
        }
        assert!(!ledger.may_push(target, &host), "{target}");
        host.set_now(1_000_000 + 86_400_000, 0);
        assert!(ledger.may_push(target, &host), "{target}");
    }
}

#[test]
fn two_channels_of_a_guild_get_unasked_messages_in_a_day() {
    let (mut host, mut ledger) = (host(), Ledger::default());
    let channel = |n: u32| format!("channel:102:18/{n}");
    for n in 0..2 {
        assert!(ledger.may_push(&channel(n), &host));
        ledger.pushed(&channel(n), &mut host);
    }
    assert!(!ledger.may_push(&channel(2), &host));
    assert!(ledger.may_push(&channel(0), &host));
    assert!(ledger.may_push("channel:102:19/1", &host));
}

#[test]
fn what_a_person_decided_lasts_and_what_a_code_says_expires() {
    let (mut host, mut ledger) = (host(), Ledger::default());
    ledger.refuse_push(GROUP, &mut host);
    assert!(!ledger.may_push(GROUP, &host));
    host.set_now(1_000_000 + 7 * 3_600_000, 0);
    assert!(ledger.may_push(GROUP, &host));
    ledger.decide_push(GROUP, false, &mut host);
    ledger.refuse_push(GROUP, &mut host);
    host.set_now(1_000_000 + 1_000 * 3_600_000, 0);
    assert!(!ledger.may_push(GROUP, &host));
    ledger.decide_push(GROUP, true, &mut host);
    assert!(ledger.may_push(GROUP, &host));
}

//! Which message a reply answers, and with which number.

use super::*;
use crate::ledger::anchors::MOST_SPARE;

#[test]
fn numbers_replies_from_one_and_stops_at_the_budget() {
    let (mut host, mut ledger) = (host(), Ledger::default());
    received(&mut ledger, USER, "m", &mut host);
    assert_eq!(ledger.slots(USER, None, &host), 4);
    let taken: Vec<_> = (0..5)
        .map(|_| take(&mut ledger, USER, None, &mut host))
        .collect();
    let expected = [Some("m#1"), Some("m#2"), Some("m#3"), Some("m#4"), None];
    assert_eq!(taken, expected.map(|t| t.map(str::to_owned)));
    assert_eq!(ledger.slots(USER, None, &host), 0);
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
    ledger.received(
        GROUP,
        Scene::Group,
        Anchor::event("E"),
        |_, _| false,
        &mut host,
    );
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
        assert_eq!(ledger.slots(target, None, &host), 0);
    }
}

#[test]
fn a_message_whose_turn_goes_on_is_not_pushed_out_by_talk() {
    let (mut host, mut ledger) = (host(), Ledger::default());
    delivered(&mut ledger, GROUP, "alice", &mut host);
    for n in 0..300 {
        let id = format!("talk{n}");
        delivered(&mut ledger, GROUP, &id, &mut host);
        if n % 2 == 0 {
            ended(&mut ledger, GROUP, &id, &mut host);
        }
    }
    for named in ["alice", "talk1", "talk299"] {
        let taken = take(&mut ledger, GROUP, Some(named), &mut host);
        assert_eq!(taken, Some(format!("{named}#1")));
    }
    assert_eq!(ledger.anchors.of(GROUP).len(), 151 + MOST_SPARE);
    ended(&mut ledger, GROUP, "alice", &mut host);
    assert_eq!(ledger.anchors.of(GROUP).len(), 150 + MOST_SPARE);
}

#[test]
fn what_a_waiting_reply_is_meant_for_stays_after_its_turn() {
    let (mut host, mut ledger) = (host(), Ledger::default());
    let needs = |_: &str, id: &str| id == "alice";
    for id in ["alice", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j"] {
        ledger.received(GROUP, Scene::Group, Anchor::message(id), needs, &mut host);
        ledger.turn_ended(GROUP, id, needs, &mut host);
    }
    let taken = take(&mut ledger, GROUP, Some("alice"), &mut host);
    assert_eq!(taken.as_deref(), Some("alice#1"));
}

#[test]
fn an_answer_that_needs_more_takes_from_messages_nobody_answers() {
    let (mut host, mut ledger) = (host(), Ledger::default());
    for id in ["done", "alice", "bob"] {
        delivered(&mut ledger, GROUP, id, &mut host);
    }
    ended(&mut ledger, GROUP, "done", &mut host);
    let taken: Vec<_> = (0..6)
        .filter_map(|_| take(&mut ledger, GROUP, Some("alice"), &mut host))
        .collect();
    let expected = [
        "alice#1", "alice#2", "alice#3", "alice#4", "alice#5", "done#1",
    ];
    assert_eq!(taken, expected);
}

#[test]
fn a_message_told_twice_gives_no_number_twice() {
    let (mut host, mut ledger) = (host(), Ledger::default());
    received(&mut ledger, USER, "m", &mut host);
    take(&mut ledger, USER, None, &mut host);
    received(&mut ledger, USER, "m", &mut host);
    let taken = take(&mut ledger, USER, None, &mut host);
    assert_eq!(taken.as_deref(), Some("m#2"));
}

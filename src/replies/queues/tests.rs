//! Tests of the queues.

use super::*;
use crate::compose::part::{Content, Part};
use crate::host::tests::host;
use crate::ledger::Anchor;
use crate::requests::attempts::RetryPolicy;

const NOW: Now = Now {
    wall_ms: 1_000_000,
    mono_ms: 1_000,
};

fn reply(target: &str, command: Id, request: Option<Id>) -> Reply {
    let part = Part::new(Content::Text("hello".to_owned()));
    let origin = Origin::Command(command);
    let mut reply = Reply::new(
        origin,
        target.to_owned(),
        [part].into(),
        Until::after(60_000, NOW),
    );
    reply.request = request;
    reply
}

#[test]
fn keeps_order_inside_a_chat_and_takes_turns_between_chats() {
    let mut lanes = Lanes::default();
    for (target, command) in [("a", 1), ("a", 2), ("b", 3)] {
        lanes.put_last(reply(target, command, None));
    }
    let turns: Vec<_> = (0..3).filter_map(|_| lanes.next_turn()).collect();
    assert_eq!(turns, ["a", "b", "a"]);
    let order: Vec<_> = (0..3).filter_map(|_| lanes.take("a")).collect();
    let commands: Vec<_> = order.iter().filter_map(Reply::command).collect();
    assert_eq!(commands, [1, 2]);
    assert_eq!(lanes.len(), 1);
}

#[test]
fn a_request_finds_its_reply_once() {
    let mut lanes = Lanes::default();
    lanes.put_back(reply("a", 1, Some(7)));
    assert_eq!(lanes.claim("a", 7).and_then(|r| r.command()), Some(1));
    assert_eq!(lanes.claim("a", 7), None);
    assert_eq!((lanes.len(), lanes.bytes), (0, 0));
}

#[test]
fn a_full_queue_takes_no_more_and_others_do() {
    let mut lanes = Lanes::default();
    let mut waiting = 0;
    while lanes.has_room(&reply("a", waiting, None)) {
        lanes.put_last(reply("a", waiting, None));
        waiting += 1;
    }
    assert!(waiting > 1_024, "as many commands as the host lets wait");
    assert!(lanes.has_room(&reply("b", 0, None)));
    let mut chats = 0;
    while lanes.has_room(&reply(&chats.to_string(), 0, None)) {
        lanes.put_last(reply(&chats.to_string(), 0, None));
        chats += 1;
    }
    assert!(chats > 1_024 && lanes.bytes <= MOST_BYTES);
    let mut taken = 0;
    while let Some(target) = lanes.next_turn() {
        while lanes.take(&target).is_some() {
            taken += 1;
        }
    }
    assert_eq!(taken, waiting + chats);
    assert_eq!((lanes.len(), lanes.bytes), (0, 0));
}

#[test]
fn one_that_meets_trouble_for_long_lets_others_go_first() {
    let (mut lanes, mut host) = (Lanes::default(), host());
    let policy = RetryPolicy {
        first_ms: 40_000,
        most: 9,
    };
    let mut first = reply("a", 1, None);
    first.try_again(
        policy,
        &Failure::new(FailureKind::Unreachable, "x"),
        &mut host,
    );
    lanes.put_last(first);
    lanes.put_last(reply("a", 2, None));
    let at = |ms| Now {
        wall_ms: NOW.wall_ms + ms,
        mono_ms: NOW.mono_ms + ms,
    };
    assert_eq!(lanes.due_ms(false, at(0)), Some(31_000));
    assert_eq!(lanes.take_next("a", at(29_999)), None);
    let next = lanes.take_next("a", at(30_000));
    assert_eq!(next.as_ref().and_then(Reply::command), Some(2));
    let mut second = next.unwrap_or_else(|| reply("a", 2, None));
    second.request = Some(7);
    lanes.put_back(second);
    // One at a time, and each finds its own answer.
    assert_eq!(lanes.take_next("a", at(40_000)), None);
    assert_eq!(lanes.claim("a", 7).and_then(|r| r.command()), Some(2));
    let next = lanes.take_next("a", at(40_000));
    assert_eq!(next.and_then(|r| r.command()), Some(1));
}

#[test]
fn what_an_earlier_process_answered_is_needed_until_that_is_noted() {
    let mut reply = reply("c2c:1:A", 1, None);
    reply.anchor = Some(Anchor::message("M1"));
    let lanes = Lanes {
        gone: vec![reply],
        ..Lanes::default()
    };
    assert!(lanes.needs("c2c:1:A", "M1"));
    assert!(!lanes.needs("c2c:1:A", "M2") && !lanes.needs("c2c:1:B", "M1"));
    assert!(!lanes.is_quiet("c2c:1:B"), "nothing is sent before");
}

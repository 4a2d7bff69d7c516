//! Tests of the ledger.

use std::collections::BTreeMap;

use super::*;
use crate::contract::{Action, StateEntry};
use crate::host::tests::host;
use crate::ledger::anchors::{MOST_BYTES, MOST_SPARE};

const USER: &str = "c2c:102:A";
const GROUP: &str = "group:102:G";
const CHANNEL: &str = "channel:102:18/100";

fn received(ledger: &mut Ledger, target: &str, id: &str, host: &mut Host) {
    let scene = scene_of(target).unwrap();
    ledger.received(target, scene, Anchor::message(id), |_, _| false, host);
}

/// The same, and the agent gets it.
fn delivered(ledger: &mut Ledger, target: &str, id: &str, host: &mut Host) {
    received(ledger, target, id, host);
    ledger.awaits(target, id);
}

fn ended(ledger: &mut Ledger, target: &str, id: &str, host: &mut Host) {
    ledger.turn_ended(target, id, |_, _| false, host);
}

/// An id as long as the platform's are.
fn long_id(n: usize) -> String {
    format!("ROBOT1.0_{n:0>120}!")
}

/// What the host stores, and the bytes of each change.
#[derive(Default)]
struct Disk {
    rows: BTreeMap<String, Vec<u8>>,
    most_changed: usize,
    most_actions: usize,
}

impl Disk {
    fn take(&mut self, host: &mut Host) {
        let actions = host.take_actions();
        self.most_actions = self.most_actions.max(actions.len());
        let mut changed = 0;
        for action in actions {
            match action {
                Action::Put(put) => {
                    changed += put.key.len() + put.value.len();
                    self.rows.insert(put.key, put.value);
                }
                Action::Remove(key) => {
                    self.rows.remove(&key);
                }
                _ => {}
            }
        }
        self.most_changed = self.most_changed.max(changed);
    }

    fn bytes(&self) -> usize {
        let row = |(key, value): (&String, &Vec<u8>)| key.len() + value.len();
        self.rows.iter().map(row).sum()
    }

    fn load(&self) -> Ledger {
        let entry = |(key, value): (&String, &Vec<u8>)| StateEntry {
            key: key.clone(),
            value: value.clone(),
        };
        let entries: Vec<_> = self.rows.iter().map(entry).collect();
        Ledger::load(&State::new(entries).unwrap(), Limits::default())
    }
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

#[test]
fn twenty_thousand_chats_fit_and_a_message_changes_little() {
    let (mut host, mut ledger, mut disk) = (host(), Ledger::default(), Disk::default());
    let chat = |n: usize| format!("c2c:1029384756:{n:0>32}");
    for n in 0..20_000 {
        delivered(&mut ledger, &chat(n), &long_id(n), &mut host);
        disk.take(&mut host);
    }
    for n in 0..20_000 {
        let taken = take(&mut ledger, &chat(n), Some(&long_id(n)), &mut host);
        assert_eq!(taken, Some(format!("{}#1", long_id(n))));
        disk.take(&mut host);
    }
    println!(
        "20,000 chats: {} bytes, at most {} a change",
        disk.bytes(),
        disk.most_changed
    );
    assert_eq!(ledger.anchors.bytes(), disk.bytes());
    assert!(disk.bytes() <= 8 * 1024 * 1024);
    assert!(disk.most_changed <= 1024);
    let mut again = disk.load();
    assert_eq!(again.anchors.len(), 20_000);
    let taken = take(&mut again, &chat(7), Some(&long_id(7)), &mut host);
    assert_eq!(taken, Some(format!("{}#2", long_id(7))));
}

#[test]
fn what_turns_in_flight_answer_outlasts_any_crowd() {
    let (mut host, mut ledger, mut disk) = (host(), Ledger::default(), Disk::default());
    for n in 0..4_096 {
        delivered(&mut ledger, &format!("c2c:102:{n}"), &long_id(n), &mut host);
    }
    host.take_actions();
    for n in 0..40_000 {
        received(
            &mut ledger,
            &format!("group:102:{n}"),
            &long_id(n),
            &mut host,
        );
        disk.take(&mut host);
        assert!(ledger.anchors.bytes() <= MOST_BYTES);
    }
    assert!(disk.most_actions < 100, "{} actions", disk.most_actions);
    for n in 0..4_096 {
        let target = format!("c2c:102:{n}");
        let taken = take(&mut ledger, &target, Some(&long_id(n)), &mut host);
        assert_eq!(taken, Some(format!("{}#1", long_id(n))));
    }
}

#[test]
fn as_many_as_the_host_hands_out_fit_however_large() {
    let (mut host, mut ledger) = (host(), Ledger::default());
    let target = |n: usize| format!("group:102:{n:0>160}");
    let mut length = 0;
    for long in (100..400).rev() {
        received(&mut ledger, GROUP, &"x".repeat(long), &mut host);
        if ledger.anchors.len() == 1 {
            length = long - 160;
            break;
        }
    }
    let id = |n: usize| format!("{n:0>length$}");
    for n in 0..8_192 {
        delivered(&mut ledger, &target(n), &id(n), &mut host);
    }
    for n in 0..8_192 {
        let taken = take(&mut ledger, &target(n), Some(&id(n)), &mut host);
        assert_eq!(taken, Some(format!("{}#1", id(n))));
    }
}

#[test]
fn windows_that_close_together_are_forgotten_by_and_by() {
    let (mut host, mut ledger, mut disk) = (host(), Ledger::default(), Disk::default());
    for n in 0..5_000 {
        delivered(&mut ledger, GROUP, &format!("m{n}"), &mut host);
        disk.take(&mut host);
    }
    host.set_now(1_000_000 + 300_000, 0);
    for n in 5_000..6_000 {
        delivered(&mut ledger, GROUP, &format!("m{n}"), &mut host);
        disk.take(&mut host);
    }
    assert!(disk.most_actions < 100, "{} actions", disk.most_actions);
    assert_eq!(ledger.anchors.of(GROUP).len(), 1_000);
}

#[test]
fn a_chat_has_a_row_of_its_own_while_it_says_something() {
    let (mut host, mut ledger, mut disk) = (host(), Ledger::default(), Disk::default());
    received(&mut ledger, USER, "m", &mut host);
    ledger.ask_push(USER, &mut host);
    disk.take(&mut host);
    assert!(!disk.rows.contains_key("chat/c2c:102:A"));
    ledger.decide_push(USER, false, &mut host);
    disk.take(&mut host);
    assert!(!disk.load().may_push(USER, &host));
    ledger.ask_push(USER, &mut host);
    disk.take(&mut host);
    assert!(!disk.rows.contains_key("chat/c2c:102:A"));
    assert!(ledger.may_push(USER, &host));
}

#[test]
fn the_chats_silent_for_longest_make_room() {
    let (mut host, mut ledger, mut disk) = (host(), Ledger::default(), Disk::default());
    for n in 0..20_000 {
        host.set_now(1_000_000 + n, 0);
        ledger.decide_push(&format!("c2c:102:{n}"), false, &mut host);
        disk.take(&mut host);
    }
    assert_eq!(ledger.chats.bytes(), disk.bytes());
    assert!(disk.bytes() <= chats::MOST_BYTES);
    assert!(disk.most_actions < 100, "{} actions", disk.most_actions);
    assert!(ledger.may_push("c2c:102:0", &host));
    assert!(!ledger.may_push("c2c:102:19999", &host));
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

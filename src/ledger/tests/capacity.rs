//! How much is remembered, and what makes room.

use super::*;
use crate::ledger::anchors::MOST_BYTES;

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

//! Where the bot may write unasked, and how often.

use super::*;

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

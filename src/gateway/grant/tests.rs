//! Negotiations with platforms that grant this and that.

use super::*;
use crate::host::tests::host;

/// Identifies until all is settled, what was found, and whether it is right.
fn negotiate(wanted: u32, granted: u32, says_why: bool) -> (u32, u32) {
    let (mut host, mut grant) = (host(), Grant::new("1", wanted));
    for identifies in 1..=20 {
        let asked = grant.mask();
        assert_ne!(asked, 0);
        if asked & !granted == 0 {
            if grant.accepted(asked, &mut host) {
                return (identifies, asked);
            }
            continue;
        }
        let next = if says_why {
            grant.refused(asked, &mut host)
        } else {
            grant.doubted(asked, true, &mut host)
        };
        match next {
            Next::Ask => {}
            Next::Nothing => return (identifies, 0),
            Next::Retry => panic!("{wanted:x} {granted:x}"),
        }
    }
    panic!("no end: {wanted:x} {granted:x}")
}

const NAMED: u32 = 1 | 1 << 1 | 1 << 10 | 1 << 12 | 1 << 25 | 1 << 26 | 1 << 30;

#[test]
fn finds_what_is_granted_with_few_identifies() {
    for (wanted, refused, most) in [
        (NAMED, 0, 1),
        // The default: guild direct messages need a grant.
        (1 | 1 << 12 | 1 << 30, 1 << 12, 2),
        (NAMED, 1 << 10, 4),
        (NAMED, 1 << 26, 5),
        (NAMED, 1 << 10 | 1 << 12, 6),
        (NAMED, 1 << 10 | 1 << 12 | 1 << 26, 8),
        (u32::MAX, 1 << 9, 10),
    ] {
        let (identifies, found) = negotiate(wanted, !refused, true);
        assert!(identifies <= most, "{refused:x}: {identifies}");
        if identifies < MOST_QUESTIONS {
            assert_eq!(found, wanted & !refused, "{refused:x}");
        }
    }
}

#[test]
fn every_combination_ends_and_asks_for_nothing_refused() {
    for refused in 0..1_u32 << 7 {
        let bits = [0, 1, 10, 12, 25, 26, 30];
        let refused = bits
            .iter()
            .enumerate()
            .filter(|(index, _)| refused >> index & 1 != 0)
            .fold(PRIVATE_GUILD_MESSAGES, |mask, (_, bit)| mask | 1 << bit);
        for says_why in [true, false] {
            if !says_why && refused & 1 << 25 != 0 {
                continue;
            }
            let (identifies, found) = negotiate(NAMED, !refused, says_why);
            assert!(identifies <= MOST_QUESTIONS + 2, "{refused:x}");
            assert_eq!(found & refused, 0, "{refused:x}");
        }
    }
}

#[test]
fn a_private_domain_bot_gets_its_own_guild_messages() {
    let wanted = 1 << 25 | PUBLIC_GUILD_MESSAGES;
    let (_, found) = negotiate(wanted, 1 << 25 | PRIVATE_GUILD_MESSAGES, true);
    assert_eq!(found, 1 << 25 | PRIVATE_GUILD_MESSAGES);
}

#[test]
fn nothing_is_left_when_the_only_one_is_refused() {
    assert_eq!(negotiate(1 << 25, 0, true), (1, 0));
    assert_eq!(negotiate(1 << 25 | 1, 0, true).1, 0);
}

#[test]
fn after_a_day_two_identifies_confirm_the_old_answer() {
    let (mut host, mut grant) = (host(), Grant::new("1", NAMED));
    grant.refused = 1 << 10 | 1 << 12;
    grant.sure = NAMED & !grant.refused;
    let found = grant.mask();
    grant.ask_again(&mut host);
    assert_eq!(grant.mask(), NAMED);
    assert_eq!(grant.refused(NAMED, &mut host), Next::Ask);
    assert_eq!(grant.mask(), found);
    assert!(grant.accepted(found, &mut host));
    assert_eq!(grant.mask(), found);
    // Or it was granted by now.
    grant.ask_again(&mut host);
    assert!(grant.accepted(NAMED, &mut host));
    assert_eq!(grant.kept_until(), None);
}

#[test]
fn a_bad_moment_is_not_an_answer() {
    let (mut host, mut grant) = (host(), Grant::new("1", NAMED));
    assert_eq!(grant.doubted(NAMED, false, &mut host), Next::Retry);
    assert_eq!(grant.doubted(NAMED, false, &mut host), Next::Ask);
    assert_eq!(grant.mask(), 1 << 25);
    assert_eq!(grant.doubted(1 << 25, true, &mut host), Next::Retry);
    assert!(!grant.accepted(1 << 25, &mut host));
    assert_eq!(grant.mask(), NAMED);
    assert!(grant.accepted(NAMED, &mut host));
    assert_eq!(grant.doubted(NAMED, true, &mut host), Next::Retry);
}

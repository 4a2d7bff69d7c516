//! Whatever was asked before, and whether the platform answers, hangs, fails or
//! refuses from now on: the channel gets on or sleeps. It never runs without
//! progress, answers every command before its deadline, settles what it promised
//! for later, and sends everything once the platform is well again.

#![cfg(test)]
#![allow(unreachable_pub, reason = "nobody uses a test")]

mod player;
mod steps;
#[path = "../world/mod.rs"]
mod world;

use player::{Player, recipient};
use proptest::prelude::*;
use qq_channel::contract::{Action, Event, Request};
use steps::{Mood, Step, mood, step};
use world::{cases, message};

/// One 502, and then every send hangs until all that may be under way is.
#[test]
fn hanging_sends_do_not_keep_an_overdue_one_from_its_end() {
    let mut player = Player::new();
    for user in 0..33 {
        player.play(&Step::Message { user, place: 0 });
    }
    player.play(&Step::Send {
        user: 32,
        place: 0,
        file: false,
    });
    player.play(&Step::Platform(Mood::BadGateway, 1));
    for user in 0..32 {
        player.play(&Step::Send {
            user,
            place: 0,
            file: false,
        });
    }
    // The host's timeouts do not come: the worst there is.
    player.world.wait(600_000);
    assert!(player.world.commands.is_empty());
    // All arrives when the platform is well.
    player.connect();
    for _ in 0..40 {
        player.play(&Step::Platform(Mood::Answers, 64));
        player.play(&Step::Wait(60_000));
    }
    assert!(
        player.world.deferred.is_empty(),
        "{:?}",
        player.world.deferred
    );
}

/// Nothing is answered, and then all commands are overdue in one instant: more
/// than the host takes from one call.
#[test]
fn a_crowd_that_is_overdue_at_once_is_dealt_with_in_several_calls() {
    let mut player = Player::new();
    for user in 0..1_500 {
        player.ask(Request::Send(message(recipient(user, 0), "answer")));
    }
    let actions = player.world.wait(59_000);
    let completed = |action: &&Action| matches!(action, Action::Complete(_));
    assert_eq!(actions.iter().filter(completed).count(), 1_500);
    // The same when the process dies over them, and when it goes away in order.
    for user in 0..1_500 {
        player.ask(Request::Send(message(recipient(user, 2), "answer")));
    }
    player.world.restart(true);
    player.connect();
    for user in 0..1_500 {
        player.ask(Request::Send(message(recipient(user, 2), "answer")));
    }
    player.world.tell(Event::Drain(5_000), false);
    player.world.wait(5_000);
    assert!(player.world.commands.is_empty());
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn it_gets_on_or_sleeps(story in prop::collection::vec(step(), 0..80), ever in mood()) {
        let mut player = Player::new();
        for step in &story {
            player.play(step);
        }
        // From now on the platform is always the same.
        for _ in 0..130 {
            player.play(&Step::Platform(ever, usize::MAX));
            player.play(&Step::Wait(30_000));
        }
        prop_assert!(player.asked.is_empty(), "{:?}", player.asked);
        for _ in 0..130 {
            player.play(&Step::Platform(Mood::Answers, usize::MAX));
            player.play(&Step::Wait(30_000));
        }
        // What is left is kept until its chat writes.
        let sends = player.world.state.keys().filter(|key| key.starts_with("send/"));
        prop_assert_eq!(sends.count(), 0);
    }
}

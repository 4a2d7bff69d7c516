//! A platform that answers Identify and Resume as it likes.

use proptest::prelude::*;
use qq_channel::contract::{Event, Failure, FailureKind, SocketClosed};

use crate::CONFIG;
use crate::connection::{check_budget, check_progress, serve};
use crate::world::{HEARTBEAT_ACK, READY, World, cases, closed};

/// How a platform answers Identify and Resume.
#[derive(Clone, Debug)]
enum Mood {
    InvalidSession(bool),
    InvalidThenClose(u16),
    Close(Option<u16>),
    Live {
        ms: u64,
        code: Option<u16>,
    },
    Reconnect {
        ms: u64,
    },
    /// A frame that cannot be read ends a connection that was live so long.
    Unreadable {
        ms: u64,
    },
    Silent,
}

fn mood() -> impl Strategy<Value = Mood> {
    let codes = vec![1000, 4004, 4006, 4008, 4009, 4013, 4014, 4902, 4903, 4999];
    let code = prop::option::of(prop::sample::select(codes.clone()));
    let ms = prop::sample::select(vec![0_u64, 2_000, 20_000, 61_000, 600_000]);
    prop_oneof![
        any::<bool>().prop_map(Mood::InvalidSession),
        prop::sample::select(codes).prop_map(Mood::InvalidThenClose),
        code.clone().prop_map(Mood::Close),
        (ms.clone(), code).prop_map(|(ms, code)| Mood::Live { ms, code }),
        ms.clone().prop_map(|ms| Mood::Reconnect { ms }),
        ms.prop_map(|ms| Mood::Unreadable { ms }),
        Just(Mood::Silent),
    ]
}

/// Lets a connection live on a platform that acknowledges heartbeats.
fn live(world: &mut World, ms: u64) {
    world.frame_if_open(READY);
    for _ in 0..ms / 20_000 {
        world.wait(20_000);
        world.frame_if_open(HEARTBEAT_ACK);
    }
    world.wait(ms % 20_000);
}

/// One connection of a platform in this mood.
fn suffer(world: &mut World, mood: &Mood) {
    match mood {
        Mood::InvalidSession(resumable) => {
            world.frame_if_open(&format!(r#"{{"op":9,"d":{resumable}}}"#));
        }
        Mood::InvalidThenClose(code) => {
            world.frame_if_open(r#"{"op":9,"d":false}"#);
            world.close(Some(*code));
        }
        Mood::Close(code) => world.close(*code),
        Mood::Live { ms, code } => {
            live(world, *ms);
            world.close(*code);
        }
        Mood::Reconnect { ms } => {
            live(world, *ms);
            world.frame_if_open(r#"{"op":7}"#);
        }
        Mood::Unreadable { ms } => {
            live(world, *ms);
            if let Some(id) = world.sockets.last().copied() {
                let failure = Some(Failure::new(FailureKind::TooLarge, "too long"));
                let closed = SocketClosed {
                    failure,
                    ..closed(id, None)
                };
                world.tell(Event::SocketClosed(closed), false);
            }
        }
        Mood::Silent => {}
    }
}

/// Identify or Resume was sent over the newest socket.
fn is_greeted(world: &World) -> bool {
    let newest = world.sockets.last();
    newest.is_some_and(|id| world.greeted == Some(*id))
}

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn no_mood_of_the_platform_makes_a_loop_of_identifies(
        moods in prop::collection::vec(mood(), 1..4),
        repeats in 1_usize..30,
    ) {
        let config = CONFIG.replace("\"group_and_c2c\"", "\"group_and_c2c\",\"guilds\",\"interaction\"");
        let (mut world, _) = World::start(&config).unwrap();
        for mood in std::iter::repeat_n(moods, repeats).flatten() {
            for _ in 0..100 {
                serve(&mut world);
                if world.stopped || is_greeted(&world) {
                    break;
                }
                world.wait(20_000);
            }
            if world.stopped {
                break;
            }
            suffer(&mut world, &mood);
            if !world.stopped {
                check_progress(&world);
            }
        }
        check_budget(&world);
    }

}

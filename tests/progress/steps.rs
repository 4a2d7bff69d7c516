//! What can be asked, and how the platform can be.

use proptest::prelude::*;

/// What the platform does with every request of the channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    Answers,
    Hangs,
    BadGateway,
    Resets,
    Refuses,
    TooMany,
    Unauthorized,
}

#[derive(Clone, Debug)]
pub enum Step {
    Message {
        user: u64,
        place: u8,
    },
    Press {
        user: u64,
    },
    Send {
        user: u64,
        place: u8,
        file: bool,
    },
    DraftBegin {
        user: u64,
    },
    DraftFinish {
        which: u64,
    },
    TurnEnded {
        user: u64,
    },
    Typing {
        user: u64,
    },
    Recall {
        user: u64,
    },
    /// So many requests, oldest first.
    Platform(Mood, usize),
    Wait(u64),
    Trap,
    Restart,
}

pub fn mood() -> impl Strategy<Value = Mood> {
    use Mood::{Answers, BadGateway, Hangs, Refuses, Resets, TooMany, Unauthorized};
    let moods = vec![
        Answers,
        Hangs,
        BadGateway,
        Resets,
        Refuses,
        TooMany,
        Unauthorized,
    ];
    prop::sample::select(moods)
}

pub fn step() -> impl Strategy<Value = Step> {
    let user = 0_u64..40;
    let waits = vec![1_u64, 500, 1_000, 29_000, 58_000, 120_000];
    prop_oneof![
        6 => (user.clone(), 0_u8..4).prop_map(|(user, place)| Step::Message { user, place }),
        6 => (user.clone(), 0_u8..4, prop::bool::weighted(0.2)).prop_map(|(user, place, file)| Step::Send { user, place, file }),
        1 => user.clone().prop_map(|user| Step::Press { user }),
        2 => user.clone().prop_map(|user| Step::DraftBegin { user }),
        1 => (0_u64..200).prop_map(|which| Step::DraftFinish { which }),
        1 => user.clone().prop_map(|user| Step::TurnEnded { user }),
        1 => user.clone().prop_map(|user| Step::Typing { user }),
        1 => user.prop_map(|user| Step::Recall { user }),
        5 => (mood(), 1_usize..40).prop_map(|(mood, most)| Step::Platform(mood, most)),
        3 => prop::sample::select(waits).prop_map(Step::Wait),
        1 => Just(Step::Trap),
        1 => Just(Step::Restart),
    ]
}

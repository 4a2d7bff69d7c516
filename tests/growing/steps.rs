//! What can happen, and how often.

use proptest::prelude::*;

use crate::platform::Fate;

/// What an agent says, by and by.
pub const TEXTS: [&str; 3] = [
    "A plain sentence that grows. Another one, and a third.\n\nA paragraph.",
    "Look:\n\n- **one**\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```rust\nfn main() {}\n```\n\nEnd.",
    "## Title\n\nfirst *words* of many words, many more than one message holds, so that it is cut in two or three.",
];

#[derive(Clone, Debug)]
pub enum Step {
    Message,
    Typing,
    Send,
    /// With so much of this text.
    Begin(usize, usize),
    Grow(Words),
    Finish(Words),
    Cancel(usize),
    /// The platform deals with a request.
    Answer(usize, Fate),
    Wait(u64),
    Trap,
    /// The host dies; requests under way arrived, or did not.
    Restart(bool),
}

/// What the agent has so far.
#[derive(Clone, Debug)]
pub struct Words {
    /// The newest draft, or the one before.
    pub back: usize,
    /// So much of its text.
    pub part: usize,
    /// It is another text now.
    pub is_other: bool,
}

fn fate() -> impl Strategy<Value = Fate> {
    let codes = vec![
        (429, 50_002),
        (500, 50_001),
        (429, 0),
        (504, 0),
        (401, 11_244),
        (400, 40_034_005),
        (400, 40_034_012),
        (400, 40_034_006),
        (400, 40_054_010),
        (400, 40_054_002),
        (400, 40_007),
        (500, 50_059),
    ];
    let room = prop::option::weighted(0.3, -1_i64..40);
    prop_oneof![
        8 => room.prop_map(Fate::Done),
        1 => Just(Fate::Silent),
        1 => Just(Fate::Lost),
        2 => prop::sample::select(codes).prop_map(|(status, code)| Fate::Refused(status, code)),
    ]
}

fn words() -> impl Strategy<Value = Words> {
    let back = prop::sample::select(vec![0, 0, 0, 0, 0, 1, 2]);
    (back, 0..40_usize, prop::bool::weighted(0.1)).prop_map(|(back, part, is_other)| Words {
        back,
        part,
        is_other,
    })
}

pub fn step() -> impl Strategy<Value = Step> {
    let waits = vec![1_u64, 500, 500, 500, 1_000, 5_000, 70_000, 400_000];
    prop_oneof![
        1 => Just(Step::Message),
        1 => Just(Step::Typing),
        1 => Just(Step::Send),
        3 => (0..TEXTS.len(), 0..40_usize).prop_map(|(text, part)| Step::Begin(text, part)),
        8 => words().prop_map(Step::Grow),
        3 => words().prop_map(Step::Finish),
        1 => (0..3_usize).prop_map(Step::Cancel),
        14 => (any::<usize>(), fate()).prop_map(|(which, fate)| Step::Answer(which, fate)),
        12 => prop::sample::select(waits).prop_map(Step::Wait),
        1 => Just(Step::Trap),
        1 => any::<bool>().prop_map(Step::Restart),
    ]
}

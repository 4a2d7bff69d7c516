//! What can happen, and how often.

use proptest::prelude::*;
use qq_channel::contract::FailureKind;

use super::frames::frame;
use crate::world::{HELLO, READY};

/// One thing that happens; numbers choose among what is open.
#[derive(Clone, Debug)]
pub enum Step {
    Frame(String),
    /// A frame of a socket or the answer to a request that is not open (any more).
    Stray(u64),
    Garbage(Vec<u8>),
    Opened,
    Closed(Option<u16>),
    Answer {
        which: usize,
        status: u16,
        body: String,
        sealed: bool,
    },
    Fail {
        which: usize,
        kind: FailureKind,
        broke: bool,
    },
    Wait(u64),
    /// To a group or not; with a file that the host holds, or an address.
    Send {
        group: bool,
        text: &'static str,
        reply_to: Option<u64>,
        file: Option<bool>,
    },
    /// A digest is there, of a file of this size.
    Digested {
        which: usize,
        size: Option<u64>,
    },
    Ask(u8),
    /// Frames wait in the host from now on, or do not.
    Hold(bool),
    Configure(u8),
    Trap,
    Restart,
    Drain,
}

fn kind() -> impl Strategy<Value = FailureKind> {
    use FailureKind::{Denied, TimedOut, Tls, TooLarge, Unreachable, Unresolved};
    prop::sample::select(vec![
        Denied,
        Tls,
        TimedOut,
        TooLarge,
        Unreachable,
        Unresolved,
    ])
}

fn answer() -> impl Strategy<Value = Step> {
    let codes = vec![
        11_244, 11_298, 100_001, 100_002, 100_016, 100_017, 40_034_005, 40_054_005, 304_023, 7,
        40_034_128, 40_034_105, 40_034_012, 40_054_010, 40_054_007, 40_034_006, 40_054_002,
        50_055_001, 40_034_100, 304_080, 850_018, 850_019, 850_026, 40_093_001,
    ];
    let body = prop_oneof![
        6 => Just(r#"{"expires_in":"7200","url":"wss://g/","id":"R","file_info":"F","ttl":300,"upload_id":"U","block_size":3000000,"parts":[{"index":0,"presigned_url":"https://cos/a"},{"index":1,"presigned_url":"https://cos/b"}],"concurrency":2}"#.to_owned()),
        2 => prop::sample::select(codes).prop_map(|code| format!(r#"{{"code":{code},"message":"m"}}"#)),
        1 => "[ -~]{0,20}",
    ];
    let status = prop::sample::select(vec![200, 200, 200, 202, 400, 401, 429, 500, 504]);
    (any::<usize>(), status, body, prop::bool::weighted(0.8)).prop_map(
        |(which, status, body, sealed)| Step::Answer {
            which,
            status,
            body,
            sealed,
        },
    )
}

fn send() -> impl Strategy<Value = Step> {
    let texts = vec!["answer", "**bold**", "see example.com", "long"];
    let text = prop::sample::select(texts);
    let reply_to = prop::option::of(1_u64..6);
    let file = any::<Option<bool>>();
    (any::<bool>(), text, reply_to, file).prop_map(|(group, text, reply_to, file)| Step::Send {
        group,
        text,
        reply_to,
        file,
    })
}

fn step() -> impl Strategy<Value = Step> {
    let codes = vec![1000, 1006, 4004, 4006, 4008, 4009, 4014, 4902, 4914, 4999];
    let sizes = vec![Some(0), Some(9), Some(6_000_000), Some(300_000_000), None];
    let size = prop::sample::select(sizes);
    prop_oneof![
        12 => frame().prop_map(Step::Frame),
        8 => answer(),
        5 => Just(Step::Opened),
        4 => prop::sample::select(vec![1_u64, 500, 5_000, 45_000, 400_000]).prop_map(Step::Wait),
        3 => send(),
        3 => (any::<usize>(), size).prop_map(|(which, size)| Step::Digested { which, size }),
        2 => prop::option::of(prop::sample::select(codes)).prop_map(Step::Closed),
        1 => (0_u64..40).prop_map(Step::Stray),
        1 => prop::collection::vec(any::<u8>(), 0..20).prop_map(Step::Garbage),
        1 => (any::<usize>(), kind(), any::<bool>()).prop_map(|(which, kind, broke)| Step::Fail { which, kind, broke }),
        1 => (0_u8..3).prop_map(Step::Ask),
        1 => any::<bool>().prop_map(Step::Hold),
        1 => (0_u8..4).prop_map(Step::Configure),
        1 => Just(Step::Trap),
        1 => Just(Step::Restart),
    ]
}

/// Steps that end somewhere useful more often than chance would have it.
pub fn story() -> impl Strategy<Value = Vec<Step>> {
    let online = vec![
        Step::Answer {
            which: 0,
            status: 200,
            body: r#"{"expires_in":7200}"#.to_owned(),
            sealed: true,
        },
        Step::Answer {
            which: 0,
            status: 200,
            body: r#"{"url":"wss://g/"}"#.to_owned(),
            sealed: false,
        },
        Step::Opened,
        Step::Frame(HELLO.to_owned()),
        Step::Frame(READY.to_owned()),
    ];
    let rest = prop::collection::vec(step(), 0..60);
    (any::<bool>(), rest, prop::bool::weighted(0.1)).prop_map(move |(connected, rest, drain)| {
        let mut story = if connected {
            online.clone()
        } else {
            Vec::new()
        };
        story.extend(rest);
        story.extend(drain.then_some(Step::Drain));
        story
    })
}

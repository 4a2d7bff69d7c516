//! Whatever happens, in whatever order: no panic, one socket at most, sequence
//! numbers that never go back, every command completed at most once. The
//! `World` panics when the channel breaks one of these.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

#[path = "transcripts/world.rs"]
mod world;

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use qq_channel::contract::{
    Action, Event, Failure, FailureKind, HttpFailed, HttpResponse, OutboundMessage, Request,
    Severity, SocketBinary, SocketClosed, SocketOpened, SocketText, TextFormat,
};
use world::World;

const CONFIG: &str = r#"{"app_id":"102","app_secret":{"$secret":"app_secret"},
    "allowed_users":["*"],"intents":["group_and_c2c"]}"#;

/// One thing that happens; numbers choose among what is open.
#[derive(Clone, Debug)]
enum Step {
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
    },
    Wait(u64),
    Send(bool),
    Ask(u8),
    Configure(u8),
    Trap,
    Restart,
    Drain,
}

fn frame() -> impl Strategy<Value = String> {
    let message = (1_u64..6, any::<bool>(), 0_u64..60).prop_map(|(id, group, s)| {
        let (name, peer) = if group {
            (
                "GROUP_MESSAGE_CREATE",
                r#""author":{"member_openid":"OPENID_M"},"group_openid":"OPENID_G""#,
            )
        } else {
            (
                "C2C_MESSAGE_CREATE",
                r#""author":{"user_openid":"OPENID_A"}"#,
            )
        };
        format!(r#"{{"op":0,"s":{s},"t":"{name}","d":{{"id":"M{id}",{peer},"content":"hi"}}}}"#)
    });
    prop_oneof![
        4 => message,
        2 => Just(r#"{"op":10,"d":{"heartbeat_interval":40000}}"#.to_owned()),
        3 => (1_u64..9).prop_map(|s| format!(r#"{{"op":0,"s":{s},"t":"READY","d":{{"session_id":"S{s}"}}}}"#)),
        2 => (0_u64..60).prop_map(|s| format!(r#"{{"op":0,"s":{s},"t":"RESUMED","d":""}}"#)),
        2 => Just(r#"{"op":11}"#.to_owned()),
        1 => Just(r#"{"op":1,"d":null}"#.to_owned()),
        1 => Just(r#"{"op":7}"#.to_owned()),
        1 => any::<bool>().prop_map(|d| format!(r#"{{"op":9,"d":{d}}}"#)),
        1 => "[ -~]{0,40}",
        1 => ("[0-9]{1,2}", "null|\"\"|\\{\\}|\\[\\]|-1|true|\"x\"").prop_map(|(op, d)| format!(
            r#"{{"op":{op},"s":{d},"t":{d},"d":{d}}}"#
        )),
    ]
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
    ];
    let body = prop_oneof![
        6 => Just(r#"{"expires_in":"7200","url":"wss://g/","id":"R"}"#.to_owned()),
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

fn step() -> impl Strategy<Value = Step> {
    let codes = vec![1000, 1006, 4004, 4006, 4008, 4009, 4014, 4902, 4914, 4999];
    prop_oneof![
        12 => frame().prop_map(Step::Frame),
        8 => answer(),
        5 => Just(Step::Opened),
        4 => prop::sample::select(vec![1_u64, 500, 5_000, 45_000, 400_000]).prop_map(Step::Wait),
        3 => any::<bool>().prop_map(Step::Send),
        2 => prop::option::of(prop::sample::select(codes)).prop_map(Step::Closed),
        1 => (0_u64..40).prop_map(Step::Stray),
        1 => prop::collection::vec(any::<u8>(), 0..20).prop_map(Step::Garbage),
        1 => (any::<usize>(), kind()).prop_map(|(which, kind)| Step::Fail { which, kind }),
        1 => (0_u8..3).prop_map(Step::Ask),
        1 => (0_u8..4).prop_map(Step::Configure),
        1 => Just(Step::Trap),
        1 => Just(Step::Restart),
    ]
}

/// A table with some keys, right and wrong.
fn config() -> impl Strategy<Value = String> {
    let keys = vec![
        "allowed_users",
        "sandbox",
        "intents",
        "stream_mode",
        "mention_only",
        "api_base",
        "auth_base",
        "ack_reactions",
        "interrupt_on_new_message",
        "app_id",
        "surprise",
    ];
    let values = vec![
        "true",
        "null",
        "7",
        "\"\"",
        "\"none\"",
        "\"https://x.test\"",
        "\"102\"",
        "[]",
        "[\"guilds\"]",
        "[\"*\",1]",
        "{}",
    ];
    let entry = (prop::sample::select(keys), prop::sample::select(values));
    prop::collection::vec(entry, 0..4).prop_map(|entries| {
        let mut table =
            serde_json::json!({"app_id": "102", "app_secret": {"$secret": "app_secret"}});
        for (key, value) in entries {
            table[key] = serde_json::from_str(value).unwrap();
        }
        table.to_string()
    })
}

/// Steps that end somewhere useful more often than chance would have it.
fn story() -> impl Strategy<Value = Vec<Step>> {
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
        Step::Frame(r#"{"op":10,"d":{"heartbeat_interval":40000}}"#.to_owned()),
        Step::Frame(r#"{"op":0,"s":1,"t":"READY","d":{"session_id":"S"}}"#.to_owned()),
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

/// Plays the world, numbers commands, and watches sequence numbers.
struct Player {
    world: World,
    commands: u64,
    /// Examinations take as long as the connection takes.
    doctors: BTreeSet<u64>,
    /// Highest sequence number of the session, as heartbeats told it.
    seq: Option<u64>,
}

impl Player {
    fn play(&mut self, step: Step) {
        if matches!(&step, Step::Frame(text) if text.contains("READY")) {
            // A new session counts from its own start.
            self.seq = None;
        }
        let actions = match step {
            Step::Wait(ms) => self.world.wait(ms),
            Step::Trap => self.world.restart(false),
            Step::Restart => self.world.restart(true),
            Step::Send(group) => self.send(group),
            Step::Ask(which) => {
                self.commands += 1;
                let request = match which {
                    0 => Request::Health,
                    1 => {
                        self.doctors.insert(self.commands);
                        Request::Doctor
                    }
                    _ => Request::Typing("c2c:102:OPENID_A".to_owned()),
                };
                self.world.ask(self.commands, request)
            }
            other => match self.event(other) {
                Some(event) => self.world.tell(event, false),
                None => return,
            },
        };
        actions.iter().for_each(|action| self.watch(action));
    }

    fn send(&mut self, group: bool) -> Vec<Action> {
        self.commands += 1;
        let recipient = if group {
            "group:102:OPENID_G"
        } else {
            "c2c:102:OPENID_A"
        };
        let message = OutboundMessage {
            recipient: recipient.to_owned(),
            text: "answer".to_owned(),
            format: TextFormat::Auto,
            attachments: Vec::new(),
            reply_to: None,
            thread: None,
            card: None,
        };
        self.world.ask(self.commands, Request::Send(message))
    }

    /// The event, unless what it needs is not open.
    fn event(&self, step: Step) -> Option<Event> {
        let socket = self.world.sockets.last().copied();
        let request = |which: usize| {
            let ids: Vec<u64> = self.world.requests.keys().copied().collect();
            ids.get(which.checked_rem(ids.len())?).copied()
        };
        Some(match step {
            Step::Frame(text) => Event::SocketText(SocketText { id: socket?, text }),
            Step::Garbage(data) => Event::SocketBinary(SocketBinary { id: socket?, data }),
            Step::Opened => Event::SocketOpened(SocketOpened {
                id: socket?,
                subprotocol: None,
            }),
            Step::Closed(code) => Event::SocketClosed(closed(socket?, code)),
            Step::Stray(id) if Some(id) != socket && !self.world.requests.contains_key(&id) => {
                match id % 3 {
                    0 => Event::SocketText(SocketText {
                        id,
                        text: r#"{"op":7}"#.to_owned(),
                    }),
                    1 => Event::HttpResponse(response(id, 200, "{}", false)),
                    _ => Event::SocketClosed(closed(id, Some(4009))),
                }
            }
            Step::Answer {
                which,
                status,
                body,
                sealed,
            } => {
                let id = request(which)?;
                let sealed = sealed && self.world.requests[&id].url.ends_with("AppAccessToken");
                Event::HttpResponse(response(id, status, &body, sealed))
            }
            Step::Fail { which, kind } => {
                let failure = Failure::new(kind, "OPENID in a URL");
                Event::HttpFailed(HttpFailed {
                    id: request(which)?,
                    failure,
                })
            }
            Step::Configure(which) => Event::Configure(match which {
                0 => CONFIG.to_owned(),
                1 => CONFIG.replace("102", "103"),
                2 => CONFIG.replace("group_and_c2c", "guilds"),
                _ => CONFIG.replace("[\"*\"]", "[]"),
            }),
            Step::Drain => Event::Drain(1_000),
            _ => return None,
        })
    }

    /// Heartbeats and Resume of one session never go back.
    fn watch(&mut self, action: &Action) {
        let Action::SendText(text) = action else {
            return;
        };
        let frame: serde_json::Value = serde_json::from_str(&text.text).unwrap();
        let seq = match frame["op"].as_u64() {
            Some(2) => {
                self.seq = None;
                return;
            }
            Some(1) => frame["d"].as_u64(),
            _ => frame["d"]["seq"].as_u64(),
        };
        assert!(seq >= self.seq, "{seq:?} after {:?}", self.seq);
        self.seq = seq;
    }
}

fn closed(id: u64, code: Option<u16>) -> SocketClosed {
    SocketClosed {
        id,
        code,
        reason: String::new(),
        failure: None,
    }
}

fn response(id: u64, status: u16, body: &str, sealed: bool) -> HttpResponse {
    HttpResponse {
        id,
        status,
        headers: Vec::new(),
        body: body.as_bytes().to_vec(),
        truncated: false,
        sealed: if sealed {
            vec!["access_token".to_owned()]
        } else {
            Vec::new()
        },
        blob: None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 512,
        failure_persistence: Some(Box::new(FileFailurePersistence::Off)),
        ..ProptestConfig::default()
    })]

    #[test]
    fn whatever_happens_the_contract_holds(story in story()) {
        let (world, _) = World::start(CONFIG).unwrap();
        let mut player = Player { world, commands: 0, doctors: BTreeSet::new(), seq: None };
        for step in story {
            player.play(step);
        }
        // Time is up for whatever waits. What is left awaits an answer of the
        // platform, and exactly that is stored.
        player.world.wait(120_000);
        let stored = player.world.state.keys().filter_map(|key| key.strip_prefix("send/"));
        let stored: BTreeSet<u64> = stored.map(|id| id.parse().unwrap()).collect();
        let open: BTreeSet<u64> = player.world.commands.difference(&player.doctors).copied().collect();
        prop_assert_eq!(open, stored);
    }

    #[test]
    fn a_configuration_without_errors_starts_and_any_other_does_not(config in config()) {
        let problems = qq_channel::validate(&config);
        let refused = problems.iter().any(|problem| problem.severity == Severity::Error);
        prop_assert_eq!(World::start(&config).is_err(), refused, "{}", config);
    }
}

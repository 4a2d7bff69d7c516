//! Whatever happens, in whatever order: no panic, one socket at most, sequence
//! numbers that never go back, every command completed at most once, every file
//! held until it is sent or given up and no longer, a heartbeat
//! always due in time, no Identify in a loop, and always something the channel
//! waits for. The `World` panics when the channel breaks the contract.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

#[path = "../world/mod.rs"]
mod world;

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use qq_channel::contract::{
    Action, Attachment, AttachmentKind, AttachmentLocation, BlobDigested, Event, Failure,
    FailureKind, HttpFailed, HttpResponse, OutboundMessage, Request, Severity, SocketBinary,
    SocketClosed, SocketOpened, SocketText, TextFormat,
};
use world::World;

const CONFIG: &str = r#"{"app_id":"102","app_secret":{"$secret":"app_secret"},
    "allowed_users":["*"],"intents":["group_and_c2c"],
    "mention_only":true,"context_messages":3,"system_notes":true}"#;

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

fn frame() -> impl Strategy<Value = String> {
    let message = (1_u64..6, any::<bool>(), 0_u64..60).prop_map(|(id, group, s)| {
        let (name, kind, peer) = if group {
            (
                "GROUP_MESSAGE_CREATE",
                "G",
                r#""author":{"member_openid":"OPENID_M"},"group_openid":"OPENID_G""#,
            )
        } else {
            (
                "C2C_MESSAGE_CREATE",
                "M",
                r#""author":{"user_openid":"OPENID_A"}"#,
            )
        };
        format!(
            r#"{{"op":0,"s":{s},"t":"{name}","d":{{"id":"{kind}{id}",{peer},"content":"hi"}}}}"#
        )
    });
    prop_oneof![
        4 => message,
        3 => happening(),
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

/// Presses, quotes, cards and everything that is no message, right and wrong.
fn happening() -> impl Strategy<Value = String> {
    let names = vec![
        "INTERACTION_CREATE",
        "INTERACTION_CREATE",
        "GROUP_MESSAGE_CREATE",
        "C2C_MESSAGE_CREATE",
        "MESSAGE_CREATE",
        "FRIEND_ADD",
        "C2C_MSG_REJECT",
        "GROUP_ADD_ROBOT",
        "GROUP_MEMBER_ADD",
        "GUILD_CREATE",
        "GUILD_DELETE",
        "CHANNEL_UPDATE",
        "GUILD_MEMBER_REMOVE",
        "MESSAGE_REACTION_ADD",
        "DIRECT_MESSAGE_DELETE",
        "ENTER_AIO",
    ];
    let fields = vec![
        r#""id":"I1""#,
        r#""id":"I2""#,
        r#""type":11"#,
        r#""type":13"#,
        r#""openid":"OPENID_A","user_openid":"OPENID_A""#,
        r#""group_openid":"OPENID_G","group_member_openid":"OPENID_M","op_member_openid":"OPENID_M""#,
        r#""guild_id":"18","channel_id":"100""#,
        r#""author":{"user_openid":"OPENID_A"},"content":"hi""#,
        r#""author":{"member_openid":"OPENID_M","username":"Hua"},"group_openid":"OPENID_G""#,
        r#""message_type":103,"msg_elements":[{"msg_idx":"REFIDX_1=="}]"#,
        r#""message_type":102,"msg_elements":[{"content":"a","msg_elements":[{}]}]"#,
        r#""message_scene":{"ext":["msg_idx=REFIDX_1==","ref_msg_idx=TMP_1"]}"#,
        r#""ark_data":{"fields":{"title":"t"}}"#,
        r#""data":{"type":12,"resolved":{"button_data":"x","user_id":"7"}}"#,
        r#""name":"n","op_user_id":"OPENID_9","user":{"id":"OPENID_8"}"#,
        r#""message":{"guild_id":"18","channel_id":"1"},"emoji":null,"target":3"#,
        r#""scene":"guild","chat_type":"1","data":[]"#,
    ];
    let fields = prop::collection::vec(prop::sample::select(fields), 0..6);
    let event = prop::option::of(0_u8..4);
    (prop::sample::select(names), fields, event, 0_u64..60).prop_map(|(name, fields, event, s)| {
        // Of a key that comes twice the last one counts.
        let mut body = serde_json::Map::new();
        for field in fields {
            let more: serde_json::Value = serde_json::from_str(&format!("{{{field}}}")).unwrap();
            body.extend(more.as_object().unwrap().clone());
        }
        let event = event.map_or_else(|| "null".to_owned(), |n| format!("\"{name}:{n}\""));
        let body = serde_json::Value::Object(body);
        format!(r#"{{"id":{event},"op":0,"s":{s},"t":"{name}","d":{body}}}"#)
    })
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

/// A table with some keys, right and wrong.
fn config() -> impl Strategy<Value = String> {
    let keys = vec![
        "allowed_users",
        "sandbox",
        "intents",
        "stream_mode",
        "mention_only",
        "context_messages",
        "system_notes",
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
    drained: bool,
    /// Presses the platform knows of, by the address of their acknowledgement.
    acknowledged: BTreeSet<String>,
}

/// Timers of the channel by number.
const TOKEN: u64 = 1;
const GATEWAY: u64 = 2;
const HEARTBEAT: u64 = 3;
const HEARTBEAT_ACK: u64 = 4;
/// The longest interval a Hello of these tests asks for, or leaves to us.
const INTERVAL_MS: u64 = 41_250;
const HOUR_MS: u64 = 3_600_000;
/// A thousand a day are 41 an hour.
const MOST_IDENTIFIES_AN_HOUR: usize = 40;

/// No loop of Identifies: the platform allows a thousand a day.
fn check_budget(world: &World) {
    let sent = &world.identifies;
    for (index, last) in sent.iter().enumerate() {
        let hour = sent[..=index]
            .iter()
            .filter(|then| **then + HOUR_MS > *last);
        assert!(hour.count() <= MOST_IDENTIFIES_AN_HOUR, "a loop: {sent:?}");
    }
}

/// The channel waits for something that will come, whatever the platform does.
fn check_progress(world: &World) {
    let due = |timer| world.timer_in(timer).is_some();
    if world.sockets.is_empty() {
        let asked = |end| world.request(end).is_some();
        assert!(
            due(GATEWAY)
                || due(TOKEN)
                || asked("AppAccessToken")
                || asked("/gateway")
                || asked("/gateway/bot"),
            "stuck"
        );
    } else {
        assert!(
            due(GATEWAY) || (due(HEARTBEAT) && due(HEARTBEAT_ACK)),
            "a socket without a deadline"
        );
    }
}

impl Player {
    fn play(&mut self, step: Step) {
        if matches!(&step, Step::Frame(text) if text.contains("READY")) {
            // A new session counts from its own start.
            self.seq = None;
        }
        match &step {
            Step::Frame(text) => {
                let frame: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
                if frame["op"] == 9 {
                    // The heartbeat ends, and the reason has its deadline.
                    self.world.greeted = None;
                }
            }
            Step::Drain => self.drained = true,
            Step::Restart | Step::Trap => self.drained = false,
            Step::Configure(_) => self.world.identifies.clear(),
            _ => {}
        }
        let before = self.acknowledging();
        let fine =
            matches!(&step, Step::Answer { status: 200, body, .. } if !body.contains("code"));
        let actions = match step {
            Step::Hold(waiting) => {
                self.world.frames_waiting = waiting;
                Vec::new()
            }
            Step::Wait(ms) => self.world.wait(ms),
            Step::Trap => self.world.restart(false),
            Step::Restart => self.world.restart(true),
            Step::Send {
                group,
                text,
                reply_to,
                file,
            } => self.send(group, text, reply_to, file),
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
        if fine {
            let left = self.acknowledging();
            self.acknowledged
                .extend(before.into_iter().filter(|url| !left.contains(url)));
        }
        actions.iter().for_each(|action| self.watch(action));
        self.check();
    }

    /// Acknowledgements on their way.
    fn acknowledging(&self) -> BTreeSet<String> {
        let urls = self.world.requests.values().map(|http| &http.url);
        urls.filter(|url| url.contains("/interactions/"))
            .cloned()
            .collect()
    }

    fn check(&self) {
        let world = &self.world;
        check_budget(world);
        if world.stopped || self.drained {
            return;
        }
        check_progress(world);
        if world.greeted.is_some() && world.greeted == world.sockets.last().copied() {
            let heartbeat = world.timer_in(HEARTBEAT);
            assert!(
                heartbeat.is_some_and(|ms| ms <= INTERVAL_MS),
                "{heartbeat:?}"
            );
        }
    }

    fn send(
        &mut self,
        group: bool,
        text: &str,
        reply_to: Option<u64>,
        file: Option<bool>,
    ) -> Vec<Action> {
        self.commands += 1;
        let attachments = file.map(|held| attachment(held, self.commands));
        let recipient = if group {
            "group:102:OPENID_G"
        } else {
            "c2c:102:OPENID_A"
        };
        let message = OutboundMessage {
            recipient: recipient.to_owned(),
            text: match text {
                "long" => "many words ".repeat(1_000),
                text => text.to_owned(),
            },
            format: TextFormat::Auto,
            attachments: attachments.into_iter().collect(),
            reply_to: reply_to.map(|id| format!("{}{id}", if group { "G" } else { "M" })),
            quote: None,
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
            Step::Fail { which, kind, broke } => {
                let failure = Failure::new(kind, "OPENID in a URL");
                Event::HttpFailed(HttpFailed {
                    id: request(which)?,
                    failure,
                    may_have_arrived: broke,
                })
            }
            Step::Digested { which, size } => {
                let asked = &self.world.digests;
                let ask = asked.get(which.checked_rem(asked.len())?)?;
                let gone = || Failure::new(FailureKind::Invalid, "no such bytes");
                let digests = size.map(|_| vec!["d".to_owned(); ask.algorithms.len()]);
                Event::BlobDigested(BlobDigested {
                    id: ask.id,
                    digests: digests.ok_or_else(gone),
                    size: size.unwrap_or(0),
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

    /// Heartbeats and Resume of one session never go back. What happens besides
    /// messages addresses nobody. A press that was acknowledged stays so.
    fn watch(&mut self, action: &Action) {
        let text = match action {
            Action::SendText(text) => text,
            Action::Deliver(message) => {
                let told = message.notice.is_some();
                assert!(!(told && message.mentioned), "{message:?}");
                assert!(
                    !(told && message.interruption_scope.is_some()),
                    "{message:?}"
                );
                return;
            }
            Action::SendHttp(http) if http.url.contains("/interactions/") => {
                assert!(
                    !self.acknowledged.contains(&http.url),
                    "twice: {}",
                    http.url
                );
                return;
            }
            _ => return,
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

fn attachment(held: bool, number: u64) -> Attachment {
    Attachment {
        kind: AttachmentKind::Image,
        location: if held {
            AttachmentLocation::Blob(number)
        } else {
            AttachmentLocation::Url("https://x.test/a.png".to_owned())
        },
        name: None,
        mime: None,
        size: None,
        duration_ms: None,
        transcript: None,
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

fn text(world: &mut World, text: &str) {
    if let Some(id) = world.sockets.last().copied() {
        let text = text.to_owned();
        world.tell(Event::SocketText(SocketText { id, text }), false);
    }
}

fn close(world: &mut World, code: Option<u16>) {
    if let Some(id) = world.sockets.last().copied() {
        world.tell(Event::SocketClosed(closed(id, code)), false);
    }
}

/// Answers requests, opens sockets, says Hello.
fn serve(world: &mut World) {
    let requests: Vec<(u64, bool)> = world
        .requests
        .iter()
        .map(|(id, http)| (*id, http.method == "POST"))
        .collect();
    for (id, token) in requests {
        let body = r#"{"expires_in":"7200","url":"wss://g/"}"#;
        world.tell(Event::HttpResponse(response(id, 200, body, token)), false);
    }
    if let Some(id) = world
        .sockets
        .last()
        .copied()
        .filter(|id| world.greeted != Some(*id))
    {
        let opened = SocketOpened {
            id,
            subprotocol: None,
        };
        world.tell(Event::SocketOpened(opened), false);
        text(world, r#"{"op":10,"d":{"heartbeat_interval":40000}}"#);
    }
}

/// Lets a connection live on a platform that acknowledges heartbeats.
fn live(world: &mut World, ms: u64) {
    let ready = r#"{"op":0,"s":1,"t":"READY","d":{"session_id":"S"}}"#;
    text(world, ready);
    for _ in 0..ms / 20_000 {
        world.wait(20_000);
        text(world, r#"{"op":11}"#);
    }
    world.wait(ms % 20_000);
}

/// One connection of a platform in this mood.
fn suffer(world: &mut World, mood: &Mood) {
    match mood {
        Mood::InvalidSession(resumable) => text(world, &format!(r#"{{"op":9,"d":{resumable}}}"#)),
        Mood::InvalidThenClose(code) => {
            text(world, r#"{"op":9,"d":false}"#);
            close(world, Some(*code));
        }
        Mood::Close(code) => close(world, *code),
        Mood::Live { ms, code } => {
            live(world, *ms);
            close(world, *code);
        }
        Mood::Reconnect { ms } => {
            live(world, *ms);
            text(world, r#"{"op":7}"#);
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

/// Everybody writes, is written to, and watches an answer grow, all at once: the
/// `World` panics when more requests are made than the host allows.
#[test]
fn a_crowd_is_served_within_the_requests_the_host_allows() {
    let config = CONFIG.replace("\"intents\"", "\"stream_mode\":\"stream\",\"intents\"");
    let (mut world, _) = World::start(&config).unwrap();
    for _ in 0..3 {
        serve(&mut world);
    }
    text(
        &mut world,
        r#"{"op":0,"s":1,"t":"READY","d":{"session_id":"S"}}"#,
    );
    let message = |user: u64, words: &str| OutboundMessage {
        recipient: format!("c2c:102:OPENID_{user}"),
        text: words.to_owned(),
        format: TextFormat::Auto,
        attachments: Vec::new(),
        reply_to: None,
        quote: None,
        thread: None,
        card: None,
    };
    for user in 0..200 {
        let frame = format!(
            r#"{{"op":0,"s":{},"t":"C2C_MESSAGE_CREATE","d":{{"id":"M{user}","author":{{"user_openid":"OPENID_{user}"}},"content":"hi"}}}}"#,
            user + 2
        );
        text(&mut world, &frame);
        let request = match user % 2 {
            0 => Request::Send(message(user, "answer")),
            _ => Request::DraftBegin(message(user, "an answer that grows")),
        };
        world.ask(2 * user + 1, request);
        world.ask(2 * user + 2, Request::Typing(message(user, "").recipient));
    }
    world.wait(2_000);
    let busy = world.requests.len();
    assert!(busy > 30, "{busy}");
    // As one ends, the next begins.
    for _ in 0..200 {
        serve(&mut world);
        world.wait(500);
    }
    let open: Vec<_> = world.commands.iter().collect();
    assert!(open.is_empty(), "{open:?}");
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
        let mut player = Player {
            world,
            commands: 0,
            doctors: BTreeSet::new(),
            seq: None,
            drained: false,
            acknowledged: BTreeSet::new(),
        };
        for step in story {
            player.play(step);
        }
        // Time is up for whatever waits: every command has its answer.
        player.world.wait(120_000);
        let open = &player.world.commands - &player.doctors;
        // The host answers for a channel that has stopped.
        prop_assert!(open.is_empty() || player.world.stopped, "open: {:?}", open);
        let state: String = player.world.state.iter()
            .filter(|(key, _)| key.starts_with("send/") || key.starts_with("kept/"))
            .map(|(_, value)| String::from_utf8_lossy(value).into_owned())
            .collect();
        // What was promised for later is stored until it is settled.
        for command in &player.world.deferred {
            let owner = format!(r#"{{"command":{command},"#);
            prop_assert!(state.contains(&owner), "{} was promised and forgotten", command);
        }
        // So is every file the host still holds for a message.
        for blob in &player.world.held {
            prop_assert!(state.contains(&format!(r#"{{"Blob":{blob}}}"#)), "blob {} is held for nothing", blob);
        }
    }

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
                if world.stopped || world.sockets.last().is_some_and(|id| world.greeted == Some(*id)) {
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

    #[test]
    fn a_configuration_without_errors_starts_and_any_other_does_not(config in config()) {
        let problems = qq_channel::validate(&config);
        let refused = problems.iter().any(|problem| problem.severity == Severity::Error);
        prop_assert_eq!(World::start(&config).is_err(), refused, "{}", config);
    }
}

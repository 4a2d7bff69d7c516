//! Whatever was asked before, and whether the platform answers, hangs, fails or
//! refuses from now on: the channel gets on or sleeps. It never runs without
//! progress, answers every command before its deadline, settles what it promised
//! for later, and sends everything once the platform is well again.

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

use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use qq_channel::contract::{
    Action, Attachment, AttachmentKind, AttachmentLocation, BlobDigested, DraftText, Event,
    Failure, FailureKind, HttpFailed, HttpResponse, OutboundMessage, Request, SocketOpened,
    SocketText, TextFormat, TurnEnd, TurnOutcome,
};
use world::World;

const CONFIG: &str = r#"{"app_id":"102","app_secret":{"$secret":"app_secret"},
    "allowed_users":["*"],"intents":["group_and_c2c","guild_messages","interaction"],
    "stream_mode":"stream","ack_reactions":true}"#;
/// What `World::ask` gives a command.
const DEADLINE_MS: u64 = 60_000;
/// Calls that a second of idling may take: heartbeats, renewals, pauses and rate
/// limits. A loop takes thousands.
const MOST_A_SECOND: usize = 200;

/// What the platform does with every request of the channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mood {
    Answers,
    Hangs,
    BadGateway,
    Resets,
    Refuses,
    TooMany,
    Unauthorized,
}

#[derive(Clone, Debug)]
enum Step {
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

fn mood() -> impl Strategy<Value = Mood> {
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

fn step() -> impl Strategy<Value = Step> {
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

struct Player {
    world: World,
    commands: u64,
    seq: u64,
    /// When each command that is open was asked.
    asked: Vec<(u64, u64)>,
}

impl Player {
    fn new() -> Self {
        let (world, _) = World::start(CONFIG).unwrap();
        let mut player = Self {
            world,
            commands: 0,
            seq: 1,
            asked: Vec::new(),
        };
        player.connect();
        player
    }

    /// A live session, as far as the platform grants one.
    fn connect(&mut self) {
        for _ in 0..200 {
            self.gateway();
            let Some(id) = self.world.sockets.last().copied() else {
                self.world.wait(500);
                continue;
            };
            if self.world.greeted != Some(id) {
                let opened = SocketOpened {
                    id,
                    subprotocol: None,
                };
                self.world.tell(Event::SocketOpened(opened), false);
                self.text(r#"{"op":10,"d":{"heartbeat_interval":40000}}"#);
                self.seq += 1;
                let seq = self.seq;
                self.text(&format!(
                    r#"{{"op":0,"s":{seq},"t":"READY","d":{{"session_id":"S"}}}}"#
                ));
            }
            return;
        }
        panic!("no connection");
    }

    /// Token and gateway are always well: what is tried here is the rest.
    fn gateway(&mut self) {
        let wanted = |url: &str| url.ends_with("AppAccessToken") || url.contains("/gateway");
        let open = self.world.requests.values();
        let open: Vec<_> = open
            .filter(|http| wanted(&http.url))
            .map(|http| (http.id, http.method == "POST"))
            .collect();
        for (id, token) in open {
            let body = r#"{"expires_in":"7200","url":"wss://g/"}"#;
            self.world.tell(response(id, 200, body, token), false);
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(id) = self.world.sockets.last().copied() {
            let text = text.to_owned();
            self.world
                .tell(Event::SocketText(SocketText { id, text }), false);
        }
    }

    fn event(&mut self, name: &str, body: &str) {
        self.seq += 1;
        let seq = self.seq;
        self.text(&format!(r#"{{"op":0,"s":{seq},"t":"{name}","d":{body}}}"#));
    }

    fn ask(&mut self, request: Request) -> u64 {
        self.commands += 1;
        self.asked.push((self.commands, self.world.mono_ms));
        self.world.ask(self.commands, request);
        self.commands
    }

    fn play(&mut self, step: &Step) {
        match *step {
            Step::Message { user, place } => {
                let id = format!("M{user}_{}", self.seq);
                let (name, body) = match place {
                    0 | 1 => ("C2C_MESSAGE_CREATE", format!(r#"{{"id":"{id}","author":{{"user_openid":"OPENID_{user}"}},"content":"hi"}}"#)),
                    2 => ("GROUP_AT_MESSAGE_CREATE", format!(r#"{{"id":"{id}","author":{{"member_openid":"OPENID_M"}},"group_openid":"OPENID_G{user}","content":"hi"}}"#)),
                    _ => ("AT_MESSAGE_CREATE", format!(r#"{{"id":"{id}","channel_id":"{user}","guild_id":"18","content":"hi","author":{{"id":"OPENID_M"}}}}"#)),
                };
                self.event(name, &body);
            }
            Step::Press { user } => self.event(
                "INTERACTION_CREATE",
                &format!(r#"{{"id":"I{user}_{}","type":11,"chat_type":2,"user_openid":"OPENID_{user}","data":{{"resolved":{{"button_data":"x"}}}}}}"#, self.seq),
            ),
            Step::Send { user, place, file } => {
                let message = message(&recipient(user, place), file.then_some(self.commands + 1));
                self.ask(Request::Send(message));
            }
            Step::DraftBegin { user } => {
                self.ask(Request::DraftBegin(message(&recipient(user, 0), None)));
            }
            Step::DraftFinish { which } => {
                let (draft, text) = (format!("draft-{which}"), "answer, to its end".to_owned());
                self.ask(Request::DraftFinish(DraftText { draft, text }));
            }
            Step::TurnEnded { user } => {
                let end = TurnEnd {
                    message_id: format!("M{user}_1"),
                    recipient: recipient(user, 3),
                    outcome: TurnOutcome::Answered,
                };
                self.ask(Request::TurnEnded(end));
            }
            Step::Typing { user } => {
                self.ask(Request::Typing(recipient(user, 0)));
            }
            Step::Recall { user } => {
                let (recipient, message_id) = (recipient(user, 0), "R1".to_owned());
                self.ask(Request::Recall(qq_channel::contract::MessageRef { recipient, message_id }));
            }
            Step::Platform(mood, most) => self.platform(mood, most),
            Step::Wait(ms) => self.wait(ms),
            Step::Trap => drop(self.world.restart(false)),
            Step::Restart => {
                self.world.restart(true);
                self.connect();
            }
        }
        self.check_deadlines();
    }

    /// The platform deals with what is open now.
    fn platform(&mut self, mood: Mood, most: usize) {
        self.gateway();
        let open: Vec<u64> = self.world.requests.keys().copied().take(most).collect();
        for id in open {
            if self.world.requests.contains_key(&id)
                && let Some(event) = answered(id, mood)
            {
                self.world.tell(event, false);
            }
        }
        for ask in std::mem::take(&mut self.world.digests.clone()) {
            let digests = Ok(vec!["d".to_owned(); ask.algorithms.len()]);
            let done = BlobDigested {
                id: ask.id,
                digests,
                size: 9,
            };
            self.world.tell(Event::BlobDigested(done), false);
        }
    }

    /// Lets time pass on a live connection.
    fn wait(&mut self, ms: u64) {
        let mut left = ms;
        while left > 0 {
            let some = left.min(1_000);
            self.quiet(some);
            left -= some;
        }
    }

    fn quiet(&mut self, ms: u64) {
        let before = self.world.seq;
        self.world.wait(ms);
        let calls = usize::try_from(self.world.seq.saturating_sub(before)).unwrap();
        assert!(calls < MOST_A_SECOND, "{calls} calls in {ms} ms");
        for id in self.world.out_of_time() {
            let failure = Failure::new(FailureKind::TimedOut, "no answer in time");
            let may_have_arrived = true;
            let failed = HttpFailed {
                id,
                failure,
                may_have_arrived,
            };
            self.world.tell(Event::HttpFailed(failed), false);
        }
        self.text(r#"{"op":11}"#);
        if self.world.sockets.is_empty() || !self.world.requests.is_empty() {
            self.gateway();
        }
    }

    /// A command is answered before the host would do it.
    fn check_deadlines(&mut self) {
        let world = &self.world;
        self.asked
            .retain(|(command, _)| world.commands.contains(command));
        let now_ms = world.mono_ms;
        for (command, asked_ms) in &self.asked {
            assert!(
                now_ms < asked_ms + DEADLINE_MS,
                "command {command} has no answer"
            );
        }
    }
}

fn answered(id: u64, mood: Mood) -> Option<Event> {
    let body = r#"{"id":"R","file_info":"F","ttl":300,"guild_id":"55"}"#;
    Some(match mood {
        Mood::Answers => response(id, 200, body, false),
        Mood::Hangs => return None,
        Mood::BadGateway => response(id, 502, "<html>", false),
        Mood::Refuses => response(id, 500, r#"{"code":50055001}"#, false),
        Mood::TooMany => response(id, 429, r#"{"code":100001}"#, false),
        Mood::Unauthorized => response(id, 401, r#"{"code":11244}"#, false),
        Mood::Resets => {
            let failure = Failure::new(FailureKind::Unreachable, "reset");
            Event::HttpFailed(HttpFailed {
                id,
                failure,
                may_have_arrived: true,
            })
        }
    })
}

fn response(id: u64, status: u16, body: &str, sealed: bool) -> Event {
    Event::HttpResponse(HttpResponse {
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
    })
}

fn recipient(user: u64, place: u8) -> String {
    match place {
        0 => format!("c2c:102:OPENID_{user}"),
        1 => format!("dm:102:{user}@18"),
        2 => format!("group:102:OPENID_G{user}"),
        _ => format!("channel:102:18/{user}"),
    }
}

fn message(recipient: &str, blob: Option<u64>) -> OutboundMessage {
    let file = blob.map(|blob| Attachment {
        kind: AttachmentKind::Image,
        location: AttachmentLocation::Blob(blob),
        name: None,
        mime: None,
        size: None,
        duration_ms: None,
        transcript: None,
    });
    OutboundMessage {
        recipient: recipient.to_owned(),
        text: "answer".to_owned(),
        format: TextFormat::Auto,
        attachments: file.into_iter().collect(),
        reply_to: None,
        quote: None,
        thread: None,
        card: None,
    }
}

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
        player.ask(Request::Send(message(&recipient(user, 0), None)));
    }
    let actions = player.world.wait(59_000);
    let completed = |action: &&Action| matches!(action, Action::Complete(_));
    assert_eq!(actions.iter().filter(completed).count(), 1_500);
    // The same when the process dies over them, and when it goes away in order.
    for user in 0..1_500 {
        player.ask(Request::Send(message(&recipient(user, 2), None)));
    }
    player.world.restart(true);
    player.connect();
    for user in 0..1_500 {
        player.ask(Request::Send(message(&recipient(user, 2), None)));
    }
    player.world.tell(Event::Drain(5_000), false);
    player.world.wait(5_000);
    assert!(player.world.commands.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 64,
        failure_persistence: Some(Box::new(FileFailurePersistence::Off)),
        ..ProptestConfig::default()
    })]

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

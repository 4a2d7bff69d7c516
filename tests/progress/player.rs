//! Plays the steps, and lets time pass.

use qq_channel::contract::{
    AttachmentLocation, BlobDigested, DraftText, Event, Failure, FailureKind, MessageRef, Request,
    TurnEnd, TurnOutcome,
};

use crate::steps::{Mood, Step};
use crate::world::{HEARTBEAT_ACK, World, message, picture};

const CONFIG: &str = r#"{"app_id":"102","app_secret":{"$secret":"app_secret"},
    "allowed_users":["*"],"intents":["group_and_c2c","guild_messages","interaction"],
    "stream_mode":"stream","ack_reactions":true}"#;
/// What `World::ask` gives a command.
const DEADLINE_MS: u64 = 60_000;
/// Calls that a second of idling may take: heartbeats, renewals, pauses and rate
/// limits. A loop takes thousands.
const MOST_A_SECOND: usize = 200;

pub struct Player {
    pub world: World,
    commands: u64,
    seq: u64,
    /// When each command that is open was asked.
    pub asked: Vec<(u64, u64)>,
}

impl Player {
    pub fn new() -> Self {
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
    pub fn connect(&mut self) {
        for _ in 0..200 {
            // Token and gateway are always well: what is tried here is the rest.
            self.world.answer_gateway();
            if self.world.awaits_hello() {
                self.world.greet();
                self.event("READY", r#"{"session_id":"S"}"#);
            }
            if !self.world.sockets.is_empty() {
                return;
            }
            self.world.wait(500);
        }
        panic!("no connection");
    }

    fn event(&mut self, name: &str, body: &str) {
        self.seq += 1;
        let seq = self.seq;
        self.world
            .frame(&format!(r#"{{"op":0,"s":{seq},"t":"{name}","d":{body}}}"#));
    }

    pub fn ask(&mut self, request: Request) -> u64 {
        self.commands += 1;
        self.asked.push((self.commands, self.world.mono_ms));
        self.world.ask(self.commands, request);
        self.commands
    }

    pub fn play(&mut self, step: &Step) {
        match *step {
            Step::Message { user, place } => self.message(user, place),
            Step::Press { user } => self.press(user),
            Step::Send { user, place, file } => {
                let mut message = message(recipient(user, place), "answer");
                let blob = AttachmentLocation::Blob(self.commands + 1);
                message.attachments = Vec::from_iter(file.then(|| picture(blob)));
                self.ask(Request::Send(message));
            }
            Step::DraftBegin { user } => {
                self.ask(Request::DraftBegin(message(recipient(user, 0), "answer")));
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
                self.ask(Request::Recall(MessageRef {
                    recipient,
                    message_id,
                }));
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

    fn message(&mut self, user: u64, place: u8) {
        let id = format!("M{user}_{}", self.seq);
        let (name, rest) = match place {
            0 | 1 => (
                "C2C_MESSAGE_CREATE",
                format!(r#""author":{{"user_openid":"OPENID_{user}"}}"#),
            ),
            2 => (
                "GROUP_AT_MESSAGE_CREATE",
                format!(
                    r#""author":{{"member_openid":"OPENID_M"}},"group_openid":"OPENID_G{user}""#
                ),
            ),
            _ => (
                "AT_MESSAGE_CREATE",
                format!(r#""channel_id":"{user}","guild_id":"18","author":{{"id":"OPENID_M"}}"#),
            ),
        };
        self.event(name, &format!(r#"{{"id":"{id}","content":"hi",{rest}}}"#));
    }

    fn press(&mut self, user: u64) {
        let id = format!("I{user}_{}", self.seq);
        let body = format!(
            r#"{{"id":"{id}","type":11,"chat_type":2,"user_openid":"OPENID_{user}","data":{{"resolved":{{"button_data":"x"}}}}}}"#
        );
        self.event("INTERACTION_CREATE", &body);
    }

    /// The platform deals with what is open now.
    fn platform(&mut self, mood: Mood, most: usize) {
        self.world.answer_gateway();
        let open: Vec<u64> = self.world.requests.keys().copied().take(most).collect();
        for id in open {
            if self.world.requests.contains_key(&id) {
                self.deal(id, mood);
            }
        }
        for ask in self.world.digests.clone() {
            let digests = Ok(vec!["d".to_owned(); ask.algorithms.len()]);
            let done = BlobDigested {
                id: ask.id,
                digests,
                size: 9,
            };
            self.world.tell(Event::BlobDigested(done), false);
        }
    }

    fn deal(&mut self, id: u64, mood: Mood) {
        let body = r#"{"id":"R","file_info":"F","ttl":300,"guild_id":"55"}"#;
        let (status, body) = match mood {
            Mood::Hangs => return,
            Mood::Resets => {
                let reset = Failure::new(FailureKind::Unreachable, "reset");
                self.world.lose_answer(id, reset);
                return;
            }
            Mood::Answers => (200, body),
            Mood::BadGateway => (502, "<html>"),
            Mood::Refuses => (500, r#"{"code":50055001}"#),
            Mood::TooMany => (429, r#"{"code":100001}"#),
            Mood::Unauthorized => (401, r#"{"code":11244}"#),
        };
        self.world.answer(id, status, body);
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
            let late = Failure::new(FailureKind::TimedOut, "no answer in time");
            self.world.lose_answer(id, late);
        }
        self.world.frame_if_open(HEARTBEAT_ACK);
        if self.world.sockets.is_empty() || !self.world.requests.is_empty() {
            self.world.answer_gateway();
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

pub fn recipient(user: u64, place: u8) -> String {
    match place {
        0 => format!("c2c:102:OPENID_{user}"),
        1 => format!("dm:102:{user}@18"),
        2 => format!("group:102:OPENID_G{user}"),
        _ => format!("channel:102:18/{user}"),
    }
}

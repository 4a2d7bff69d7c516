//! Whatever the agent, the network, the platform and the host do to messages
//! that grow: no index is used twice, what is shown is never changed, a stream
//! the channel knows of is finished exactly once, and no message gets more
//! replies than it allows. The platform here only checks and remembers.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod platform;
#[path = "../world/mod.rs"]
mod world;

use platform::{Fate, Platform, Stream, TRIES, body, number};
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use qq_channel::contract::{
    Action, DraftText, Event, Failure, FailureKind, HttpFailed, HttpResponse, OutboundMessage,
    Request, SendHttp, SocketOpened, SocketText, TextFormat,
};
use serde_json::json;
use world::World;

const CHAT: &str = "c2c:102:OPENID_A";

/// What an agent says, by and by.
const TEXTS: [&str; 3] = [
    "A plain sentence that grows. Another one, and a third.\n\nA paragraph.",
    "Look:\n\n- **one**\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```rust\nfn main() {}\n```\n\nEnd.",
    "## Title\n\nfirst *words* of many words, many more than one message holds, so that it is cut in two or three.",
];

#[derive(Clone, Debug)]
enum Step {
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
struct Words {
    /// The newest draft, or the one before.
    back: usize,
    /// So much of its text.
    part: usize,
    /// It is another text now.
    is_other: bool,
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

fn step() -> impl Strategy<Value = Step> {
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

struct Player {
    world: World,
    platform: Platform,
    commands: u64,
    /// Names of drafts and their texts, newest last.
    drafts: Vec<(String, usize)>,
    messages: u64,
}

impl Player {
    fn new() -> Self {
        let config = json!({
            "app_id": "102", "app_secret": {"$secret": "app_secret"}, "allowed_users": ["*"],
            "intents": ["group_and_c2c"], "stream_mode": "stream",
            "limits": {"text_units": 100, "c2c_per_second": 100},
        });
        let (world, _) = World::start(&config.to_string()).unwrap();
        let mut player = Self {
            world,
            platform: Platform::default(),
            commands: 0,
            drafts: Vec::new(),
            messages: 0,
        };
        player.connect();
        player
    }

    fn see(&mut self, actions: &[Action]) {
        for action in actions {
            if let Action::SendHttp(http) = action {
                self.platform.sent(http);
            }
        }
        self.platform.check();
    }

    fn tell(&mut self, event: Event) {
        let actions = self.world.tell(event, false);
        self.see(&actions);
    }

    fn text(&mut self, text: &str) {
        if let Some(id) = self.world.sockets.last().copied() {
            let text = text.to_owned();
            self.tell(Event::SocketText(SocketText { id, text }));
        }
    }

    /// Until a session is there.
    fn connect(&mut self) {
        for end in ["AppAccessToken", "/gateway/bot", "/gateway"] {
            if let Some(id) = self.world.request(end) {
                self.deal(id, Fate::Done(None));
            }
        }
        if let Some(id) = self.world.sockets.last().copied()
            && self.world.greeted != Some(id)
        {
            let subprotocol = None;
            self.tell(Event::SocketOpened(SocketOpened { id, subprotocol }));
            self.text(r#"{"op":10,"d":{"heartbeat_interval":40000}}"#);
            self.text(r#"{"op":0,"s":1,"t":"READY","d":{"session_id":"S"}}"#);
        }
    }

    /// What a receipt names first, if it names something.
    fn ask(&mut self, request: Request) -> Option<String> {
        self.commands += 1;
        let actions = self.world.ask(self.commands, request);
        self.see(&actions);
        actions.into_iter().find_map(|action| match action {
            Action::Complete(complete) if complete.command == self.commands => {
                complete.outcome.ok()?.message_ids.into_iter().next()
            }
            _ => None,
        })
    }

    fn draft(&self, words: &Words) -> DraftText {
        let draft = self.drafts.iter().rev().nth(words.back).cloned();
        let (draft, text) = draft.unwrap_or_default();
        let text = (text + usize::from(words.is_other)) % TEXTS.len();
        DraftText {
            draft,
            text: part_of(text, words.part),
        }
    }

    fn play(&mut self, step: Step) {
        match step {
            Step::Message => {
                self.connect();
                self.messages += 1;
                let n = self.messages;
                let seq = n + 1;
                self.text(&format!(
                    r#"{{"op":0,"s":{seq},"t":"C2C_MESSAGE_CREATE","d":{{"id":"M{n}","author":{{"user_openid":"OPENID_A"}},"content":"hi"}}}}"#
                ));
            }
            Step::Begin(text, part) => {
                let name = self.ask(Request::DraftBegin(message(part_of(text, part))));
                self.drafts.extend(name.map(|name| (name, text)));
            }
            Step::Answer(which, fate) => {
                let ids: Vec<u64> = self.world.requests.keys().copied().collect();
                if let Some(id) = which.checked_rem(ids.len()).map(|index| ids[index]) {
                    self.deal(id, fate);
                }
            }
            Step::Wait(ms) => self.wait(ms),
            Step::Trap => {
                let actions = self.world.restart(false);
                self.see(&actions);
            }
            Step::Restart(arrived) => self.restart(arrived),
            Step::Typing | Step::Send | Step::Grow(_) | Step::Finish(_) | Step::Cancel(_) => {
                self.ask(self.request(&step));
            }
        }
    }

    fn request(&self, step: &Step) -> Request {
        match step {
            Step::Send => Request::Send(message("between".to_owned())),
            Step::Grow(words) => Request::DraftUpdate(self.draft(words)),
            Step::Finish(words) => Request::DraftFinish(self.draft(words)),
            Step::Cancel(back) => {
                let name = self.drafts.iter().rev().nth(*back);
                Request::DraftCancel(name.map(|(name, _)| name.clone()).unwrap_or_default())
            }
            _ => Request::Typing(CHAT.to_owned()),
        }
    }

    fn wait(&mut self, ms: u64) {
        let actions = self.world.wait(ms);
        self.see(&actions);
    }

    fn restart(&mut self, arrived: bool) {
        for http in self.world.requests.clone().values() {
            if body(http)["input_state"] == 10
                && let Some(stream) = self.told(http)
            {
                stream.may_have_ended = true;
            }
            if arrived {
                self.platform.arrive(http);
            }
        }
        let actions = self.world.restart(true);
        self.drafts.clear();
        self.see(&actions);
    }

    fn deal(&mut self, id: u64, fate: Fate) {
        let http = self.world.requests[&id].clone();
        let is_last = body(&http)["input_state"] == 10;
        if let Some(stream) = self.told(&http).filter(|_| is_last) {
            stream.fail(fate);
        }
        let fate = match fate {
            // The platform knows its numbers before it looks at anything else.
            Fate::Refused(status, _) if status != 429 && self.platform.has(&http) => {
                Fate::Done(None)
            }
            fate => fate,
        };
        let (status, mut body) = match fate {
            Fate::Done(_) => self.platform.arrive(&http),
            Fate::Refused(status, code) => (status, json!({"code": code, "message": "m"})),
            Fate::Silent | Fate::Lost => {
                if matches!(fate, Fate::Silent) {
                    self.platform.arrive(&http);
                }
                let failure = Failure::new(FailureKind::TimedOut, "no answer");
                return self.tell(Event::HttpFailed(HttpFailed {
                    id,
                    failure,
                    may_have_arrived: true,
                }));
            }
        };
        let is_token = http.url.ends_with("AppAccessToken");
        if let (Fate::Done(Some(room)), true) = (fate, status == 200) {
            body["remain_msg_len"] = room.into();
        }
        if let Some(stream) = self.told(&http).filter(|_| status == 200) {
            stream.is_known = true;
        }
        self.tell(Event::HttpResponse(HttpResponse {
            id,
            status,
            headers: Vec::new(),
            body: body.to_string().into_bytes(),
            truncated: false,
            sealed: if is_token && status == 200 {
                vec!["access_token".to_owned()]
            } else {
                Vec::new()
            },
            blob: None,
        }));
    }

    /// The stream behind a frame.
    fn told(&mut self, http: &SendHttp) -> Option<&mut Stream> {
        let is_frame = http.url.ends_with("/stream_messages");
        let number = number(&body(http)).filter(|_| is_frame)?;
        self.platform.streams.get_mut(&number)
    }

    /// From now on everything works, for as long as it takes.
    fn come_to_rest(&mut self) {
        for _ in 0..200 {
            let open: Vec<u64> = self.world.requests.keys().copied().collect();
            for id in open {
                if self.world.requests.contains_key(&id) {
                    self.deal(id, Fate::Done(None));
                }
            }
            self.wait(20_000);
        }
    }
}

/// Some of a text; two texts have nothing in common but their beginning.
fn part_of(text: usize, part: usize) -> String {
    let text = TEXTS[text];
    let most = text.chars().count() * part / 30;
    text.chars().take(most).collect()
}

fn message(text: String) -> OutboundMessage {
    OutboundMessage {
        recipient: CHAT.to_owned(),
        text,
        format: TextFormat::Auto,
        attachments: Vec::new(),
        reply_to: None,
        thread: None,
        card: None,
        quote: None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 256,
        failure_persistence: Some(Box::new(FileFailurePersistence::Off)),
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_grows_keeps_its_word(steps in prop::collection::vec(step(), 0..80)) {
        let mut player = Player::new();
        player.play(Step::Message);
        for step in steps {
            player.play(step);
        }
        player.come_to_rest();
        for stream in player.platform.streams.values() {
            prop_assert!(stream.ends <= 1, "{:?}", stream);
            let is_hopeless = !stream.is_known || stream.failed_ends >= TRIES;
            prop_assert!(is_hopeless || stream.ends == 1, "{:?}", stream);
        }
        prop_assert!(player.world.commands.is_empty(), "{:?}", player.world.commands);
        let left = player.world.state.keys().filter(|key| key.starts_with("draft/"));
        prop_assert_eq!(left.count(), 0);
    }
}

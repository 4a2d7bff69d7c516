//! Plays the steps for an agent, a host and a platform.

use qq_channel::contract::{Action, DraftText, Failure, FailureKind, Request, SendHttp};
use serde_json::json;

use crate::platform::{Fate, Platform, Stream, body, number};
use crate::steps::{Step, TEXTS, Words};
use crate::world::{READY, World, message};

const CHAT: &str = "c2c:102:OPENID_A";

pub struct Player {
    pub world: World,
    pub platform: Platform,
    commands: u64,
    /// Names of drafts and their texts, newest last.
    drafts: Vec<(String, usize)>,
    messages: u64,
}

impl Player {
    pub fn new() -> Self {
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

    fn frame(&mut self, text: &str) {
        let actions = self.world.frame_if_open(text);
        self.see(&actions);
    }

    /// Until a session is there.
    fn connect(&mut self) {
        for end in ["AppAccessToken", "/gateway/bot", "/gateway"] {
            if let Some(id) = self.world.request(end) {
                self.deal(id, Fate::Done(None));
            }
        }
        if self.world.awaits_hello() {
            let actions = self.world.greet();
            self.see(&actions);
            self.frame(READY);
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

    pub fn play(&mut self, step: Step) {
        match step {
            Step::Message => {
                self.connect();
                self.messages += 1;
                let n = self.messages;
                let seq = n + 1;
                self.frame(&format!(
                    r#"{{"op":0,"s":{seq},"t":"C2C_MESSAGE_CREATE","d":{{"id":"M{n}","author":{{"user_openid":"OPENID_A"}},"content":"hi"}}}}"#
                ));
            }
            Step::Begin(text, part) => {
                let name = self.ask(Request::DraftBegin(message(CHAT, part_of(text, part))));
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
            Step::Send => Request::Send(message(CHAT, "between")),
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
                let late = Failure::new(FailureKind::TimedOut, "no answer");
                let actions = self.world.lose_answer(id, late);
                return self.see(&actions);
            }
        };
        if let (Fate::Done(Some(room)), true) = (fate, status == 200) {
            body["remain_msg_len"] = room.into();
        }
        if let Some(stream) = self.told(&http).filter(|_| status == 200) {
            stream.is_known = true;
        }
        let actions = self.world.answer(id, status, &body.to_string());
        self.see(&actions);
    }

    /// The stream behind a frame.
    fn told(&mut self, http: &SendHttp) -> Option<&mut Stream> {
        let is_frame = http.url.ends_with("/stream_messages");
        let number = number(&body(http)).filter(|_| is_frame)?;
        self.platform.streams.get_mut(&number)
    }

    /// From now on everything works, for as long as it takes.
    pub fn come_to_rest(&mut self) {
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

//! Whoever was let in stays so, and nobody else is heard, whatever happens in
//! between: codes right and wrong, replays, instances and processes that die,
//! other configurations, a clock that jumps.

#![cfg(test)]

#[path = "world/mod.rs"]
mod world;

use std::collections::BTreeSet;

use proptest::prelude::*;
use qq_channel::contract::{AccessRequest, Action, Event, Request};
use serde_json::{Value, json};
use world::{READY, World, cases};

/// Who the configuration names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Configured {
    Nobody,
    User(u8),
    Everyone,
}

/// One thing that happens; users are numbers.
#[derive(Clone, Debug)]
enum Step {
    Says(u8),
    Code { user: u8, right: bool },
    Replay,
    Allow(u8),
    Revoke(u8),
    NewCode,
    Configure(Configured),
    ClockJumps(i64),
    Trap,
    Restart,
}

const USERS: u8 = 4;

fn step() -> impl Strategy<Value = Step> {
    let user = || 0..USERS;
    let configured = prop_oneof![
        3 => Just(Configured::Nobody),
        1 => user().prop_map(Configured::User),
        1 => Just(Configured::Everyone),
    ];
    let jumps = vec![1_000_i64, 100_000, 300_000, 86_400_000, -86_400_000];
    prop_oneof![
        6 => user().prop_map(Step::Says),
        8 => (user(), prop::bool::weighted(0.4)).prop_map(|(user, right)| Step::Code { user, right }),
        3 => Just(Step::Replay),
        2 => user().prop_map(Step::Allow),
        3 => user().prop_map(Step::Revoke),
        2 => Just(Step::NewCode),
        2 => configured.prop_map(Step::Configure),
        2 => prop::sample::select(jumps).prop_map(Step::ClockJumps),
        2 => Just(Step::Trap),
        2 => Just(Step::Restart),
    ]
}

fn openid(user: u8) -> String {
    format!("OPENID_{user}")
}

fn config(configured: Configured) -> String {
    let users: Vec<String> = match configured {
        Configured::Nobody => Vec::new(),
        Configured::User(user) => vec![openid(user)],
        Configured::Everyone => vec!["*".to_owned()],
    };
    json!({"app_id": "102", "app_secret": {"$secret": "app_secret"},
        "allowed_users": users, "intents": ["group_and_c2c"]})
    .to_string()
}

/// Plays the world beside a model of who may talk to the bot.
struct Player {
    world: World,
    commands: u64,
    messages: u64,
    configured: Configured,
    bound: BTreeSet<u8>,
    last: Option<String>,
}

impl Player {
    fn start() -> Self {
        let (world, _) = World::start(&config(Configured::Nobody)).unwrap();
        let mut player = Self {
            world,
            commands: 0,
            messages: 0,
            configured: Configured::Nobody,
            bound: BTreeSet::new(),
            last: None,
        };
        player.connect();
        player
    }

    fn answer(&mut self, end: &str, body: &str) {
        while let Some(id) = self.world.request(end) {
            self.world.answer(id, 200, body);
        }
    }

    fn connect(&mut self) {
        self.answer("AppAccessToken", r#"{"expires_in":7200}"#);
        self.answer("/gateway/bot", r#"{"url":"wss://g/"}"#);
        let identifies = self.world.identifies.len();
        // After a jump of the clock a session may seem silent for hours; a new one
        // takes a moment.
        if self.world.sockets.is_empty() {
            self.world.wait(10_000);
        }
        self.world.greet();
        let ready = match self.world.identifies.len() > identifies {
            true => READY,
            false => r#"{"op":0,"s":1,"t":"RESUMED","d":""}"#,
        };
        self.world.frame(ready);
    }

    fn says(&mut self, user: u8, content: &str) -> Vec<Action> {
        self.messages += 1;
        let (id, author) = (self.messages, json!({"user_openid": openid(user)}));
        let d = json!({"id": format!("M{id}"), "author": author, "content": content});
        let text = json!({"op": 0, "s": id + 1, "t": "C2C_MESSAGE_CREATE", "d": d}).to_string();
        self.last = Some(text.clone());
        self.world.frame(&text)
    }

    fn ask(&mut self, request: AccessRequest) -> Vec<Action> {
        self.commands += 1;
        self.world.ask(self.commands, Request::Access(request))
    }

    fn stored(&self, key: &str) -> Value {
        let value = self.world.state.get(key);
        value.map_or(Value::Null, |value| serde_json::from_slice(value).unwrap())
    }

    fn may_talk(&self, user: u8) -> bool {
        match self.configured {
            Configured::Everyone => true,
            Configured::User(listed) if listed == user => true,
            Configured::User(_) | Configured::Nobody => self.bound.contains(&user),
        }
    }

    fn is_locked(&self, user: u8) -> bool {
        let guesses = self.stored(&format!("guess/{}", openid(user)));
        let until_ms = guesses["until_ms"].as_u64().unwrap_or_default();
        guesses["wrong"].as_u64() >= Some(5) && until_ms > self.world.wall_ms
    }

    fn code(&mut self, user: u8, right: bool) {
        let code = self.stored("code");
        let digits = code["digits"].as_str().unwrap_or("no");
        let is_open = code["wrong"].as_u64().is_some_and(|wrong| wrong < 100);
        let lets_in = right && is_open && !self.may_talk(user) && !self.is_locked(user);
        let typed = if right { digits } else { "no code" };
        let is_code = typed.len() == 6 && self.configured == Configured::Nobody;
        let actions = self.says(user, &format!("/bind {typed}"));
        if lets_in {
            self.bound.insert(user);
            assert!(!self.world.state.contains_key("code"), "it works once");
        }
        // A code is for the channel; what only looks like one may be the agent's.
        let delivered = delivered(&actions);
        assert_eq!(delivered, self.may_talk(user) && !is_code, "{actions:?}");
    }

    fn replay(&mut self) {
        let Some(text) = self.last.clone() else {
            return;
        };
        let actions = self.world.frame(&text);
        let acts = |action: &Action| match action {
            Action::Deliver(_) => true,
            Action::SendHttp(http) => http.url.ends_with("/messages"),
            Action::Put(put) => !put.key.starts_with("seq"),
            _ => false,
        };
        assert!(!actions.iter().any(acts), "{actions:?}");
    }

    fn play(&mut self, step: Step) {
        match step {
            Step::Says(user) => {
                let actions = self.says(user, "hello");
                assert_eq!(delivered(&actions), self.may_talk(user), "{actions:?}");
            }
            Step::Code { user, right } => self.code(user, right),
            Step::Replay => self.replay(),
            Step::Allow(user) => {
                let could = self.may_talk(user);
                self.ask(AccessRequest::Allow(openid(user)));
                if !could {
                    self.bound.insert(user);
                }
            }
            Step::Revoke(user) => {
                self.ask(AccessRequest::Revoke(openid(user)));
                self.bound.remove(&user);
            }
            Step::NewCode => {
                self.ask(AccessRequest::Code(true));
            }
            Step::Configure(configured) => {
                self.configured = configured;
                let config = config(configured);
                self.world.tell(Event::Configure(config), false);
            }
            Step::ClockJumps(ms) => {
                self.world.wall_ms = self.world.wall_ms.saturating_add_signed(ms);
            }
            Step::Trap => {
                self.world.restart(false);
            }
            Step::Restart => {
                self.world.restart(true);
                self.connect();
            }
        }
        self.answer("AppAccessToken", r#"{"expires_in":7200}"#);
        self.answer("/messages", r#"{"id":"R"}"#);
        self.check();
    }

    /// Model, disk and the operator's list agree; and there is a way in.
    fn check(&mut self) {
        let bound: BTreeSet<String> = self.bound.iter().map(|user| openid(*user)).collect();
        let keys = self.world.state.keys();
        let stored: BTreeSet<String> = keys
            .filter_map(|key| key.strip_prefix("bound/102:"))
            .map(str::to_owned)
            .collect();
        assert_eq!(stored, bound);
        let shown: BTreeSet<String> = self
            .ask(AccessRequest::Show)
            .iter()
            .filter_map(|action| match action {
                Action::Check(check) if check.step == "bound" => check.detail.split(' ').next(),
                _ => None,
            })
            .map(str::to_owned)
            .collect();
        assert_eq!(shown, bound);
        let alone = self.configured == Configured::Nobody && bound.is_empty();
        assert!(!alone || self.world.state.contains_key("code"), "no way in");
    }
}

fn delivered(actions: &[Action]) -> bool {
    actions.iter().any(|a| matches!(a, Action::Deliver(_)))
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn who_was_let_in_stays_so_and_nobody_else_is_heard(
        steps in prop::collection::vec(step(), 0..60)
    ) {
        let mut player = Player::start();
        for step in steps {
            player.play(step);
        }
    }
}

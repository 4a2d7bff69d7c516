//! Many people at once, and an agent that takes its time: everybody is answered
//! under their own message.

#![cfg(test)]

#[path = "world/mod.rs"]
mod world;

use std::collections::{BTreeMap, VecDeque};

use qq_channel::contract::{
    Action, Body, Delivery, OutboundMessage, Request, SendHttp, TurnEnd, TurnOutcome,
};
use serde_json::{Value, json};
use world::{World, message, opened};

const CONFIG: &str = r#"{"app_id":"102","app_secret":{"$secret":"app_secret"},
    "allowed_users":["*"],"intents":["group_and_c2c"]}"#;
/// A step of the clock.
const TICK_MS: u64 = 10;

/// A host with an agent, and a platform that takes what it is sent.
struct Scene {
    world: World,
    events: u64,
    commands: u64,
    /// When which message is answered.
    turns: VecDeque<(u64, OutboundMessage)>,
    /// When which request is answered.
    answers: VecDeque<(u64, SendHttp)>,
    /// Message, by the command that answers it.
    sends: BTreeMap<u64, OutboundMessage>,
    /// How each answer went out, by message.
    how: BTreeMap<String, Delivery>,
    agent_ms: u64,
    platform_ms: u64,
    /// Bytes of state that were put since it was set to nothing.
    changed: usize,
}

impl Scene {
    fn new(agent_ms: u64, platform_ms: u64) -> Self {
        let (world, actions) = World::start(CONFIG).unwrap();
        let mut scene = Self {
            world,
            events: 0,
            commands: 0,
            turns: VecDeque::new(),
            answers: VecDeque::new(),
            sends: BTreeMap::new(),
            how: BTreeMap::new(),
            agent_ms,
            platform_ms,
            changed: 0,
        };
        scene.see(&actions);
        scene.run(1_000);
        scene.frame(json!({"op": 0, "s": 1, "t": "READY", "d": {"session_id": "S"}}));
        scene
    }

    fn frame(&mut self, frame: Value) {
        let actions = self.world.frame(&frame.to_string());
        self.see(&actions);
    }

    /// Somebody writes.
    fn message(&mut self, user: usize) {
        self.events += 1;
        let author = json!({"user_openid": format!("OPENID_{user:0>32}")});
        let d = json!({"id": format!("ROBOT1.0_{user:0>120}!"), "author": author, "content": "hi"});
        self.frame(json!({"op": 0, "s": self.events + 1, "t": "C2C_MESSAGE_CREATE", "d": d}));
    }

    /// The whole host dies; what was not answered is given to the agent again.
    fn restart(&mut self) {
        self.answers.clear();
        let again = std::mem::take(&mut self.sends).into_values();
        let at_ms = self.world.mono_ms + self.agent_ms;
        self.turns.extend(again.map(|reply| (at_ms, reply)));
        let actions = self.world.restart(true);
        self.see(&actions);
    }

    fn see(&mut self, actions: &[Action]) {
        for action in actions {
            match action {
                Action::OpenSocket(open) => {
                    let actions = self.world.tell(opened(open.id), false);
                    self.see(&actions);
                    self.frame(json!({"op": 10, "d": {"heartbeat_interval": 3_600_000}}));
                }
                Action::SendHttp(http) => {
                    let at_ms = self.world.mono_ms + self.platform_ms;
                    self.answers.push_back((at_ms, http.clone()));
                }
                Action::Deliver(heard) => {
                    let mut reply = message(&heard.reply_target, "an answer");
                    reply.reply_to = Some(heard.id.clone());
                    self.turns
                        .push_back((self.world.mono_ms + self.agent_ms, reply));
                }
                Action::Put(put) => self.changed += put.key.len() + put.value.len(),
                Action::Complete(done) => {
                    if let Some(reply) = self.sends.remove(&done.command) {
                        self.answered(reply, done.outcome.as_ref().unwrap().how);
                    }
                }
                _ => {}
            }
        }
    }

    fn answered(&mut self, reply: OutboundMessage, how: Delivery) {
        let message_id = reply.reply_to.unwrap();
        self.how.insert(message_id.clone(), how);
        let end = TurnEnd {
            message_id,
            recipient: reply.recipient,
            outcome: TurnOutcome::Answered,
        };
        self.ask(Request::TurnEnded(end));
    }

    fn ask(&mut self, request: Request) {
        self.commands += 1;
        if let Request::Send(message) = &request {
            self.sends.insert(self.commands, message.clone());
        }
        let actions = self.world.ask(self.commands, request);
        self.see(&actions);
    }

    /// Lets time pass.
    fn run(&mut self, ms: u64) {
        for _ in 0..ms / TICK_MS {
            let actions = self.world.wait(TICK_MS);
            self.see(&actions);
            let now_ms = self.world.mono_ms;
            while let Some((_, http)) = self.answers.pop_front_if(|(at_ms, _)| *at_ms <= now_ms) {
                let actions = self.world.answer(http.id, 200, &answer(&http));
                self.see(&actions);
            }
            while let Some((_, reply)) = self.turns.pop_front_if(|(at_ms, _)| *at_ms <= now_ms) {
                self.ask(Request::Send(reply));
            }
        }
    }
}

/// What the platform says to a request. Every answer is under its own message.
fn answer(http: &SendHttp) -> String {
    match &http.url {
        url if url.ends_with("getAppAccessToken") => {
            json!({"access_token": "", "expires_in": 7200})
        }
        url if url.ends_with("/gateway/bot") => json!({"url": "wss://api.bot.qq.com/websocket/"}),
        _ => {
            let Body::Json(sent) = &http.body else {
                panic!("no message: {http:?}")
            };
            let sent: Value = serde_json::from_str(&sent.text).unwrap();
            let user = http.url.split("OPENID_").nth(1).unwrap();
            let user = user.split('/').next().unwrap();
            let own = format!("ROBOT1.0_{user:0>120}!");
            assert_eq!(sent["msg_id"], own, "an answer under another message");
            json!({"id": "R"})
        }
    }
    .to_string()
}

fn all_passive(scene: &Scene, messages: usize) {
    let mut by_way: BTreeMap<String, usize> = BTreeMap::new();
    for how in scene.how.values() {
        *by_way.entry(format!("{how:?}")).or_default() += 1;
    }
    assert_eq!(by_way, [("Passive".to_owned(), messages)].into());
    assert!(scene.sends.is_empty() && scene.world.commands.is_empty());
}

#[test]
fn fifteen_hundred_users_of_a_slow_agent_are_all_answered_under_their_messages() {
    let mut scene = Scene::new(10_000, 50);
    for user in 0..1_500 {
        scene.message(user);
        if user % 2 == 0 {
            scene.run(TICK_MS);
        }
    }
    scene.run(20_000);
    all_passive(&scene, 1_500);
}

#[test]
fn replies_that_are_ready_all_at_once_are_sent_one_after_the_other() {
    let mut scene = Scene::new(10_000, 50);
    for user in 0..1_500 {
        scene.message(user);
    }
    scene.run(20_000);
    all_passive(&scene, 1_500);
}

#[test]
fn a_host_that_dies_forgets_nobody() {
    let mut scene = Scene::new(10_000, 50);
    for user in 0..1_500 {
        scene.message(user);
    }
    scene.run(10_500);
    let answered = scene.how.len();
    assert!(answered > 0 && answered < 1_500, "{answered}");
    scene.restart();
    scene.run(20_000);
    assert!(scene.how.len() == 1_500 && scene.sends.is_empty());
    // Of those under way nobody knows whether they had arrived.
    let lost = |how: &&Delivery| !matches!(how, Delivery::Passive | Delivery::Duplicate);
    assert_eq!(scene.how.values().filter(lost).count(), 0);
}

#[test]
fn a_chat_full_of_replies_outlives_a_crash() {
    let mut scene = Scene::new(600_000, 50);
    scene.message(0);
    let (_, reply) = scene.turns.pop_front().unwrap();
    for _ in 0..2_500 {
        scene.ask(Request::Send(reply.clone()));
    }
    assert_eq!(scene.sends.len(), 2_500, "they wait");
    let sent = numbers(&scene);
    assert_eq!(sent.len(), 1);
    scene.restart();
    // The agent is done at once.
    scene.ask(Request::Send(reply));
    while numbers(&scene).is_empty() {
        scene.run(TICK_MS);
    }
    assert_eq!(numbers(&scene), sent, "it may have arrived");
    scene.run(2_000);
    all_passive(&scene, 1);
}

/// Of messages under way.
fn numbers(scene: &Scene) -> Vec<Value> {
    let requests = scene.world.requests.values();
    let bodies = requests.filter_map(|http| match &http.body {
        Body::Json(body) => serde_json::from_str::<Value>(&body.text).ok(),
        _ => None,
    });
    let numbers = bodies.map(|body| body["msg_seq"].clone());
    numbers.filter(|number| !number.is_null()).collect()
}

#[test]
fn twenty_thousand_chats_can_be_answered_and_fit() {
    let mut scene = Scene::new(600_000, 50);
    let mut most_changed = 0;
    let before = state_bytes(&scene.world);
    for user in 0..20_000 {
        scene.changed = 0;
        scene.message(user);
        most_changed = most_changed.max(scene.changed);
    }
    let bytes = state_bytes(&scene.world) - before;
    println!("20,000 chats: {bytes} bytes of state, at most {most_changed} changed by a message");
    assert!(bytes <= 8 * 1024 * 1024, "{bytes}");
    assert!(most_changed <= 1024, "{most_changed}");
    scene.restart();
    for user in [0, 9_999, 19_999] {
        let (_, reply) = scene.turns[user].clone();
        scene.ask(Request::Send(reply));
    }
    scene.run(2_000);
    all_passive(&scene, 3);
}

fn state_bytes(world: &World) -> usize {
    let row = |(key, value): (&String, &Vec<u8>)| key.len() + value.len();
    world.state.iter().map(row).sum()
}

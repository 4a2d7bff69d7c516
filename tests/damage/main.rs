//! One odd field costs that field, never the message: every documented event is
//! damaged in one place at a time, and arrives as if that field were missing,
//! unless it cannot be answered without it (QQ docs, autogen/event/*).

#![cfg(test)]
#![allow(unreachable_pub, reason = "nobody uses a test")]

mod events;
#[path = "../world/mod.rs"]
mod world;

use events::{ANSWERS, EVENTS};
use qq_channel::contract::{Action, InboundMessage, Request};
use serde_json::Value;
use world::{World, message};

const CONFIG: &str = r#"{"app_id":"102","app_secret":{"$secret":"app_secret"},
    "allowed_users":["*"],"intents":["group_and_c2c"],"system_notes":true}"#;
const READY: &str = r#"{"op":0,"s":1,"t":"READY","d":{"version":1,"session_id":"S",
    "user":{"id":"6","username":"Bot","bot":true},"shard":[0,0]}}"#;
/// Stands in the place of what is damaged until the frame is text.
const ODD: &str = "@odd@";

/// No string, and no value of any field but a list or an object.
fn odd_values() -> Vec<String> {
    let plain = ["null", "-1.5", "1e999", "{}", r#"{"x":1}"#, "[]", "[[]]"];
    let deep = format!("{}{}", "[".repeat(3_000), "]".repeat(3_000));
    let nested = format!("{}0{}", r#"{"x":"#.repeat(3_000), "}".repeat(3_000));
    let plain = plain.map(str::to_owned).into_iter();
    plain.chain([deep, nested]).collect()
}

/// Strings, and what stands for one: what a field makes of them is its own.
fn odd_strings() -> Vec<String> {
    vec![
        r#""\ud83d""#.to_owned(),
        r#""\ude00\ud83dx""#.to_owned(),
        "\"a\nb\0c\"".to_owned(),
        format!("\"{}\"", "字".repeat(100_000)),
        "true".to_owned(),
        "18446744073709551616".to_owned(),
    ]
}

/// Every place in a document: its path.
fn places(value: &Value, path: &str, found: &mut Vec<String>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(map) => map.iter().map(|(k, v)| (k.clone(), v)).collect(),
        Value::Array(list) => list
            .iter()
            .enumerate()
            .map(|(n, v)| (n.to_string(), v))
            .collect(),
        _ => Vec::new(),
    };
    for (name, child) in children {
        let path = format!("{path}/{name}");
        found.push(path.clone());
        places(child, &path, found);
    }
}

/// `document` with `odd` at `path`; absent takes the field out.
fn damaged(document: &Value, path: &str, odd: Option<&str>) -> String {
    let mut document = document.clone();
    let (parent, name) = path.rsplit_once('/').unwrap();
    let parent = document.pointer_mut(parent).unwrap();
    match (odd, &mut *parent) {
        (None, Value::Object(map)) => drop(map.remove(name)),
        // Its neighbours keep their places.
        (None, list) => list[name.parse::<usize>().unwrap()] = Value::Null,
        (Some(_), Value::Object(map)) => map[name] = ODD.into(),
        (Some(_), list) => list[name.parse::<usize>().unwrap()] = ODD.into(),
    }
    let text = document.to_string();
    text.replace(&format!("\"{ODD}\""), odd.unwrap_or_default())
}

/// `document` with an odd field of the same name before the one at `path`.
fn doubled(document: &Value, path: &str, odd: &str) -> Option<String> {
    let (_, name) = path.rsplit_once('/').unwrap();
    let sound = document.pointer(path).unwrap();
    name.parse::<usize>().is_err().then(|| {
        let both = format!("{odd},\"{name}\":{sound}");
        damaged(document, path, Some(&both))
    })
}

struct Player {
    world: World,
    told: u64,
}

impl Player {
    fn connected() -> Self {
        let mut player = Self::asking();
        player.answer("AppAccessToken", r#"{"expires_in":7200}"#);
        player.answer("/gateway/bot", r#"{"url":"wss://g/"}"#);
        player.greet(READY);
        player
    }

    fn asking() -> Self {
        let (world, _) = World::start(CONFIG).unwrap();
        Self {
            world,
            told: 70_000,
        }
    }

    fn answer(&mut self, end: &str, body: &str) -> Vec<Action> {
        let id = self.world.request(end).expect("it was asked for");
        self.world.answer(id, 200, body)
    }

    fn greet(&mut self, ready: &str) -> Vec<Action> {
        self.world.greet();
        self.world.frame(ready)
    }

    /// What is delivered of an event, as if each had the same ids. `@n@` in it
    /// is a number that no other has.
    fn hear(&mut self, frame: &str) -> Option<InboundMessage> {
        self.told += 1;
        let number = self.told.to_string();
        let actions = self.world.frame(&frame.replace("@n@", &number));
        let mut delivered = actions.into_iter().filter_map(|action| match action {
            Action::Deliver(message) => Some(*message),
            _ => None,
        });
        let mut message = delivered.next()?;
        assert!(delivered.next().is_none(), "delivered twice: {frame}");
        message.id = message.id.replace(&number, "@n@");
        Some(message)
    }
}

#[test]
fn a_damaged_event_arrives_without_the_field() {
    for (event, cannot_miss) in EVENTS {
        let document: Value = serde_json::from_str(event).unwrap();
        let mut player = Player::connected();
        let sound = player.hear(&document.to_string()).expect(event);
        let mut found = Vec::new();
        places(&document, "", &mut found);
        for path in cannot_miss.iter() {
            assert!(found.iter().any(|place| place == path), "{path} in {event}");
        }
        for path in &found {
            let missing = player.hear(&damaged(&document, path, None));
            let needed = cannot_miss.contains(&path.as_str());
            assert_eq!(missing.is_none(), needed, "without {path}: {event}");
            damage(&mut player, &document, path, (&sound, missing.as_ref()));
        }
    }
}

fn damage(
    player: &mut Player,
    document: &Value,
    path: &str,
    (sound, missing): (&InboundMessage, Option<&InboundMessage>),
) {
    for odd in odd_values() {
        let got = player.hear(&damaged(document, path, Some(&odd)));
        assert_eq!(got.as_ref(), missing, "{path} {odd:.40}: {document}");
        if let Some(twice) = doubled(document, path, &odd) {
            let got = player.hear(&twice);
            assert_eq!(
                got.as_ref(),
                Some(sound),
                "{path} {odd:.40} twice: {document}"
            );
        }
    }
    let was = document.pointer(path).unwrap();
    for odd in odd_strings() {
        if was.is_boolean() && odd == "true" {
            continue;
        }
        let got = player.hear(&damaged(document, path, Some(&odd)));
        if missing.is_some() {
            assert!(got.is_some(), "{path} {odd:.40}: {document}");
        }
        if !was.is_string() && odd.starts_with('"') {
            assert_eq!(got.as_ref(), missing, "{path} {odd:.40}: {document}");
        }
    }
}

#[test]
fn a_damaged_answer_says_what_is_left_of_it() {
    for (answer, cannot_miss) in ANSWERS {
        let document: Value = serde_json::from_str(answer).unwrap();
        let mut found = Vec::new();
        places(&document, "", &mut found);
        for path in &found {
            for odd in odd_values().into_iter().chain(odd_strings()) {
                let body = damaged(&document, path, Some(&odd));
                if !cannot_miss.contains(&path.as_str()) {
                    assert!(
                        is_understood(&document, &body),
                        "{path} {odd:.40}: {answer}"
                    );
                }
                if let Some(twice) = doubled(&document, path, &odd) {
                    assert!(
                        is_understood(&document, &twice),
                        "{path} {odd:.40} twice: {answer}"
                    );
                }
            }
        }
    }
}

/// Whether the channel goes on with such an answer: to the next step on its way,
/// or to a receipt.
fn is_understood(document: &Value, body: &str) -> bool {
    let mut player = Player::asking();
    let is = |field: &str| document.get(field).is_some();
    if is("expires_in") {
        player.answer("AppAccessToken", body);
        return player.world.request("/gateway/bot").is_some();
    }
    player.answer("AppAccessToken", r#"{"expires_in":7200}"#);
    if is("url") {
        player.answer("/gateway/bot", body);
        return !player.world.sockets.is_empty();
    }
    player.answer("/gateway/bot", r#"{"url":"wss://g/"}"#);
    if is("op") {
        let actions = player.greet(body);
        return actions
            .iter()
            .any(|action| matches!(action, Action::Status(_)));
    }
    player.greet(READY);
    sent(&mut player, body)
}

fn sent(player: &mut Player, body: &str) -> bool {
    let hello = r#"{"op":0,"s":2,"t":"C2C_MESSAGE_CREATE","d":{"id":"M1","author":{"user_openid":"OPENID_A"},"content":"hi"}}"#;
    player.world.frame(hello);
    let message = message("c2c:102:OPENID_A", "hello");
    player.world.ask(1, Request::Send(message));
    let actions = player.answer("/messages", body);
    actions
        .iter()
        .any(|action| matches!(action, Action::Complete(done) if done.outcome.is_ok()))
}

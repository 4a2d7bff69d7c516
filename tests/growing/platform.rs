//! The platform as far as messages that grow go: it checks and remembers.

use std::collections::{BTreeMap, BTreeSet};

use qq_channel::contract::{Body, SendHttp};
use serde_json::{Value, json};

/// Replies to one message.
const BUDGET: usize = 4;

/// What becomes of a request.
#[derive(Clone, Copy, Debug)]
pub enum Fate {
    /// Dealt with, and answered with what the stream still takes.
    Done(Option<i64>),
    /// Dealt with, but the answer gets lost.
    Silent,
    /// It never arrives.
    Lost,
    Refused(u16, i64),
}

/// A stream as the platform has it.
#[derive(Debug)]
pub struct Stream {
    pub shown: String,
    /// Last frames accepted.
    pub ends: usize,
    /// The channel was told of a frame.
    pub is_known: bool,
    /// Last frames that were refused or got lost.
    pub failed_ends: usize,
    pub may_have_ended: bool,
}

impl Stream {
    /// What becomes of a last frame.
    pub fn fail(&mut self, fate: Fate) {
        match fate {
            Fate::Done(_) => {}
            Fate::Silent | Fate::Lost => {
                self.failed_ends += 1;
                self.may_have_ended = true;
            }
            // This is what a stream that ended answers.
            Fate::Refused(_, 50_001 | 50_059 | 40_007) if self.may_have_ended => {
                self.failed_ends = TRIES;
            }
            Fate::Refused(504, _) => {
                self.failed_ends += 1;
                self.may_have_ended = true;
            }
            Fate::Refused(..) => self.failed_ends += 1,
        }
    }
}

/// How often the channel says that a stream is finished.
pub const TRIES: usize = 4;

/// What was accepted under one number of one message.
pub type Number = (String, u64);

#[derive(Default)]
pub struct Platform {
    pub streams: BTreeMap<Number, Stream>,
    accepted: BTreeSet<Number>,
    /// The highest index sent under each number.
    indexes: BTreeMap<Number, u64>,
}

pub fn body(http: &SendHttp) -> Value {
    match &http.body {
        Body::Json(json) => serde_json::from_str(&json.text).unwrap(),
        _ => Value::Null,
    }
}

pub fn number(body: &Value) -> Option<Number> {
    let id = body["msg_id"].as_str()?.to_owned();
    Some((id, body["msg_seq"].as_u64()?))
}

impl Platform {
    /// What holds for a frame whatever becomes of it.
    pub fn sent(&mut self, http: &SendHttp) {
        if !http.url.ends_with("/stream_messages") {
            return;
        }
        let body = body(http);
        let number = number(&body).expect("a stream answers something");
        let index = body["index"].as_u64().unwrap();
        let before = self.indexes.insert(number.clone(), index);
        assert!(
            before.is_none_or(|before| before < index),
            "used twice: {body}"
        );
        let text = body["content_raw"].as_str().unwrap();
        assert!(!text.trim().is_empty(), "blank: {body}");
        if let Some(stream) = self.streams.get(&number) {
            assert!(
                text.starts_with(&stream.shown),
                "{:?} changed: {body}",
                stream.shown
            );
        }
    }

    /// Whether this message was accepted before.
    pub fn has(&self, http: &SendHttp) -> bool {
        let is_message = http.url.ends_with("/messages");
        let number = number(&body(http)).filter(|_| is_message);
        number.is_some_and(|number| self.accepted.contains(&number))
    }

    /// A request arrives. The answer's status and body.
    pub fn arrive(&mut self, http: &SendHttp) -> (u16, Value) {
        let body = body(http);
        let Some(number) = number(&body) else {
            return (
                200,
                json!({"id": "R", "expires_in": 7200, "url": "wss://g/"}),
            );
        };
        if http.url.ends_with("/stream_messages") {
            return self.frame(number, &body);
        }
        if !self.accepted.insert(number) {
            return (400, json!({"code": 40_054_005}));
        }
        (200, json!({"id": "R"}))
    }

    fn frame(&mut self, number: Number, body: &Value) -> (u16, Value) {
        let id = format!("S-{}-{}", number.0, number.1);
        let text = body["content_raw"].as_str().unwrap();
        let is_last = body["input_state"] == 10;
        if body["stream_msg_id"].is_null() {
            if !self.accepted.insert(number.clone()) {
                return (400, json!({"code": 40_054_005}));
            }
            let stream = Stream {
                shown: String::new(),
                ends: 0,
                is_known: false,
                failed_ends: 0,
                may_have_ended: false,
            };
            self.streams.insert(number.clone(), stream);
        }
        let stream = self
            .streams
            .get_mut(&number)
            .expect("it goes on with one there is");
        assert!(body["stream_msg_id"].is_null() || body["stream_msg_id"] == id.as_str());
        if stream.ends > 0 {
            return (500, json!({"code": 50_001}));
        }
        assert!(
            text.starts_with(&stream.shown),
            "{:?} changed: {body}",
            stream.shown
        );
        text.clone_into(&mut stream.shown);
        stream.ends += usize::from(is_last);
        (200, json!({"id": id}))
    }

    pub fn check(&self) {
        let mut replies: BTreeMap<&str, usize> = BTreeMap::new();
        for (message, _) in &self.accepted {
            *replies.entry(message).or_default() += 1;
        }
        for (message, count) in replies {
            assert!(count <= BUDGET, "{count} replies to {message}");
        }
    }
}

//! What the platform allows of replies, checked for every message that is sent:
//! windows, budgets, and that no number is ever used for two messages of which
//! the first may have arrived.

use std::collections::{BTreeMap, BTreeSet};

use qq_channel::contract::{Body, ChatKind, HttpResponse, InboundMessage, SendHttp};
use serde_json::Value;

struct Answered {
    wall_ms: u64,
    window_ms: u64,
    budget: usize,
    /// Content of each number that may have arrived.
    numbers: BTreeMap<u64, String>,
    accepted: BTreeSet<u64>,
}

/// The platform's account of replies.
#[derive(Default)]
pub struct Numbers {
    messages: BTreeMap<String, Answered>,
    requests: BTreeMap<u64, (String, u64)>,
}

impl Numbers {
    pub fn delivered(&mut self, message: &InboundMessage, wall_ms: u64) {
        let (minutes, budget) = match message.chat {
            ChatKind::Dm => (60, 4),
            ChatKind::Group => (5, 5),
            ChatKind::GuildChannel | ChatKind::GuildDm => (5, usize::MAX),
        };
        let answered = Answered {
            wall_ms,
            window_ms: minutes * 60_000,
            budget,
            numbers: BTreeMap::new(),
            accepted: BTreeSet::new(),
        };
        self.messages.entry(message.id.clone()).or_insert(answered);
    }

    pub fn sent(&mut self, http: &SendHttp, wall_ms: u64) {
        let Some(mut body) = message(http) else {
            return;
        };
        assert!(body["msg_id"].is_null() || body["event_id"].is_null());
        assert!(body["markdown"].is_null() || body["content"].is_null());
        let Some(id) = body["msg_id"].as_str().map(str::to_owned) else {
            return;
        };
        let Some(answered) = self.messages.get_mut(&id) else {
            return;
        };
        let age_ms = wall_ms.saturating_sub(answered.wall_ms);
        assert!(age_ms < answered.window_ms, "outside the window: {body}");
        let Some(number) = body["msg_seq"].as_u64() else {
            return;
        };
        body["msg_seq"] = Value::Null;
        let content = body.to_string();
        let before = answered.numbers.insert(number, content.clone());
        if let Some(before) = before.filter(|before| !before.is_empty()) {
            assert_eq!(before, content, "number {number} used for two messages");
        }
        self.requests.insert(http.id, (id, number));
    }

    pub fn answered(&mut self, response: &HttpResponse) {
        let Some((id, number)) = self.requests.remove(&response.id) else {
            return;
        };
        let Some(answered) = self.messages.get_mut(&id) else {
            return;
        };
        let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
        let code = [&body["err_code"], &body["code"]];
        let code = code
            .iter()
            .find_map(|code| code.as_i64().filter(|c| *c != 0));
        match (code, response.status) {
            (Some(40_054_005 | 304_023), _) => {}
            // Refused: the number is free.
            (Some(_), _) | (None, 400..=499) => {
                answered.numbers.remove(&number);
            }
            (None, 200..=299) if body["id"].is_string() => {
                answered.accepted.insert(number);
                let (all, most) = (answered.accepted.len(), answered.budget);
                assert!(all <= most, "{all} replies to {id}");
            }
            _ => {}
        }
    }

    /// After a crash of the whole host an answer may take the number of one whose
    /// fate is not known.
    pub fn crashed(&mut self) {
        let numbers = self
            .messages
            .values_mut()
            .flat_map(|a| a.numbers.values_mut());
        numbers.for_each(String::clear);
    }
}

/// The body, if this sends a message.
fn message(http: &SendHttp) -> Option<Value> {
    let Body::Json(json) = &http.body else {
        return None;
    };
    let sends = http.method == "POST" && http.url.ends_with("/messages");
    sends.then(|| serde_json::from_str(&json.text).expect("JSON"))
}

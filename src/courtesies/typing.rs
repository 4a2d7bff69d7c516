//! Shows that an answer is being made.
//!
//! C2C only, for at most a minute, in answer to a message; there is no way to
//! take it back. The host asks every few seconds, and most of the time nothing
//! needs to be done. See QQ docs, server-inter/message/type/input_notify.

use std::collections::BTreeMap;

use serde_json::json;

use crate::config::StreamMode;
use crate::contract::{Failure, FailureKind, Level};
use crate::courtesies::calls::{Call, Purpose};
use crate::cx::Cx;
use crate::ledger::{Anchor, Special};
use crate::requests::build;
use crate::target::ReplyTarget;

/// How long it is shown; the platform takes no more.
const SHOWN_SECS: u64 = 60;
/// It is renewed a little before.
const AGAIN_MS: u64 = 50_000;
/// One that comes later than that is worse than none.
const DEADLINE_MS: u64 = 5_000;
/// Chats remembered, as many as may be in work at once; the one silent for
/// longest makes room.
const MOST: usize = 8_192;

/// What was shown in a chat.
#[derive(Debug, Default)]
struct Sign {
    /// Not again before, monotonic milliseconds.
    again_ms: u64,
    /// The answer went out, or begins to.
    is_hushed: bool,
    /// The message in answer to which it was refused.
    refused: Option<String>,
}

/// By reply target.
#[derive(Debug, Default)]
pub(crate) struct Typing(BTreeMap<String, Sign>);

impl Typing {
    /// The answer is on its way: nothing is shown any more.
    pub(crate) fn hush(&mut self, target: &str) {
        if let Some(sign) = self.0.get_mut(target) {
            sign.is_hushed = true;
        }
    }

    /// Another turn may begin.
    pub(crate) fn lift(&mut self, target: &str) {
        if let Some(sign) = self.0.get_mut(target)
            && std::mem::take(&mut sign.is_hushed)
        {
            // An answer ends what was shown.
            sign.again_ms = 0;
        }
    }

    fn may_show(&self, target: &str, newest: Option<&str>, now_ms: u64) -> bool {
        self.0.get(target).is_none_or(|sign| {
            let is_refused = sign.refused.is_some() && sign.refused.as_deref() == newest;
            !sign.is_hushed && !is_refused && sign.again_ms <= now_ms
        })
    }

    fn sign(&mut self, target: &str) -> &mut Sign {
        if self.0.len() >= MOST && !self.0.contains_key(target) {
            let oldest = self.0.iter().min_by_key(|(_, sign)| sign.again_ms);
            if let Some(target) = oldest.map(|(target, _)| target.clone()) {
                self.0.remove(&target);
            }
        }
        self.0.entry(target.to_owned()).or_default()
    }

    /// The request that shows it, if it is to be shown: a number is taken for what
    /// can be sent at once.
    pub(super) fn call(&mut self, target: &str, cx: &mut Cx) -> Option<Call> {
        let now_ms = cx.host.now().mono_ms;
        let newest = cx.ledger.newest(target);
        let is_due = cx.settings.mode != StreamMode::None
            && self.may_show(target, newest, now_ms)
            && cx.ledger.stops.why(target, &cx.host).is_none();
        let parsed = ReplyTarget::parse(target).filter(|_| is_due)?;
        let (bucket, rate) = cx.rate(parsed);
        let is_free = cx.ledger.rates.wait_ms(&bucket, rate, now_ms) == Some(0);
        if !is_free || !cx.has_token() {
            return None;
        }
        let url = build::url(&cx.settings.api, parsed, None)?;
        let anchor = (cx.ledger).take_special(Special::Typing, target, None, &mut cx.host)?;
        cx.ledger.rates.take(&bucket, rate, now_ms);
        self.sign(target).again_ms = now_ms.saturating_add(AGAIN_MS);
        let body = body(&anchor);
        let target = target.to_owned();
        let purpose = Purpose::Typing { target, anchor };
        Some(Call::new(purpose, "POST", url, body, DEADLINE_MS, &cx.host))
    }

    /// It was refused, or got no answer: no more in answer to this message.
    pub(super) fn failed(
        &mut self,
        (target, anchor): (&str, &Anchor),
        was_sent: bool,
        failure: &Failure,
        cx: &mut Cx,
    ) {
        cx.host.count("typing_failed");
        let text = format!("typing was not shown: {failure}");
        cx.host.note_seldom("typing", Level::Debug, &text);
        let denied = matches!(failure.kind, FailureKind::Denied | FailureKind::Invalid);
        if !was_sent || denied || failure.code.is_some() {
            cx.ledger.give_back(target, anchor, &mut cx.host);
        }
        let newest = cx.ledger.newest(target).map(str::to_owned);
        self.sign(target).refused = newest;
    }
}

/// Without `input_notify` the platform answers 50059.
fn body(anchor: &Anchor) -> String {
    json!({
        "msg_type": 6,
        "input_notify": {"input_type": 1, "input_second": SHOWN_SECS},
        "msg_id": anchor.msg_id,
        "msg_seq": anchor.msg_seq,
    })
    .to_string()
}

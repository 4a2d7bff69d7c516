//! One frame of a stream: read once, checked by shape.

use serde_json::Value;

use crate::rules::refusal::Refusal;
use crate::world::body::{flag, number, text};

/// A frame by its fields.
#[derive(Debug)]
pub(crate) struct Frame {
    /// `content_raw` is the whole text so far, and not what is added to it.
    pub(crate) replaces: bool,
    pub(crate) is_last: bool,
    pub(crate) index: u64,
    pub(crate) is_markdown: bool,
    pub(crate) content: String,
    pub(crate) msg_id: Option<String>,
    pub(crate) event_id: Option<String>,
    pub(crate) stream_id: Option<String>,
    pub(crate) msg_seq: u64,
    pub(crate) is_wakeup: bool,
}

impl Frame {
    /// Reads a frame.
    pub(crate) fn parse(raw: &Value) -> Result<Self, Refusal> {
        if !raw.is_object() {
            return Err(Refusal::BAD_BODY);
        }
        let word = |name: &str| text(raw, name).map(Option::unwrap_or_default);
        let replaces = match word("/input_mode")?.as_str() {
            "" | "append" => false,
            "replace" => true,
            _ => return Err(Refusal::BAD_BODY),
        };
        let is_last = match number(raw, "input_state", 0)? {
            1 => false,
            10 => true,
            _ => return Err(Refusal::BAD_BODY),
        };
        let is_markdown = match word("/content_type")?.as_str() {
            "text" => false,
            "markdown" => true,
            _ => return Err(Refusal::BAD_BODY),
        };
        let index = raw.get("index").and_then(Value::as_u64);
        let frame = Self {
            replaces,
            is_last,
            index: index.ok_or(Refusal::BAD_BODY)?,
            is_markdown,
            content: word("/content_raw")?,
            msg_id: text(raw, "/msg_id")?,
            event_id: text(raw, "/event_id")?,
            stream_id: text(raw, "/stream_msg_id")?,
            msg_seq: number(raw, "msg_seq", 1)?,
            is_wakeup: flag(raw, "is_wakeup")?,
        };
        // Live: HTTP 500, without a code of its own.
        let anchor = frame.anchor().is_some();
        anchor.then_some(frame).ok_or(Refusal::STREAM_BROKEN)
    }

    /// What it answers; some clients send both fields with one value.
    pub(crate) fn anchor(&self) -> Option<&str> {
        self.msg_id.as_deref().or(self.event_id.as_deref())
    }

    /// The text after this frame, if `shown` is what the user sees now.
    pub(crate) fn applied_to(&self, shown: &str) -> Result<String, Refusal> {
        if !self.replaces {
            return Ok(format!("{shown}{}", self.content));
        }
        let keeps_prefix = self.content.starts_with(shown);
        keeps_prefix
            .then(|| self.content.clone())
            .ok_or(Refusal::STREAM_PREFIX)
    }
}

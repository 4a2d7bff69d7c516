//! Frames on the wire.
//!
//! See QQ docs, dev-prepare/event-emit/payload and …/websocket. Everything but
//! `op` is optional; `d` is an object, a bool (op 9), `""` (RESUMED) or absent.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::contract::{Id, Level, SecretPlace, SecretUse, SendText};
use crate::host::Host;
use crate::token;
use crate::wire::{self, Number, Object, Text};

/// What a frame is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Op {
    Dispatch,
    /// The server asks for a heartbeat at once.
    Heartbeat,
    Reconnect,
    InvalidSession,
    Hello,
    HeartbeatAck,
    /// Anything else, now or in the future.
    Unknown,
}

/// The envelope; `d` stays unparsed, and nothing is copied.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Frame<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    op: Number,
    s: Number,
    #[serde(borrow)]
    t: Text<'a>,
    #[serde(borrow)]
    d: Option<&'a RawValue>,
}

impl<'a> Frame<'a> {
    /// Absent when the text is not a JSON object.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        // A derived reader takes a list for an object.
        let object = text.trim_start().starts_with('{');
        object.then(|| wire::read_str(text))?
    }

    pub(super) const fn op(&self) -> Op {
        match self.op.0 {
            Some(0) => Op::Dispatch,
            Some(1) => Op::Heartbeat,
            Some(7) => Op::Reconnect,
            Some(9) => Op::InvalidSession,
            Some(10) => Op::Hello,
            Some(11) => Op::HeartbeatAck,
            _ => Op::Unknown,
        }
    }

    pub(super) fn seq(&self) -> Option<u64> {
        self.s.unsigned()
    }

    pub(super) fn into_dispatch(self) -> Dispatch<'a> {
        Dispatch {
            event_id: self.id.into_id(),
            name: self.t.0,
            body: self.d.map_or("null", RawValue::get),
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.t.0
    }

    /// `d` of op 9: whether Resume may be tried.
    pub(super) fn is_resumable(&self) -> bool {
        self.d.is_some_and(|d| d.get() == "true")
    }

    /// Heartbeat interval of Hello, in milliseconds.
    pub(super) fn heartbeat_interval_ms(&self) -> Option<u64> {
        #[derive(Deserialize)]
        struct Hello {
            heartbeat_interval: Number,
        }
        let hello: Hello = wire::read_str(self.d?.get())?;
        hello.heartbeat_interval.unsigned()
    }

    /// What READY says.
    pub(super) fn ready(&self) -> Option<Ready> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Body<'a> {
            #[serde(borrow)]
            session_id: Text<'a>,
            #[serde(borrow)]
            user: Object<User<'a>>,
        }
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct User<'a> {
            #[serde(borrow)]
            id: Text<'a>,
            #[serde(borrow)]
            username: Text<'a>,
        }
        let body: Body<'_> = wire::read_str(self.d?.get())?;
        let user = body.user.0.unwrap_or_default();
        Some(Ready {
            session_id: body.session_id.id()?.to_owned(),
            bot_name: user
                .username
                .to_option()
                .unwrap_or_else(|| "the bot".to_owned()),
            bot_id: user.id.id().unwrap_or_default().to_owned(),
        })
    }
}

/// `d` of READY.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ready {
    pub(super) session_id: String,
    pub(super) bot_name: String,
    /// The bot's id in guilds; in QQ groups it has another one. May be empty.
    pub(super) bot_id: String,
}

/// An event for the bot.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Dispatch<'a> {
    /// Id of the event, not of the message in it; may be empty.
    pub(crate) event_id: Cow<'a, str>,
    /// `t`, such as `C2C_MESSAGE_CREATE`.
    pub(crate) name: Cow<'a, str>,
    /// `d`, as JSON.
    pub(crate) body: &'a str,
}

/// A frame that means nothing to this channel.
pub(super) fn note_unknown(host: &mut Host) {
    host.count("frames_unknown");
    host.note_seldom("op", Level::Debug, "gateway: unknown opcode; ignored");
}

/// A frame that is no JSON, or not even text.
pub(super) fn note_malformed(what: &str, host: &mut Host) {
    host.count("frames_malformed");
    let text = format!("gateway: {what}; ignored");
    host.note_seldom("frame", Level::Warn, &text);
}

/// A frame the host left out.
pub(super) fn note_skipped(size: u64, host: &mut Host) {
    host.count("frames_skipped");
    let text = format!(
        "gateway: a frame of {size} bytes is larger than the host gives; it is left out, and a \
         message in it with it"
    );
    host.note_seldom("frame_skipped", Level::Warn, &text);
}

/// Op 1: the last sequence number, or `null` before the first dispatch.
pub(super) fn heartbeat(socket: Id, seq: Option<u64>) -> SendText {
    let text = match seq {
        Some(seq) => format!(r#"{{"op":1,"d":{seq}}}"#),
        None => r#"{"op":1,"d":null}"#.to_owned(),
    };
    SendText {
        id: socket,
        text,
        secrets: Vec::new(),
    }
}

/// Op 2. `shard` is `[0,1]` for a bot that does not shard.
pub(super) fn identify(socket: Id, intents: u32) -> SendText {
    with_token(
        socket,
        format!(r#"{{"op":2,"d":{{"intents":{intents},"shard":[0,1],"properties":{{}}}}}}"#),
    )
}

/// Op 6.
pub(super) fn resume(socket: Id, session_id: &str, seq: u64) -> SendText {
    let session_id = serde_json::Value::from(session_id);
    with_token(
        socket,
        format!(r#"{{"op":6,"d":{{"session_id":{session_id},"seq":{seq}}}}}"#),
    )
}

/// The host puts `QQBot <current token>` at `/d/token`.
fn with_token(socket: Id, text: String) -> SendText {
    SendText {
        id: socket,
        text,
        secrets: vec![SecretUse {
            secret: token::SECRET.to_owned(),
            place: SecretPlace::Json("/d/token".to_owned()),
            prefix: "QQBot ".to_owned(),
        }],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_and_odd_envelopes_are_data() {
        for (text, op) in [
            ("{}", Op::Unknown),
            (r#"{"op":99}"#, Op::Unknown),
            (r#"{"op":null,"t":null,"s":null,"d":null}"#, Op::Unknown),
            (r#"{"op":"11"}"#, Op::HeartbeatAck),
            (r#"{"op":0,"t":5,"d":[1]}"#, Op::Dispatch),
        ] {
            assert_eq!(Frame::parse(text).map(|f| f.op()), Some(op), "{text}");
        }
        for text in ["", "hello", "1", "[]", "[0]", "\"x\"", "{"] {
            assert!(Frame::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_hello_without_interval_and_a_ready_without_session_read_as_absent() {
        for d in [
            "null",
            "\"\"",
            "{}",
            "[]",
            "7",
            r#"{"heartbeat_interval":null,"session_id":null}"#,
        ] {
            let text = format!(r#"{{"op":10,"d":{d}}}"#);
            let frame = Frame::parse(&text);
            assert_eq!(
                frame.as_ref().and_then(Frame::heartbeat_interval_ms),
                None,
                "{d}"
            );
            assert_eq!(frame.as_ref().and_then(Frame::ready), None, "{d}");
        }
    }
}

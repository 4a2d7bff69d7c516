//! `--events json`: one JSON object a line on standard output, whole lines only.

use std::io::Write;

use prx_channel_host::json;
use prx_channel_host::{ErrorKind, Result, StatusReport, caused};
use serde_json::{Value, json};

use super::pen::Pen;
use crate::agent::Happened;

/// Prints what happens. Clones share the output.
#[derive(Clone)]
pub(super) struct Printer(Pen);

impl Printer {
    pub(super) fn new() -> Result<Self> {
        let dropped = |lines: u64| format!("{}\n", json!({ "event": "dropped", "lines": lines }));
        let pen = Pen::new(std::io::stdout(), dropped);
        pen.map(Self)
            .map_err(caused(ErrorKind::Fatal, "standard output"))
    }

    pub(super) fn pen(&self) -> Pen {
        self.0.clone()
    }

    pub(super) fn status(&self, channel: &str, report: &StatusReport) {
        let mut line = json!({ "event": "status", "channel": channel });
        merge(&mut line, json::status(report));
        self.print(&line);
    }

    pub(super) fn happened(&self, channel: &str, happened: &Happened) {
        let line = match happened {
            Happened::Message(message) => {
                json!({ "event": "message", "channel": channel, "again": message.again, "message": json::inbound(&message.message) })
            }
            Happened::Reply {
                turn,
                recipient,
                text,
                outcome,
            } => {
                let mut line = json!({ "event": "reply", "channel": channel, "turn": turn, "recipient": recipient, "text": text });
                merge(&mut line, json::outcome(outcome));
                line
            }
            Happened::Settled {
                turn,
                recipient,
                message_id,
                outcome,
            } => {
                let mut line = json!({ "event": "settled", "channel": channel, "turn": turn, "recipient": recipient, "message_id": message_id });
                merge(&mut line, json::outcome(outcome));
                line
            }
        };
        self.print(&line);
    }

    fn print(&self, line: &Value) {
        // A pen takes everything.
        let _always = self.pen().write_all(format!("{line}\n").as_bytes());
    }
}

fn merge(into: &mut Value, from: Value) {
    if let (Value::Object(into), Value::Object(from)) = (into, from) {
        into.extend(from);
    }
}

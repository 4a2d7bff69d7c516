//! Frames from a client: what each opcode means at each moment.

use serde_json::{Value, json};

use crate::faults::Fault;
use crate::journal::record::Record;
use crate::world::World;
use crate::world::deliver::{End, Step};
use crate::world::rate::MINUTE;

/// Opcodes that exist at all, in either direction.
const KNOWN: [u64; 9] = [0, 1, 2, 6, 7, 9, 10, 11, 12];

impl World {
    /// Reads a frame and answers it.
    pub(crate) fn receive(&mut self, number: u64, text: &str) -> Vec<Step> {
        let frame: Value = serde_json::from_str(text).unwrap_or(Value::Null);
        let op = frame.get("op").and_then(Value::as_u64);
        self.note_frame(number, op, text, &frame);
        if self.is_too_fast(number) {
            return vec![Step::End(End::Close(4008, "sending too fast"))];
        }
        let d = frame.get("d").unwrap_or(&Value::Null);
        match op {
            None => vec![Step::End(End::Close(4002, "invalid payload"))],
            Some(1) => self.heartbeat(number),
            Some(2) => self.identify(number, d),
            Some(6) => self.resume(number, d),
            Some(op) => self.misplaced(number, op),
        }
    }

    /// Acknowledged before Identify too: most clients start their timer at Hello.
    /// The value is not checked, one SDK is known to send it under another key.
    fn heartbeat(&mut self, number: u64) -> Vec<Step> {
        if self
            .take_fault(number, |fault| *fault == Fault::SkipNextAck)
            .is_some()
        {
            return vec![Step::Beat];
        }
        vec![Step::Beat, Step::Send(json!({"op": 11}))]
    }

    fn misplaced(&self, number: u64, op: u64) -> Vec<Step> {
        let is_known = KNOWN.contains(&op);
        let has_session = self
            .links
            .get(&number)
            .is_some_and(|link| link.session.is_some());
        match (self.config.rules.opcodes, is_known, has_session) {
            (false, ..) => Vec::new(),
            (true, true, false) => vec![Step::End(End::Close(4003, "not authenticated"))],
            _ => vec![Step::End(End::Close(4001, "invalid opcode"))],
        }
    }

    fn is_too_fast(&mut self, number: u64) -> bool {
        let now = self.clock.now_ms();
        let Some(limit) = self.config.rules.frames_per_minute else {
            return false;
        };
        let Some(link) = self.links.get_mut(&number) else {
            return false;
        };
        link.frames.note(now);
        link.frames.used(now, MINUTE) > limit as usize
    }

    fn note_frame(&self, number: u64, op: Option<u64>, text: &str, frame: &Value) {
        let mut shown = if op.is_some() {
            frame.clone()
        } else {
            Value::from(text)
        };
        if let Some(token) = shown.pointer_mut("/d/token") {
            let word = token
                .as_str()
                .and_then(|token| token.strip_prefix("QQBot "));
            let is_right = word.is_some_and(|token| self.owner_of(token).is_some());
            *token = Value::from(if is_right {
                "<right token>"
            } else {
                "<wrong token>"
            });
        }
        let frame = self.journal.redacted(shown);
        self.journal
            .push(Some(number), Record::FrameIn { op, frame });
    }
}

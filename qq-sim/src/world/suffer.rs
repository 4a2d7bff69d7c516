//! Faults that befall a socket, and how they are taken from the queue.

use std::time::Duration;

use serde_json::json;

use super::World;
use super::deliver::{End, Step};
use crate::faults::{Fault, FaultQueue, is_resumable};
use crate::journal::record::Record;

impl World {
    /// Carries a fault out on a socket.
    pub(super) fn suffer(&mut self, number: u64, session: &str, fault: Fault) -> Vec<Step> {
        self.note_fault(number, &fault);
        match fault {
            Fault::CloseWith(code) => {
                if !is_resumable(code) {
                    self.sessions.remove(session);
                }
                vec![Step::End(End::Close(code, "scripted"))]
            }
            Fault::InvalidSession(resumable) => {
                let told = Step::Send(json!({"op": 9, "d": resumable}));
                if resumable {
                    return vec![told];
                }
                self.sessions.remove(session);
                vec![told, Step::End(End::Close(4006, "invalid session"))]
            }
            Fault::ReconnectThenClose { code, ms } => vec![
                Step::Send(json!({"op": 7})),
                Step::EndLater(Duration::from_millis(ms), End::Close(code, "scripted")),
            ],
            Fault::DelayFrames { ms } => vec![Step::Delay(Duration::from_millis(ms))],
            Fault::ResetSocket => vec![Step::End(End::Reset)],
            Fault::Reconnect => vec![Step::Send(json!({"op": 7}))],
            Fault::ServerHeartbeat => vec![Step::Send(json!({"op": 1, "d": null}))],
            Fault::GarbageFrame(text) => vec![Step::Garbage(text)],
            Fault::OversizedFrame { bytes } => vec![Step::Garbage(oversized(bytes as usize))],
            Fault::BrokenText => vec![Step::BrokenText],
            Fault::Silence => vec![Step::End(End::Silence)],
            _ => vec![Step::End(End::Drop)],
        }
    }

    /// Forgets every fault that has not happened yet.
    pub(crate) fn clear_faults(&mut self) {
        self.faults = FaultQueue::default();
        self.links.values_mut().for_each(|link| link.orders.clear());
    }

    /// Takes the first waiting fault that fits, and says so in the journal.
    pub(crate) fn take_fault(
        &mut self,
        number: u64,
        fits: impl Fn(&Fault) -> bool,
    ) -> Option<Fault> {
        let fault = self.faults.take(fits)?;
        self.note_fault(number, &fault);
        Some(fault)
    }

    fn note_fault(&self, number: u64, fault: &Fault) {
        self.journal.push(
            Some(number),
            Record::FaultFired {
                fault: fault.clone(),
            },
        );
    }

    /// An end that was announced has come: a final code takes the session with it.
    pub(crate) fn conclude(&mut self, number: u64, end: &End) {
        if matches!(end, End::Close(code, _) if !is_resumable(*code)) {
            self.sessions
                .retain(|_, session| session.attached != Some(number));
        }
    }
}

/// A frame of exactly so many bytes, if it is not very short.
fn oversized(bytes: usize) -> String {
    let frame = |padding: usize| format!(r#"{{"op":99,"d":"{}"}}"#, "x".repeat(padding));
    frame(bytes.saturating_sub(frame(0).len()))
}

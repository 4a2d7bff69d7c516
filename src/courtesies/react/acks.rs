//! Confirms receipt: 👀 on a message, ✅ or ⚠️ in its place when it is answered.
//!
//! One request at a time for a message, so that a quick answer is not overtaken
//! by what it replaces. What was asked for counts as set before the answer comes:
//! taking off what is not there does no harm. Nothing of this disturbs a turn.

use crate::contract::{Failure, Level, TurnEnd, TurnOutcome};
use crate::courtesies::calls::{Call, Purpose};
use crate::courtesies::react::marks::{Ack, Acks, Step};
use crate::courtesies::react::{Emoji, url};
use crate::cx::Cx;
use crate::host::Host;
use crate::target::ReplyTarget;

/// 👀, ✅ and ⚠️ as code points.
const RECEIVED: u32 = 128_064;
const ANSWERED: u32 = 9_989;
const FAILED: u32 = 9_888;

/// Longer ids are none, and do not fit into a key.
const LONGEST_ID: usize = 200;
const DEADLINE_MS: u64 = 30_000;

impl Acks {
    /// A message was delivered; whether there is something to do.
    pub(crate) fn mark(&mut self, target: &str, id: &str, cx: &mut Cx) -> bool {
        let fits = !id.is_empty() && id.len() <= LONGEST_ID;
        if !cx.settings.ack_reactions || !fits || self.all.contains_key(id) {
            return false;
        }
        let ack = Ack {
            target: target.to_owned(),
            wanted: Some(RECEIVED),
            set: Vec::new(),
            since_wall_ms: cx.host.now().wall_ms,
            is_ended: false,
            is_busy: false,
        };
        let is_marked = self.insert(id, ack, &mut cx.host);
        if !is_marked {
            cx.host.count("acks_left_out");
        }
        is_marked
    }

    /// A turn is over; whether there is something to do.
    pub(crate) fn turn_ended(&mut self, end: &TurnEnd, host: &mut Host) -> bool {
        let ack = self.all.get_mut(&end.message_id);
        let Some(ack) = ack.filter(|ack| ack.target == end.recipient) else {
            return false;
        };
        ack.is_ended = true;
        ack.wanted = match end.outcome {
            TurnOutcome::Answered => Some(ANSWERED),
            TurnOutcome::Failed => Some(FAILED),
            TurnOutcome::Cancelled => None,
        };
        self.save(&end.message_id, host);
        true
    }

    /// Whether something is to be done.
    pub(crate) fn are_due(&self) -> bool {
        !self.due.is_empty()
    }

    /// The next change to be made.
    pub(in crate::courtesies) fn next_call(&mut self, cx: &mut Cx) -> Option<Call> {
        while let Some((id, step)) = self.next(&mut cx.host) {
            if let Some(call) = self.take_step(id, step, cx) {
                return Some(call);
            }
        }
        None
    }

    fn take_step(&mut self, id: String, step: Step, cx: &mut Cx) -> Option<Call> {
        let ack = self.all.get_mut(&id)?;
        let emoji = Emoji::unicode(step.emoji);
        let is_ours =
            ReplyTarget::parse(&ack.target).is_some_and(|t| t.app_id == cx.settings.app_id);
        let url = url(&cx.settings.api, &ack.target, &id, emoji).filter(|_| is_ours);
        let Some(url) = url else {
            self.forget(&id, &mut cx.host);
            return None;
        };
        ack.is_busy = true;
        if step.add {
            ack.set.push(step.emoji);
        }
        self.save(&id, &mut cx.host);
        let method = if step.add { "PUT" } else { "DELETE" };
        let (purpose, body) = (Purpose::Acknowledge { id, step }, String::new());
        Some(Call::new(purpose, method, url, body, DEADLINE_MS, &cx.host))
    }

    /// A step was taken, or cannot be. What cannot be set is not set again, and
    /// what cannot be taken off stays.
    pub(crate) fn step_taken(
        &mut self,
        id: &str,
        step: Step,
        failure: Option<&Failure>,
        host: &mut Host,
    ) {
        if let Some(failure) = failure {
            host.count("acks_failed");
            let text = format!("a reaction was not changed: {failure}");
            host.note_seldom("ack", Level::Debug, &text);
        }
        let Some(ack) = self.all.get_mut(id) else {
            return;
        };
        ack.is_busy = false;
        if !step.add || failure.is_some() {
            ack.set.retain(|set| *set != step.emoji);
        }
        if step.add && failure.is_some() && ack.wanted == Some(step.emoji) {
            ack.wanted = None;
        }
        self.save(id, host);
    }
}

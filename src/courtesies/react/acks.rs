//! Confirms receipt: 👀 on a message, ✅ or ⚠️ in its place when it is answered.
//!
//! One request at a time for a message, so that a quick answer is not overtaken
//! by what it replaces. What was asked for counts as set before the answer comes:
//! taking off what is not there does no harm. Nothing of this disturbs a turn.

use crate::contract::{Failure, Id, Level, Receipt, TurnEnd, TurnOutcome};
use crate::courtesies::react::marks::{Ack, Step};
use crate::courtesies::react::{Emoji, url};
use crate::courtesies::{Call, Purpose};
use crate::cx::Cx;
use crate::host::Host;
use crate::replies::{Outbound, entry};
use crate::target::{ReplyTarget, Scene};

/// 👀, ✅ and ⚠️ as code points.
const RECEIVED: u32 = 128_064;
const ANSWERED: u32 = 9_989;
const FAILED: u32 = 9_888;

/// Longer ids are none, and do not fit into a key.
const LONGEST_ID: usize = 200;
const DEADLINE_MS: u64 = 30_000;

impl Outbound {
    /// A message was delivered.
    pub(crate) fn acknowledge(&mut self, target: &str, scene: Scene, id: &str, cx: &mut Cx) {
        let fits = !id.is_empty() && id.len() <= LONGEST_ID;
        if !cx.settings.ack_reactions
            || scene != Scene::Channel
            || !fits
            || self.acks.all.contains_key(id)
        {
            return;
        }
        let ack = Ack {
            target: target.to_owned(),
            wanted: Some(RECEIVED),
            set: Vec::new(),
            since_wall_ms: cx.host.now().wall_ms,
            is_ended: false,
            is_busy: false,
        };
        if !self.acks.insert(id, ack, &mut cx.host) {
            return cx.host.count("acks_left_out");
        }
        self.advance_acks(cx);
        self.watch_too(&mut cx.host);
    }

    /// The command `turn-ended`.
    pub(crate) fn turn_ended(&mut self, command: Id, end: &TurnEnd, cx: &mut Cx) {
        cx.host.complete(command, Ok(Receipt::nothing()));
        self.typing.lift(&end.recipient);
        let needs = entry::needed(&self.lanes, &self.streams, &self.gone);
        cx.ledger
            .turn_ended(&end.recipient, &end.message_id, needs, &mut cx.host);
        let ack = self.acks.all.get_mut(&end.message_id);
        let Some(ack) = ack.filter(|ack| ack.target == end.recipient) else {
            return;
        };
        ack.is_ended = true;
        ack.wanted = match end.outcome {
            TurnOutcome::Answered => Some(ANSWERED),
            TurnOutcome::Failed => Some(FAILED),
            TurnOutcome::Cancelled => None,
        };
        self.acks.save(&end.message_id, &mut cx.host);
        self.advance_acks(cx);
        self.watch_too(&mut cx.host);
    }

    /// Does what is to be done, as far as there is room.
    pub(crate) fn advance_acks(&mut self, cx: &mut Cx) {
        while self.calls.has_room_for_trifles() {
            let Some((id, step)) = self.acks.next(&mut cx.host) else {
                break;
            };
            self.take_step(id, step, cx);
        }
    }

    /// When something is to be done, monotonic milliseconds: an instance may
    /// have died over it.
    pub(crate) fn acks_due_ms(&self, now_ms: u64) -> Option<u64> {
        let is_due = self.calls.has_room_for_trifles() && !self.acks.due.is_empty();
        is_due.then(|| now_ms.saturating_add(1))
    }

    fn take_step(&mut self, id: String, step: Step, cx: &mut Cx) {
        let Some(ack) = self.acks.all.get_mut(&id) else {
            return;
        };
        let emoji = Emoji::unicode(step.emoji);
        let target =
            ReplyTarget::parse(&ack.target).is_some_and(|t| t.app_id == cx.settings.app_id);
        let url = url(&cx.settings.api, &ack.target, &id, emoji).filter(|_| target);
        let Some(url) = url else {
            return self.acks.forget(&id, &mut cx.host);
        };
        ack.is_busy = true;
        if step.add {
            ack.set.push(step.emoji);
        }
        self.acks.save(&id, &mut cx.host);
        let method = if step.add { "PUT" } else { "DELETE" };
        let purpose = Purpose::Acknowledge { id, step };
        let call = Call::new(purpose, method, url, String::new(), DEADLINE_MS, &cx.host);
        self.submit_call(call, cx);
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
        let Some(ack) = self.acks.all.get_mut(id) else {
            return;
        };
        ack.is_busy = false;
        if !step.add || failure.is_some() {
            ack.set.retain(|set| *set != step.emoji);
        }
        if step.add && failure.is_some() && ack.wanted == Some(step.emoji) {
            ack.wanted = None;
        }
        self.acks.save(id, host);
    }
}

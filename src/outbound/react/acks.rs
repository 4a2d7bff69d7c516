//! Confirms receipt: 👀 on a message, ✅ or ⚠️ in its place when it is answered.
//!
//! One request at a time for a message, so that a quick answer is not overtaken
//! by what it replaces. What was asked for counts as set before the answer comes:
//! taking off what is not there does no harm. Nothing of this disturbs a turn.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Emoji, url};
use crate::contract::{Failure, Level, Receipt, Token as Id, TurnEnd, TurnOutcome};
use crate::host::Host;
use crate::outbound::calls::{Call, Purpose};
use crate::outbound::{Outbound, entry};
use crate::state::{self, State};
use crate::target::{ReplyTarget, Scene};
use crate::token::Token;
use crate::wire;

/// 👀, ✅ and ⚠️ as code points.
const RECEIVED: u32 = 128_064;
const ANSWERED: u32 = 9_989;
const FAILED: u32 = 9_888;

/// Bytes of keys and values: some ten thousand messages. Beyond it no further
/// message is marked; one that is marked must not stay so for ever.
const MOST_BYTES: usize = 2 * 1024 * 1024;
/// Bytes of a key and a value beside the message's and the chat's ids.
const BYTES_OF_ONE: usize = 96;
/// A message whose turn takes longer makes room.
const LONGEST_TURN_MS: u64 = 60 * 60_000;
/// Longer ids are none, and do not fit into a key.
const LONGEST_ID: usize = 200;
const DEADLINE_MS: u64 = 30_000;

/// What one message shows.
#[derive(Debug, Serialize, Deserialize)]
struct Ack {
    /// Reply target.
    target: String,
    wanted: Option<u32>,
    set: Vec<u32>,
    /// When it came, Unix milliseconds.
    #[serde(default)]
    since_wall_ms: u64,
    /// Its turn is over; forgotten when nothing is left to do.
    #[serde(default)]
    is_ended: bool,
    #[serde(skip)]
    is_busy: bool,
}

/// What is to be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::outbound) struct Step {
    emoji: u32,
    add: bool,
}

impl Ack {
    fn next(&self) -> Option<Step> {
        if let Some(emoji) = self.wanted.filter(|emoji| !self.set.contains(emoji)) {
            return Some(Step { emoji, add: true });
        }
        let unwanted = self.set.iter().find(|set| self.wanted != Some(**set));
        unwanted.map(|&emoji| Step { emoji, add: false })
    }

    /// Whether it is to be looked at.
    fn is_due(&self) -> bool {
        !self.is_busy && (self.is_ended || self.next().is_some())
    }

    fn bytes(&self, id: &str) -> usize {
        id.len() + self.target.len() + BYTES_OF_ONE
    }
}

/// By message id.
#[derive(Debug, Default)]
pub(in crate::outbound) struct Acks {
    all: BTreeMap<String, Ack>,
    /// With the time they came.
    order: BTreeSet<(u64, String)>,
    /// Those to be looked at.
    due: BTreeSet<String>,
    bytes: usize,
}

impl Acks {
    pub(in crate::outbound) fn load(state: &State) -> Self {
        let mut acks = Self::default();
        for (id, value) in state.under(state::ACK) {
            if let Some(ack) = wire::read(value) {
                acks.place(id, ack);
            }
        }
        acks
    }

    /// Whether there was room for it.
    fn insert(&mut self, id: &str, ack: Ack, host: &mut Host) -> bool {
        if self.bytes + ack.bytes(id) > MOST_BYTES {
            let oldest = self.order.first().cloned();
            let is_old = |since_ms| ack.since_wall_ms.saturating_sub(since_ms) >= LONGEST_TURN_MS;
            let Some((_, oldest)) = oldest.filter(|(since_ms, _)| is_old(*since_ms)) else {
                return false;
            };
            self.forget(&oldest, host);
        }
        self.place(id, ack);
        true
    }

    fn place(&mut self, id: &str, ack: Ack) {
        self.bytes += ack.bytes(id);
        self.order.insert((ack.since_wall_ms, id.to_owned()));
        self.all.insert(id.to_owned(), ack);
        self.look(id);
    }

    /// Something about it changed.
    fn look(&mut self, id: &str) {
        if self.all.get(id).is_some_and(Ack::is_due) {
            self.due.insert(id.to_owned());
        } else {
            self.due.remove(id);
        }
    }

    fn forget(&mut self, id: &str, host: &mut Host) {
        self.due.remove(id);
        if let Some(ack) = self.all.remove(id) {
            self.bytes -= ack.bytes(id);
            self.order.remove(&(ack.since_wall_ms, id.to_owned()));
            host.remove(key(id));
        }
    }

    fn save(&mut self, id: &str, host: &mut Host) {
        self.look(id);
        if let Some(ack) = self.all.get(id) {
            host.put(key(id), state::encode(ack));
        }
    }

    /// The first message something is to be done about; forgets those that are
    /// done.
    fn next(&mut self, host: &mut Host) -> Option<(String, Step)> {
        while let Some(id) = self.due.first().cloned() {
            match self.all.get(&id).and_then(Ack::next) {
                Some(step) => return Some((id, step)),
                None => self.forget(&id, host),
            }
        }
        None
    }
}

fn key(id: &str) -> String {
    format!("{}{id}", state::ACK)
}

impl Outbound {
    /// A message was delivered.
    pub(crate) fn acknowledge(
        &mut self,
        target: &str,
        scene: Scene,
        id: &str,
        token: &mut Token,
        host: &mut Host,
    ) {
        let fits = !id.is_empty() && id.len() <= LONGEST_ID;
        if !self.acks_on || scene != Scene::Channel || !fits || self.acks.all.contains_key(id) {
            return;
        }
        let ack = Ack {
            target: target.to_owned(),
            wanted: Some(RECEIVED),
            set: Vec::new(),
            since_wall_ms: host.now().wall_ms,
            is_ended: false,
            is_busy: false,
        };
        if !self.acks.insert(id, ack, host) {
            return host.count("acks_left_out");
        }
        self.advance_acks(token, host);
        self.watch(host);
    }

    /// The command `turn-ended`.
    pub(crate) fn turn_ended(
        &mut self,
        command: Id,
        end: &TurnEnd,
        token: &mut Token,
        host: &mut Host,
    ) {
        host.complete(command, Ok(Receipt::nothing()));
        self.typing.lift(&end.recipient);
        let needs = entry::needed(&self.lanes, &self.drafts);
        self.ledger
            .turn_ended(&end.recipient, &end.message_id, needs, host);
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
        self.acks.save(&end.message_id, host);
        self.advance_acks(token, host);
        self.watch(host);
    }

    /// Does what is to be done, as far as there is room.
    pub(in crate::outbound) fn advance_acks(&mut self, token: &mut Token, host: &mut Host) {
        while self.calls.has_room_for_trifles() {
            let Some((id, step)) = self.acks.next(host) else {
                break;
            };
            self.take_step(id, step, token, host);
        }
    }

    /// When something is to be done, monotonic milliseconds: an instance may
    /// have died over it.
    pub(in crate::outbound) fn acks_due_ms(&self, now_ms: u64) -> Option<u64> {
        let is_due = self.calls.has_room_for_trifles() && !self.acks.due.is_empty();
        is_due.then_some(now_ms)
    }

    fn take_step(&mut self, id: String, step: Step, token: &mut Token, host: &mut Host) {
        let Some(ack) = self.acks.all.get_mut(&id) else {
            return;
        };
        let emoji = Emoji::unicode(step.emoji);
        let target = ReplyTarget::parse(&ack.target).is_some_and(|t| t.app_id == self.app_id);
        let url = url(&self.api, &ack.target, &id, emoji).filter(|_| target);
        let Some(url) = url else {
            return self.acks.forget(&id, host);
        };
        ack.is_busy = true;
        if step.add {
            ack.set.push(step.emoji);
        }
        self.acks.save(&id, host);
        let method = if step.add { "PUT" } else { "DELETE" };
        let purpose = Purpose::Acknowledge { id, step };
        let call = Call::new(purpose, method, url, String::new(), DEADLINE_MS, host);
        self.submit_call(call, token, host);
    }

    /// A step was taken, or cannot be. What cannot be set is not set again, and
    /// what cannot be taken off stays.
    pub(in crate::outbound) fn step_taken(
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::Action;
    use crate::host::tests::host;

    #[test]
    fn a_marked_message_is_remembered_until_its_turn_is_over() {
        let (mut host, mut acks) = (host(), Acks::default());
        let id = |n: u64| format!("{n:0>80}");
        let ack = |since_wall_ms| Ack {
            target: "channel:102:1234567890123456789/1234567890".to_owned(),
            wanted: Some(RECEIVED),
            set: vec![RECEIVED],
            since_wall_ms,
            is_ended: false,
            is_busy: false,
        };
        let mut marked = 0;
        while acks.insert(&id(marked), ack(marked), &mut host) {
            acks.save(&id(marked), &mut host);
            marked += 1;
        }
        assert!(marked > 2 * 4_096, "{marked}");
        assert!(acks.all.contains_key(&id(0)));
        let stored = |action: &Action| match action {
            Action::Put(put) => put.key.len() + put.value.len(),
            _ => 0,
        };
        let stored: usize = host.take_actions().iter().map(stored).sum();
        assert!(stored <= MOST_BYTES * 5 / 4, "{stored}");
        assert!(acks.insert(&id(marked), ack(LONGEST_TURN_MS), &mut host));
        assert!(!acks.all.contains_key(&id(0)));
    }
}

//! One reply on its way, stored until it is done.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::compose::media::Media;
use crate::compose::part::Part;
use crate::contract::{Action, Delivery, Failure, Id, Level};
use crate::cx::Cx;
use crate::host::{Host, Now};
use crate::ledger::Anchor;
use crate::replies::origin::{Attempt, Origin};
use crate::replies::owner::Owner;
use crate::requests::attempts::{Attempts, RetryPolicy};
use crate::requests::until::Until;
use crate::state;

/// How long the later replies of a chat wait behind one that meets trouble.
const PATIENCE_MS: u64 = 30_000;

/// A reply: messages that go to one chat one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Reply {
    pub(crate) origin: Origin,
    /// Reply target.
    pub(crate) target: String,
    /// Id of the message to answer, if the command named one.
    pub(crate) reply_to: Option<String>,
    /// What the platform calls the message that the first part quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) quote: Option<String>,
    /// What is left to send; the first is under way.
    pub(crate) parts: VecDeque<Part>,
    /// Platform ids of what was sent.
    #[serde(default)]
    pub(super) ids: Vec<String>,
    /// How it was sent so far.
    #[serde(default)]
    pub(super) how: Option<Delivery>,
    /// Numbers of the parts that were sent.
    #[serde(default)]
    pub(super) spent: Vec<Anchor>,
    /// Why something of it was left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) trouble: Option<Failure>,
    /// What the part under way answers; absent if nothing.
    pub(crate) anchor: Option<Anchor>,
    /// The request of the part under way.
    pub(crate) request: Option<Id>,
    #[serde(default)]
    pub(crate) attempt: Attempt,
    /// Attempts at the part under way.
    #[serde(skip)]
    pub(crate) attempts: Attempts,
    /// Why the last of them failed.
    #[serde(skip)]
    pub(crate) why: Option<Failure>,
    /// When the later replies of its chat stop waiting for it; set when it meets
    /// trouble.
    #[serde(default)]
    late: Option<Until>,
    /// When its command is answered, sent or not; absent when nobody waits (any
    /// more).
    pub(crate) deadline: Option<Until>,
    /// Who is told later what became of it.
    #[serde(default)]
    pub(crate) owners: Vec<Owner>,
    /// Until when what `anchor` names takes replies.
    #[serde(default)]
    window: Option<Until>,
    /// Until when it is tried at all.
    life: Until,
}

impl Reply {
    /// A reply that has not been tried.
    pub(crate) fn new(origin: Origin, target: String, parts: VecDeque<Part>, life: Until) -> Self {
        Self {
            origin,
            target,
            reply_to: None,
            quote: None,
            parts,
            ids: Vec::new(),
            how: None,
            spent: Vec::new(),
            trouble: None,
            anchor: None,
            request: None,
            attempt: Attempt::First,
            attempts: Attempts::default(),
            why: None,
            late: None,
            deadline: None,
            owners: Vec::new(),
            window: None,
            life,
        }
    }

    /// It was stored, perhaps by another process.
    pub(crate) fn adopt(&mut self, now: Now) {
        let again = |until: Option<Until>| until.map(|until| until.again(now));
        self.late = again(self.late);
        self.deadline = again(self.deadline);
        self.window = again(self.window);
        self.life = self.life.again(now);
    }

    /// It answers this, which takes replies until then.
    pub(crate) fn answer(&mut self, anchor: Anchor, until: Until) {
        self.anchor = Some(anchor);
        self.window = Some(until);
    }

    /// When it is not to be tried any more, as things are.
    pub(crate) fn end(&self) -> Until {
        self.window
            .filter(|_| self.anchor.is_some())
            .unwrap_or(self.life)
    }

    /// When its command must be answered, monotonic milliseconds.
    pub(crate) fn answer_by_ms(&self) -> u64 {
        self.deadline.map_or(u64::MAX, Until::mono_ms)
    }

    /// Whether later replies of its chat go before it.
    pub(crate) fn is_late(&self, now: Now) -> bool {
        self.late.is_some_and(|late| late.is_over(now))
    }

    /// When it becomes late, monotonic milliseconds.
    pub(crate) fn late_ms(&self) -> Option<u64> {
        Some(self.late?.mono_ms())
    }

    /// An attempt failed; false: there should be no other.
    pub(crate) fn try_again(
        &mut self,
        policy: RetryPolicy,
        failure: &Failure,
        host: &mut Host,
    ) -> bool {
        let now = host.now();
        let asked_ms = failure.retry_after_ms;
        if !self.attempts.again(policy, asked_ms, u64::MAX, now.mono_ms) {
            return false;
        }
        self.why = Some(failure.clone());
        self.late
            .get_or_insert_with(|| Until::after(PATIENCE_MS, now));
        self.save(host);
        host.count("sends_repeated");
        let text = format!("a message waits and is tried again: {failure}");
        host.note_seldom("sends_repeated", Level::Warn, &text);
        true
    }

    /// It goes on where another message ended.
    pub(crate) fn follow(&mut self, id: Option<String>, how: Delivery) {
        self.ids.extend(id);
        self.how = Some(how);
    }

    pub(crate) const fn command(&self) -> Option<Id> {
        match self.origin {
            Origin::Command(id) => Some(id),
            Origin::Own(_) | Origin::Kept(_) => None,
        }
    }

    /// Every number it may have used.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = &Anchor> {
        self.spent.iter().chain(&self.anchor)
    }

    /// The platform refused it for a reason of its own: it did not count.
    pub(crate) fn refund(&self, cx: &mut Cx) {
        if let Some(anchor) = &self.anchor {
            cx.ledger.give_back(&self.target, anchor, &mut cx.host);
        }
    }

    /// Nobody will learn what became of its numbers.
    pub(crate) fn unsettle(&self, cx: &mut Cx) {
        for anchor in self.numbers() {
            cx.ledger.unsettle(&self.target, anchor, &mut cx.host);
        }
    }

    /// Whether it is meant for the message `id`, or has a number of it.
    pub(crate) fn needs(&self, id: &str) -> bool {
        self.reply_to.as_deref() == Some(id) || self.numbers().any(|anchor| anchor.msg_id == id)
    }

    /// Bytes of text it holds.
    pub(crate) fn bytes(&self) -> usize {
        self.parts.iter().map(|part| part.text().len()).sum()
    }

    pub(super) fn key(&self) -> String {
        match self.origin {
            Origin::Command(id) => format!("{}{id}", state::SEND),
            Origin::Own(n) | Origin::Kept(n) => format!("{}own/{n}", state::SEND),
        }
    }

    /// Stores it as it is.
    pub(crate) fn save(&self, host: &mut Host) {
        host.put(self.key(), state::encode(self));
    }

    /// Forgets the stored one without a word.
    pub(crate) fn forget(mut self, host: &mut Host) {
        host.remove(self.key());
        self.drop_parts(host);
    }

    /// Its parts are not needed any more, nor what the host holds for them.
    pub(super) fn drop_parts(&mut self, host: &mut Host) {
        while let Some(part) = self.parts.pop_front() {
            self.drop_part(&part, host);
        }
    }

    fn drop_part(&self, part: &Part, host: &mut Host) {
        drop_blob(part.media().and_then(Media::blob), self, host);
    }

    /// The part under way is tried again, in another way.
    pub(crate) const fn start_over(&mut self) {
        self.request = None;
        self.attempt = Attempt::First;
    }

    /// The part under way needs another message to answer.
    pub(crate) fn detach(&mut self) {
        self.start_over();
        self.anchor = None;
    }

    /// The part under way is sent; whether that was the last one.
    pub(crate) fn advance(&mut self, id: Option<String>, how: Delivery, host: &mut Host) -> bool {
        if let Some(part) = self.parts.pop_front() {
            self.drop_part(&part, host);
        }
        self.quote = None;
        self.ids.extend(id);
        self.how = Some(self.how.map_or(how, |before| worse(before, how)));
        self.spent.extend(self.anchor.take());
        self.start_over();
        self.attempts = Attempts::default();
        (self.why, self.late) = (None, None);
        self.parts.is_empty()
    }
}

/// What to say of two messages sent in different ways.
const fn worse(a: Delivery, b: Delivery) -> Delivery {
    const fn rank(how: Delivery) -> u8 {
        match how {
            Delivery::Nothing => 0,
            Delivery::Duplicate => 1,
            Delivery::Passive => 2,
            Delivery::Proactive => 3,
            Delivery::PendingAudit => 4,
            Delivery::Deferred => 5,
        }
    }
    if rank(a) > rank(b) { a } else { b }
}

/// Lets the host forget the bytes of a part that is out of the way, unless
/// another part of the reply is made of them too.
pub(super) fn drop_blob(blob: Option<u64>, reply: &Reply, host: &mut Host) {
    let Some(blob) = blob else { return };
    let is_used = |part: &Part| part.media().and_then(Media::blob) == Some(blob);
    if !reply.parts.iter().any(is_used) {
        host.act(Action::DropBlob(blob));
    }
}

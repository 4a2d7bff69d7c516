//! One message or event that can be answered, and the numbers of its replies.

use serde::{Deserialize, Serialize};

use crate::target::Scene;

/// What a reply answers, and the reply's number among its replies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Anchor {
    /// Id of the message, or of the event.
    pub(crate) msg_id: String,
    /// It is the id of an event.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) is_event: bool,
    /// Absent where the platform knows no numbers: in guilds, and for the first
    /// answer to an event, which counts as unasked with one
    /// (nonebot/adapter-qq#124).
    pub(crate) msg_seq: Option<u32>,
}

impl Anchor {
    /// A message.
    pub(crate) fn message(id: &str) -> Self {
        Self {
            msg_id: id.to_owned(),
            is_event: false,
            msg_seq: None,
        }
    }

    /// An event, by the id of its envelope.
    pub(crate) fn event(id: &str) -> Self {
        Self {
            is_event: true,
            ..Self::message(id)
        }
    }
}

/// A message that can be answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// Counts anchors; it names the stored one.
    #[serde(skip)]
    pub(crate) number: u64,
    /// Its turn is not over, as far as this instance knows: its answer is still
    /// to come.
    #[serde(skip)]
    pub(crate) is_awaited: bool,
    /// When its window closes, by the limits in force.
    #[serde(skip)]
    pub(crate) closes_wall_ms: u64,
    /// Bytes it takes in the stored state.
    #[serde(skip)]
    pub(crate) bytes: usize,
    id: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    is_event: bool,
    /// When it came, by this machine's clock: it is compared with that clock
    /// only, so a wrong clock does no harm.
    received_wall_ms: u64,
    /// Replies sent; [`CLOSED`] when the platform takes no more.
    used: u32,
    next_seq: u32,
    /// Numbers given to replies whose fate died with an earlier host, oldest
    /// first. The next answers to this very message take them: should the first
    /// have arrived, the platform knows the number and shows nothing twice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    unsettled: Vec<u32>,
}

const CLOSED: u32 = u32::MAX;
/// Numbers remembered for a repetition. No message takes so many replies where
/// they are numbered.
const MOST_UNSETTLED: usize = 16;

/// A number for a reply.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) anchor: Anchor,
    /// A reply with this number may have arrived before.
    pub(crate) again: bool,
}

impl Entry {
    pub(crate) fn new(anchor: Anchor, received_wall_ms: u64, closes_wall_ms: u64) -> Self {
        Self {
            number: 0,
            is_awaited: false,
            closes_wall_ms,
            bytes: 0,
            id: anchor.msg_id,
            is_event: anchor.is_event,
            received_wall_ms,
            used: 0,
            next_seq: 1,
            unsettled: Vec::new(),
        }
    }

    /// By its id, or, for an event, by the id of what it brought: it stands
    /// behind the event's name.
    pub(crate) fn is_of(&self, id: &str) -> bool {
        let brought = || self.id.rsplit_once(':').map(|(_, brought)| brought);
        self.id == id || (self.is_event && brought() == Some(id))
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// A message, and no reply to it may have been sent by an earlier host.
    pub(crate) const fn is_plain(&self) -> bool {
        !self.is_event && self.unsettled.is_empty()
    }

    pub(crate) const fn received_wall_ms(&self) -> u64 {
        self.received_wall_ms
    }

    pub(crate) const fn is_open(&self, window_ms: u64, now_ms: u64) -> bool {
        now_ms.saturating_sub(self.received_wall_ms) < window_ms
    }

    /// Nobody knows whether the reply with this number arrived.
    pub(crate) fn unsettle(&mut self, number: Option<u32>) {
        if let Some(number) = number.filter(|number| !self.unsettled.contains(number))
            && self.unsettled.len() < MOST_UNSETTLED
        {
            self.unsettled.push(number);
        }
    }

    /// Replies left of `budget`.
    pub(crate) const fn left(&self, budget: u32) -> u32 {
        if self.used == CLOSED {
            0
        } else {
            budget.saturating_sub(self.used)
        }
    }

    /// The same for an answer to `reply_to`: a message that another turn is to
    /// answer keeps one reply for that.
    pub(crate) fn left_for(&self, reply_to: Option<&str>, budget: u32) -> u32 {
        let is_of_another = reply_to.is_some_and(|id| !self.is_of(id));
        let kept = u32::from(self.is_awaited && is_of_another);
        self.left(budget).saturating_sub(kept)
    }

    pub(crate) const fn close(&mut self) {
        self.used = CLOSED;
    }

    pub(crate) const fn refund(&mut self) {
        if self.used != CLOSED {
            self.used = self.used.saturating_sub(1);
        }
    }

    /// The next number.
    pub(crate) fn next(&mut self, scene: Scene) -> Anchor {
        let seq = self.next_seq;
        self.next_seq += 1;
        let unnumbered = scene.is_guild() || (self.is_event && seq == 1);
        self.anchor((!unnumbered).then_some(seq))
    }

    fn anchor(&self, msg_seq: Option<u32>) -> Anchor {
        Anchor {
            msg_id: self.id.clone(),
            is_event: self.is_event,
            msg_seq,
        }
    }
}

/// Takes a reply from the message `reply_to`. If that has none left it takes one
/// from a message nobody answers any more, or else from the newest one. Beside
/// it, which of the entries changed.
pub(crate) fn take(
    entries: &mut [Entry],
    reply_to: Option<&str>,
    budget: u32,
    scene: Scene,
    open: impl Fn(&Entry) -> bool,
) -> Option<(usize, Taken)> {
    let named = |entry: &Entry| reply_to.is_some_and(|id| entry.is_of(id)) && open(entry);
    if let Some(index) = entries.iter().position(named)
        && let Some(entry) = entries.get_mut(index)
        && !entry.unsettled.is_empty()
    {
        let seq = entry.unsettled.remove(0);
        let anchor = entry.anchor(Some(seq));
        let again = true;
        return Some((index, Taken { anchor, again }));
    }
    let usable = |entry: &Entry| open(entry) && entry.left_for(reply_to, budget) > 0;
    let spare = |entry: &Entry| reply_to.is_some() && !entry.is_awaited && usable(entry);
    let index = entries
        .iter()
        .position(|entry| named(entry) && usable(entry))
        .or_else(|| entries.iter().rposition(spare))
        .or_else(|| entries.iter().rposition(usable))?;
    let entry = entries.get_mut(index)?;
    entry.used = entry.used.saturating_add(1).min(CLOSED - 1);
    let anchor = entry.next(scene);
    let again = false;
    Some((index, Taken { anchor, again }))
}

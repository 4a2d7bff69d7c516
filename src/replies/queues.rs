//! One queue for each chat: order inside a chat, none between chats. Only a
//! reply that has met trouble for long lets later ones go before it.

use std::collections::{BTreeMap, VecDeque};

use crate::contract::{Context, Failure, FailureKind, Id};
use crate::cx::Cx;
use crate::host::{Host, Now};
use crate::owners::Owner;
use crate::replies::adopt::{self, Adopted};
use crate::replies::origin::Origin;
use crate::replies::reply::Reply;
use crate::requests::until::Until;
use crate::state::State;

/// Bytes that wait: a thousand commands may be outstanding, with text of some
/// kilobytes each.
const MOST_BYTES: usize = 8 * 1024 * 1024;
/// Bytes that wait in one chat: one must not fill the room of all.
const MOST_BYTES_IN_CHAT: usize = MOST_BYTES / 4;
/// Bytes a reply takes beside its text.
const BYTES_OF_ONE: usize = 512;
/// Requests in flight at once; the host allows 64, and the gateway, the token,
/// single calls, uploads and growing messages need theirs.
const MOST_IN_FLIGHT: usize = 24;

/// What is under way has until so much before the instance goes away.
const DRAIN_MARGIN_MS: u64 = 500;

/// The replies of one chat.
#[derive(Debug, Default)]
struct Lane {
    replies: VecDeque<Reply>,
    bytes: usize,
}

/// The queues, and whose turn it is.
#[derive(Debug, Default)]
pub(crate) struct Lanes {
    lanes: BTreeMap<String, Lane>,
    /// Chats in the order in which they get their turn.
    turns: VecDeque<String>,
    bytes: usize,
    /// No command waits for an answer that is due before, monotonic milliseconds.
    answer_by_ms: u64,
    /// Replies of an earlier process that are still to be forgotten. Nothing is
    /// sent before.
    gone: Vec<Reply>,
}

impl Lanes {
    /// Takes over what an earlier instance left: what can be answered, and the
    /// replies somebody still waits for, or was told will come later. Beside them
    /// the highest number of a reply without a command.
    pub(crate) fn load(context: &Context, state: &State, cx: &mut Cx) -> (Self, u64) {
        let (mut lanes, mut own) = (Self::default(), 0);
        let mut stored = adopt::load(state, &mut cx.host);
        // What is under way is the first of its chat. Keys are in no such order.
        stored.sort_by_key(|reply| (reply.request.is_none(), reply.origin.order()));
        for reply in stored {
            own = own.max(reply.origin.own());
            match reply.adopted(&context.adopted, &mut cx.host) {
                Adopted::GoesOn(reply) => lanes.put_last(reply),
                Adopted::Gone(reply) => lanes.gone.push(reply),
                Adopted::Over => {}
            }
        }
        lanes.forget_gone(cx);
        (lanes, own)
    }

    /// Forgets the replies of an earlier process, which gives their messages to the
    /// agent again: nobody knows whether they arrived, and the ledger remembers
    /// their numbers for the answers that come. They may be thousands.
    pub(crate) fn forget_gone(&mut self, cx: &mut Cx) {
        while cx.host.has_room()
            && let Some(reply) = self.gone.pop()
        {
            reply.unsettle(cx);
            reply.forget(&mut cx.host);
        }
    }

    /// Whether a message may be sent now.
    pub(crate) fn may_send(&self, host: &Host) -> bool {
        let sends = |owner: &Owner| matches!(owner, Owner::Reply(_));
        let is_busy = host.owners().count(sends) >= MOST_IN_FLIGHT;
        self.gone.is_empty() && !is_busy && host.has_room()
    }

    /// Whether another reply may wait.
    pub(crate) fn has_room(&self, reply: &Reply) -> bool {
        let in_chat = self.lanes.get(&reply.target).map_or(0, |lane| lane.bytes);
        let bytes = bytes(reply);
        in_chat + bytes <= MOST_BYTES_IN_CHAT && self.bytes + bytes <= MOST_BYTES
    }

    /// Puts a reply at the end of its queue.
    pub(crate) fn put_last(&mut self, reply: Reply) {
        self.insert(reply, false);
    }

    /// Puts a reply, or what is left of it, at the front of its queue.
    pub(crate) fn put_back(&mut self, reply: Reply) {
        self.insert(reply, true);
    }

    /// Puts a reply before all others of its chat but the one under way.
    pub(crate) fn put_next(&mut self, reply: Reply) {
        let lane = self.lanes.get(&reply.target);
        let first = lane.and_then(|lane| lane.replies.front());
        if first.is_none_or(|first| first.request.is_none()) {
            return self.put_back(reply);
        }
        let target = reply.target.clone();
        if let Some(first) = self.take(&target) {
            self.put_back(reply);
            self.put_back(first);
        }
    }

    fn insert(&mut self, reply: Reply, front: bool) {
        let bytes = bytes(&reply);
        self.bytes += bytes;
        self.answer_by_ms = self.answer_by_ms.min(reply.answer_by_ms());
        if !self.lanes.contains_key(&reply.target) {
            self.turns.push_back(reply.target.clone());
        }
        let lane = self.lanes.entry(reply.target.clone()).or_default();
        lane.bytes += bytes;
        if front {
            lane.replies.push_front(reply);
        } else {
            lane.replies.push_back(reply);
        }
    }

    /// Takes the first reply of a chat out.
    pub(crate) fn take(&mut self, target: &str) -> Option<Reply> {
        self.take_if(target, |_| true)
    }

    /// Takes the first reply of a chat out that `wanted` names.
    pub(crate) fn take_if(
        &mut self,
        target: &str,
        wanted: impl Fn(&Reply) -> bool,
    ) -> Option<Reply> {
        let lane = self.lanes.get_mut(target)?;
        let index = lane.replies.iter().position(wanted)?;
        let reply = lane.replies.remove(index)?;
        let bytes = bytes(&reply);
        lane.bytes = lane.bytes.saturating_sub(bytes);
        if lane.replies.is_empty() {
            self.lanes.remove(target);
            self.turns.retain(|turn| turn != target);
        }
        self.bytes = self.bytes.saturating_sub(bytes);
        Some(reply)
    }

    /// Takes the reply out whose request this is. Its request is over.
    pub(crate) fn claim(&mut self, target: &str, request: Id) -> Option<Reply> {
        let mut reply = self.take_if(target, |reply| reply.request == Some(request))?;
        reply.request = None;
        Some(reply)
    }

    /// Takes the reply of a chat out whose turn it is; absent while one is under
    /// way, or has to wait.
    pub(crate) fn take_next(&mut self, target: &str, now: Now) -> Option<Reply> {
        let lane = &self.lanes.get(target)?.replies;
        let mut replies = lane.iter();
        let is_due = |reply: &Reply| reply.attempts.is_due(now.mono_ms);
        let next = replies.find(|reply| is_due(reply) || !reply.is_late(now))?;
        let is_free = is_due(next) && lane.iter().all(|reply| reply.request.is_none());
        let origin = next.origin;
        is_free
            .then(|| self.take_if(target, |reply| reply.origin == origin))
            .flatten()
    }

    /// The same of the one that [`Lanes::named`] found.
    pub(crate) fn take_named(&mut self, (target, origin): &(String, Origin)) -> Option<Reply> {
        self.take_if(target, |reply| reply.origin == *origin)
    }

    /// Answers the commands that cannot wait any longer; their replies go on.
    pub(crate) fn answer_overdue(&mut self, host: &mut Host) {
        let now = host.now();
        if self.answer_by_ms > now.mono_ms {
            return;
        }
        let mut next_ms = u64::MAX;
        for reply in self.all_mut() {
            if reply.answer_by_ms() <= now.mono_ms && host.has_room() {
                reply.outlive_command(host);
            }
            next_ms = next_ms.min(reply.answer_by_ms());
        }
        self.answer_by_ms = next_ms;
    }

    /// The instance goes away within this time: what is under way has until
    /// shortly before, and what waits is not waited for.
    pub(crate) fn hurry(&mut self, within_ms: u64, now: Now) {
        let end = Until::after(within_ms.saturating_sub(DRAIN_MARGIN_MS), now);
        for reply in self.all_mut() {
            let until = match reply.request {
                Some(_) => end,
                None => Until::after(0, now),
            };
            reply.deadline = reply.deadline.map(|_| until);
        }
        self.answer_by_ms = 0;
    }

    /// All replies.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Reply> {
        self.lanes.values().flat_map(|lane| &lane.replies)
    }

    /// Where to find the replies that `wanted` names, for a caller who deals with
    /// one after the other.
    pub(crate) fn named(&self, wanted: impl FnMut(&&Reply) -> bool) -> Vec<(String, Origin)> {
        let wanted = self.all().filter(wanted);
        wanted.map(|r| (r.target.clone(), r.origin)).collect()
    }

    /// All replies, to change what is not their text.
    fn all_mut(&mut self) -> impl Iterator<Item = &mut Reply> {
        let lanes = self.lanes.values_mut();
        lanes.flat_map(|lane| &mut lane.replies)
    }

    /// Whether nothing is to be sent to this chat.
    pub(crate) fn is_quiet(&self, target: &str) -> bool {
        self.gone.is_empty() && !self.lanes.contains_key(target)
    }

    /// Whether a message of a chat is needed: a reply is meant for it or has a
    /// number of it, or it must still be told what an earlier process sent.
    pub(crate) fn needs(&self, target: &str, id: &str) -> bool {
        let lane = self.lanes.get(target).map(|lane| lane.replies.iter());
        let of_gone = |reply: &Reply| reply.target == target && reply.needs(id);
        lane.into_iter().flatten().any(|reply| reply.needs(id)) || self.gone.iter().any(of_gone)
    }

    /// When one of the replies is to be looked at again, monotonic milliseconds;
    /// what waits for an answer or a free request is looked at when that is there.
    /// While nothing is sent, only commands must be answered in time.
    pub(crate) fn due_ms(&self, is_paused: bool, now: Now) -> Option<u64> {
        let due = |reply: &Reply| {
            let deadline_ms = reply.answer_by_ms();
            if is_paused || reply.request.is_some() {
                return deadline_ms;
            }
            let late_ms = reply.late_ms().filter(|ms| *ms > now.mono_ms);
            let again_ms = reply.attempts.due_ms(now.mono_ms);
            let tried_ms = late_ms
                .unwrap_or(u64::MAX)
                .min(again_ms.unwrap_or(u64::MAX));
            deadline_ms.min(reply.end().mono_ms()).min(tried_ms)
        };
        let gone_ms = (!self.gone.is_empty()).then_some(now.mono_ms);
        let all = self.all().map(due).chain(gone_ms);
        all.min().filter(|ms| *ms < u64::MAX)
    }

    /// The chat whose turn it is; it is the last then.
    pub(crate) fn next_turn(&mut self) -> Option<String> {
        let target = self.turns.pop_front()?;
        self.turns.push_back(target.clone());
        Some(target)
    }

    /// Chats with something to send.
    pub(crate) fn len(&self) -> usize {
        self.turns.len()
    }
}

/// Why another reply may not wait.
pub(crate) fn full() -> Failure {
    Failure::new(
        FailureKind::RateLimited,
        "too many messages wait to be sent",
    )
    .remedy("Send more slowly; the platform takes a few a second for each chat.")
}

fn bytes(reply: &Reply) -> usize {
    reply.bytes() + BYTES_OF_ONE
}

#[cfg(test)]
mod tests;

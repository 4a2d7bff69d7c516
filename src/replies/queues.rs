//! One queue for each chat: order inside a chat, none between chats. Only a
//! reply that has met trouble for long lets later ones go before it.

use std::collections::{BTreeMap, VecDeque};

use crate::contract::Id;
use crate::host::Now;
use crate::owners::{Owner, Owners};
use crate::replies::reply::{Origin, Reply};
use crate::requests::until::Until;

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
}

impl Lanes {
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
    pub(crate) fn all_mut(&mut self) -> impl Iterator<Item = &mut Reply> {
        let lanes = self.lanes.values_mut();
        lanes.flat_map(|lane| &mut lane.replies)
    }

    /// Whether something is to be sent to this chat.
    pub(crate) fn has(&self, target: &str) -> bool {
        self.lanes.contains_key(target)
    }

    /// Whether a reply to this chat is meant for the message `id`, or has a number
    /// of it.
    pub(crate) fn needs(&self, target: &str, id: &str) -> bool {
        let lane = self.lanes.get(target).map(|lane| lane.replies.iter());
        lane.into_iter().flatten().any(|reply| reply.needs(id))
    }

    /// When one of the replies is to be looked at again, monotonic milliseconds;
    /// what waits for an answer or a free request is looked at when that is there.
    pub(crate) fn due_ms(&self, now: Now) -> Option<u64> {
        let due = |reply: &Reply| {
            let deadline_ms = reply.deadline.map(Until::mono_ms);
            let idle = reply.request.is_none();
            let end_ms = idle.then(|| reply.end().mono_ms());
            let late_ms = reply.late_ms().filter(|ms| idle && *ms > now.mono_ms);
            let try_ms = reply.attempts.due_ms(now.mono_ms).filter(|_| idle);
            [deadline_ms, end_ms, late_ms, try_ms]
                .into_iter()
                .flatten()
                .min()
        };
        self.all().filter_map(due).min()
    }

    /// When the first command must be answered, monotonic milliseconds.
    pub(crate) fn deadline_ms(&self) -> Option<u64> {
        let deadlines = self.all().filter_map(|reply| reply.deadline);
        deadlines.map(Until::mono_ms).min()
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

    /// Whether no further request may be made now.
    pub(crate) fn is_busy(owners: &Owners) -> bool {
        owners.count(|owner| matches!(owner, Owner::Reply(_))) >= MOST_IN_FLIGHT
    }
}

fn bytes(reply: &Reply) -> usize {
    reply.bytes() + BYTES_OF_ONE
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::part::{Content, Part};
    use crate::contract::{Failure, FailureKind};
    use crate::host::tests::host;
    use crate::requests::attempts::RetryPolicy;

    const NOW: Now = Now {
        wall_ms: 1_000_000,
        mono_ms: 1_000,
    };

    fn reply(target: &str, command: Id, request: Option<Id>) -> Reply {
        let part = Part::new(Content::Text("hello".to_owned()));
        let origin = Origin::Command(command);
        let mut reply = Reply::new(
            origin,
            target.to_owned(),
            [part].into(),
            Until::after(60_000, NOW),
        );
        reply.request = request;
        reply
    }

    #[test]
    fn keeps_order_inside_a_chat_and_takes_turns_between_chats() {
        let mut lanes = Lanes::default();
        for (target, command) in [("a", 1), ("a", 2), ("b", 3)] {
            lanes.put_last(reply(target, command, None));
        }
        let turns: Vec<_> = (0..3).filter_map(|_| lanes.next_turn()).collect();
        assert_eq!(turns, ["a", "b", "a"]);
        let order: Vec<_> = (0..3).filter_map(|_| lanes.take("a")).collect();
        let commands: Vec<_> = order.iter().filter_map(Reply::command).collect();
        assert_eq!(commands, [1, 2]);
        assert_eq!(lanes.len(), 1);
    }

    #[test]
    fn a_request_finds_its_reply_once() {
        let mut lanes = Lanes::default();
        lanes.put_back(reply("a", 1, Some(7)));
        assert_eq!(lanes.claim("a", 7).and_then(|r| r.command()), Some(1));
        assert_eq!(lanes.claim("a", 7), None);
        assert_eq!((lanes.len(), lanes.bytes), (0, 0));
    }

    #[test]
    fn a_full_queue_takes_no_more_and_others_do() {
        let mut lanes = Lanes::default();
        let mut waiting = 0;
        while lanes.has_room(&reply("a", waiting, None)) {
            lanes.put_last(reply("a", waiting, None));
            waiting += 1;
        }
        assert!(waiting > 1_024, "as many commands as the host lets wait");
        assert!(lanes.has_room(&reply("b", 0, None)));
        let mut chats = 0;
        while lanes.has_room(&reply(&chats.to_string(), 0, None)) {
            lanes.put_last(reply(&chats.to_string(), 0, None));
            chats += 1;
        }
        assert!(chats > 1_024 && lanes.bytes <= MOST_BYTES);
        let mut taken = 0;
        while let Some(target) = lanes.next_turn() {
            while lanes.take(&target).is_some() {
                taken += 1;
            }
        }
        assert_eq!(taken, waiting + chats);
        assert_eq!((lanes.len(), lanes.bytes), (0, 0));
    }

    #[test]
    fn one_that_meets_trouble_for_long_lets_others_go_first() {
        let (mut lanes, mut host) = (Lanes::default(), host());
        let policy = RetryPolicy {
            first_ms: 40_000,
            most: 9,
        };
        let mut first = reply("a", 1, None);
        first.try_again(
            policy,
            &Failure::new(FailureKind::Unreachable, "x"),
            &mut host,
        );
        lanes.put_last(first);
        lanes.put_last(reply("a", 2, None));
        let at = |ms| Now {
            wall_ms: NOW.wall_ms + ms,
            mono_ms: NOW.mono_ms + ms,
        };
        assert_eq!(lanes.due_ms(at(0)), Some(31_000));
        assert_eq!(lanes.take_next("a", at(29_999)), None);
        let next = lanes.take_next("a", at(30_000));
        assert_eq!(next.as_ref().and_then(Reply::command), Some(2));
        let mut second = next.unwrap_or_else(|| reply("a", 2, None));
        second.request = Some(7);
        lanes.put_back(second);
        // One at a time, and each finds its own answer.
        assert_eq!(lanes.take_next("a", at(40_000)), None);
        assert_eq!(lanes.claim("a", 7).and_then(|r| r.command()), Some(2));
        let next = lanes.take_next("a", at(40_000));
        assert_eq!(next.and_then(|r| r.command()), Some(1));
    }
}

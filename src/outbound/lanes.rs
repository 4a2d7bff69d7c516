//! One queue for each chat: order inside a chat, none between chats.

use std::collections::{BTreeMap, VecDeque};

use super::reply::Reply;
use crate::contract::Token as Id;

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
pub(super) struct Lanes {
    lanes: BTreeMap<String, Lane>,
    /// Chats in the order in which they get their turn.
    turns: VecDeque<String>,
    /// Target of the reply behind each open request.
    in_flight: BTreeMap<Id, String>,
    bytes: usize,
}

impl Lanes {
    /// Whether another reply may wait.
    pub(super) fn has_room(&self, reply: &Reply) -> bool {
        let in_chat = self.lanes.get(&reply.target).map_or(0, |lane| lane.bytes);
        let bytes = bytes(reply);
        in_chat + bytes <= MOST_BYTES_IN_CHAT && self.bytes + bytes <= MOST_BYTES
    }

    /// Puts a reply at the end of its queue.
    pub(super) fn put_last(&mut self, reply: Reply) {
        self.insert(reply, false);
    }

    /// Puts a reply, or what is left of it, at the front of its queue.
    pub(super) fn put_back(&mut self, reply: Reply) {
        self.insert(reply, true);
    }

    /// Puts a reply before all others of its chat but the one under way.
    pub(super) fn put_next(&mut self, reply: Reply) {
        let lane = self.lanes.get(&reply.target);
        let first = lane.and_then(|lane| lane.replies.front());
        if first.is_none_or(|first| first.request.is_none()) {
            return self.put_back(reply);
        }
        if let Some(first) = self.take(&reply.target.clone()) {
            self.put_back(reply);
            self.put_back(first);
        }
    }

    fn insert(&mut self, reply: Reply, front: bool) {
        let bytes = bytes(&reply);
        self.bytes += bytes;
        if let Some(request) = reply.request {
            self.in_flight.insert(request, reply.target.clone());
        }
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
    pub(super) fn take(&mut self, target: &str) -> Option<Reply> {
        let lane = self.lanes.get_mut(target)?;
        let reply = lane.replies.pop_front()?;
        let bytes = bytes(&reply);
        lane.bytes = lane.bytes.saturating_sub(bytes);
        if lane.replies.is_empty() {
            self.lanes.remove(target);
            self.turns.retain(|turn| turn != target);
        }
        self.bytes = self.bytes.saturating_sub(bytes);
        if let Some(request) = reply.request {
            self.in_flight.remove(&request);
        }
        Some(reply)
    }

    /// Takes the reply out whose request this is. Its request is over.
    pub(super) fn claim(&mut self, request: Id) -> Option<Reply> {
        let target = self.in_flight.get(&request)?.clone();
        let mut reply = self.take(&target)?;
        reply.request = None;
        Some(reply)
    }

    /// Whether something is to be sent to this chat.
    pub(super) fn has(&self, target: &str) -> bool {
        self.lanes.contains_key(target)
    }

    /// Whether a reply to this chat is meant for the message `id`, or has a number
    /// of it.
    pub(super) fn needs(&self, target: &str, id: &str) -> bool {
        let lane = self.lanes.get(target).map(|lane| lane.replies.iter());
        lane.into_iter().flatten().any(|reply| {
            reply.reply_to.as_deref() == Some(id)
                || reply.numbers().any(|anchor| anchor.msg_id == id)
        })
    }

    /// The first reply of each chat.
    pub(super) fn firsts(&self) -> impl Iterator<Item = &Reply> {
        let lanes = self.lanes.values();
        lanes.filter_map(|lane| lane.replies.front())
    }

    /// Takes all replies out that `unwanted` names.
    pub(super) fn extract(&mut self, unwanted: impl Fn(&Reply) -> bool) -> Vec<Reply> {
        let mut gone = Vec::new();
        for lane in self.lanes.values_mut() {
            let replies = std::mem::take(&mut lane.replies).into_iter();
            let (out, left): (VecDeque<Reply>, _) = replies.partition(&unwanted);
            lane.bytes = lane.bytes.saturating_sub(out.iter().map(bytes).sum());
            lane.replies = left;
            gone.extend(out);
        }
        self.lanes.retain(|_, lane| !lane.replies.is_empty());
        let lanes = &self.lanes;
        self.turns.retain(|turn| lanes.contains_key(turn));
        for reply in &gone {
            self.bytes = self.bytes.saturating_sub(bytes(reply));
            if let Some(request) = reply.request {
                self.in_flight.remove(&request);
            }
        }
        gone
    }

    /// The chat whose turn it is; it is the last then.
    pub(super) fn next_turn(&mut self) -> Option<String> {
        let target = self.turns.pop_front()?;
        self.turns.push_back(target.clone());
        Some(target)
    }

    /// Chats with something to send.
    pub(super) fn len(&self) -> usize {
        self.turns.len()
    }

    pub(super) fn owns(&self, request: Id) -> bool {
        self.in_flight.contains_key(&request)
    }

    /// Requests in flight.
    pub(super) fn requests(&self) -> impl Iterator<Item = Id> {
        self.in_flight.keys().copied()
    }

    /// Whether no further request may be made now.
    pub(super) fn is_busy(&self) -> bool {
        self.in_flight.len() >= MOST_IN_FLIGHT
    }
}

fn bytes(reply: &Reply) -> usize {
    reply.bytes() + BYTES_OF_ONE
}

#[cfg(test)]
mod tests {
    use super::super::reply::{Content, Origin, Part};
    use super::*;

    fn reply(target: &str, command: Id, request: Option<Id>) -> Reply {
        let part = Part::new(Content::Text("hello".to_owned()));
        let origin = Origin::Command(command);
        let mut reply = Reply::new(origin, target.to_owned(), [part].into(), 0);
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
        assert!(lanes.owns(7));
        assert_eq!(lanes.claim(7).and_then(|r| r.command()), Some(1));
        assert!(!lanes.owns(7));
        assert_eq!(lanes.claim(7), None);
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
        assert_eq!(lanes.extract(|_| true).len() as u64, waiting + chats);
        assert_eq!((lanes.len(), lanes.bytes), (0, 0));
    }
}

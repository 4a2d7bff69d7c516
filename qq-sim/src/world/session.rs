//! Gateway sessions: they outlive their sockets and remember what was dispatched.

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::rate::Window;
use crate::faults::Fault;
use crate::rules::intents;

/// A dispatch in a session.
#[derive(Clone, Debug)]
pub(crate) struct Dispatch {
    pub(crate) s: u64,
    pub(crate) frame: Value,
}

/// A session of one bot.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) app_id: String,
    pub(crate) intents: u32,
    pub(crate) shard: [u64; 2],
    /// Highest sequence given out.
    pub(crate) seq: u64,
    /// Socket it is attached to.
    pub(crate) attached: Option<u64>,
    /// When the socket went away.
    pub(crate) detached_at_ms: u64,
    buffer: VecDeque<Dispatch>,
    /// Highest sequence that can no longer be replayed.
    evicted: u64,
}

impl Session {
    /// A session whose READY, `s` = 1, is about to be sent.
    pub(crate) const fn new(app_id: String, intents: u32, shard: [u64; 2], socket: u64) -> Self {
        Self {
            app_id,
            intents,
            shard,
            seq: 1,
            attached: Some(socket),
            detached_at_ms: 0,
            buffer: VecDeque::new(),
            evicted: 0,
        }
    }

    /// Whether an event is for this session: its intent was asked for, and only
    /// guild traffic is spread over shards; everything else goes to shard 0.
    pub(crate) fn wants(&self, t: &str, d: &Value) -> bool {
        let bit = intents::of_event(t);
        let [id, count] = self.shard;
        let guild = d
            .get("guild_id")
            .and_then(Value::as_str)
            .and_then(|id| id.parse::<u64>().ok());
        let shard = guild.map_or(0, |guild| (guild >> 22) % count.max(1));
        self.intents & bit == bit && shard == id
    }

    /// Numbers an event and keeps it for the socket and for replay.
    pub(crate) fn push(&mut self, id: &str, t: &str, d: &Value, keep: usize) {
        self.seq += 1;
        let frame = json!({"op": 0, "id": id, "s": self.seq, "t": t, "d": d});
        self.buffer.push_back(Dispatch { s: self.seq, frame });
        if self.buffer.len() > keep.max(1) {
            self.evicted = self
                .buffer
                .pop_front()
                .map_or(self.evicted, |oldest| oldest.s);
        }
    }

    /// First dispatch after `sent`.
    pub(crate) fn next_after(&self, sent: u64) -> Option<&Dispatch> {
        let place = self.buffer.partition_point(|dispatch| dispatch.s <= sent);
        self.buffer.get(place)
    }

    /// Number of dispatches after `seq`.
    pub(crate) fn count_after(&self, seq: u64) -> u64 {
        let place = self.buffer.partition_point(|dispatch| dispatch.s <= seq);
        (self.buffer.len() - place) as u64
    }

    /// Where to begin so that the last `count` dispatches up to `seq` come once more.
    pub(crate) fn rewound(&self, seq: u64, count: u32) -> u64 {
        let known = self.buffer.partition_point(|dispatch| dispatch.s <= seq);
        let place = known.saturating_sub(count as usize);
        let first = self.buffer.get(place).filter(|_| place < known);
        first.map_or(seq, |dispatch| dispatch.s - 1)
    }

    /// Whether everything after `seq` is still there.
    pub(crate) const fn can_replay(&self, seq: u64) -> bool {
        seq <= self.seq && seq >= self.evicted
    }

    /// Whether nobody came back for it in time.
    pub(crate) const fn is_over(&self, now_ms: u64, life_ms: u64) -> bool {
        self.attached.is_none() && now_ms.saturating_sub(self.detached_at_ms) > life_ms
    }
}

/// A socket and how far it got.
#[derive(Debug, Default)]
pub(crate) struct Link {
    /// Session, once Identify or Resume was accepted.
    pub(crate) session: Option<String>,
    /// Highest sequence sent on this socket.
    pub(crate) sent: u64,
    /// RESUMED is still owed.
    pub(crate) resuming: bool,
    /// READY or RESUMED was sent.
    pub(crate) live: bool,
    /// Faults for this socket, each after the dispatch it was ordered behind.
    pub(crate) orders: VecDeque<(u64, Fault)>,
    /// A dispatch that lets the next one pass.
    pub(crate) held: Option<Value>,
    /// Frames from the client.
    pub(crate) frames: Window,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session() -> Session {
        Session::new("1".into(), intents::GROUP_AND_C2C_EVENT, [0, 1], 1)
    }

    #[test]
    fn replays_what_is_newer() {
        let mut session = session();
        (0..3).for_each(|_| session.push("e", "C2C_MESSAGE_CREATE", &json!({}), 10));
        assert_eq!(session.next_after(2).unwrap().s, 3);
        assert_eq!(session.count_after(2), 2);
        assert!(session.can_replay(4) && !session.can_replay(5));
    }

    #[test]
    fn goes_back_no_further_than_it_remembers() {
        let mut session = session();
        (0..4).for_each(|_| session.push("e", "C2C_MESSAGE_CREATE", &json!({}), 3));
        let starts = [0, 1, 2, 9].map(|count| session.rewound(4, count));
        assert_eq!(starts, [4, 3, 2, 2]);
        assert_eq!(session.rewound(1, 2), 1);
    }

    #[test]
    fn cannot_replay_what_was_evicted() {
        let mut session = session();
        (0..3).for_each(|_| session.push("e", "C2C_MESSAGE_CREATE", &json!({}), 1));
        assert!(!session.can_replay(2) && session.can_replay(3));
    }

    #[test]
    fn filters_by_intent_and_shard() {
        let mut session = session();
        assert!(session.wants("C2C_MESSAGE_CREATE", &json!({})));
        assert!(!session.wants("INTERACTION_CREATE", &json!({})));
        session.shard = [1, 2];
        assert!(!session.wants("C2C_MESSAGE_CREATE", &json!({})));
    }
}

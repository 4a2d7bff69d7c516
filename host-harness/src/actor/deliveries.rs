//! Messages on their way to the agent: numbered, written down before they are
//! handed over, forgotten when they are answered. What a dead host had accepted
//! and not answered is given again.

use std::collections::{BTreeSet, VecDeque};

use tokio::sync::mpsc;

use super::parts::Actor;
use crate::contract::InboundMessage;
use crate::counters::Counters;
use crate::limits;

/// Messages that may be out without an answer: as many as an agent works at and
/// as many as wait for it. When it is reached, no further frame is handled. A
/// channel may have to remember something of each, so none is let go for another.
const UNANSWERED: usize = 2 * limits::DELIVERIES;

/// A message for the agent.
#[derive(Clone, Debug)]
pub struct Delivered {
    /// What to say when it is answered: `ChannelCommands::answered`.
    pub number: u64,
    /// The message.
    pub message: InboundMessage,
    /// It may have been handed over before, by a host that died before it was
    /// answered.
    pub again: bool,
}

/// Which messages are out, and who says they are answered.
pub(super) struct Inbox {
    next: u64,
    out: BTreeSet<u64>,
    counters: Counters,
}

impl Inbox {
    pub(super) fn new(left_over: &[(u64, InboundMessage)], counters: Counters) -> Self {
        let out: BTreeSet<u64> = left_over.iter().map(|(number, _)| *number).collect();
        let next = out.last().map_or(1, |last| last + 1);
        Self {
            next,
            out,
            counters,
        }
    }

    /// May so many more be given out?
    pub(super) fn has_room(&self, more: usize) -> bool {
        self.out.len() + more < UNANSWERED
    }

    /// Numbers `count` messages in a row; the first is returned. If nobody takes
    /// messages any more, the oldest of too many join `forget`.
    pub(super) fn number(&mut self, count: usize, forget: &mut Vec<u64>) -> u64 {
        let first = self.next;
        self.next += count as u64;
        self.out.extend(first..self.next);
        while self.out.len() > UNANSWERED {
            forget.extend(self.out.pop_first());
            self.counters.add("unanswered_forgotten", 1);
        }
        first
    }

    /// The agent is done with a message; false if it was not out.
    pub(super) fn settle(&mut self, number: u64) -> bool {
        self.out.remove(&number)
    }
}

impl Actor {
    /// Moves what has been answered since the last look to `answered`.
    pub(super) fn take_answered(&mut self, answered: &mut Vec<u64>) {
        while let Ok(number) = self.lanes.answered.try_recv() {
            if self.inbox.settle(number) {
                answered.push(number);
            }
        }
    }

    /// Hands a message to the agent's queue. The data lane is not read while
    /// that is full, so only a few can ever spill over.
    pub(super) fn deliver(&mut self, delivered: Delivered) {
        self.outlets.counters.add("messages_delivered", 1);
        self.spilled.push_back(delivered);
        self.flush_deliveries();
    }

    /// Has the agent's queue room for another message, beside those `staged`?
    pub(super) fn queue_has_room(&self, staged: usize) -> bool {
        self.spilled.is_empty() && self.outlets.messages.capacity() > staged
    }

    /// Moves messages to the agent's queue while it has room.
    pub(super) fn flush_deliveries(&mut self) {
        while let Some(message) = self.spilled.pop_front() {
            match self.outlets.messages.try_send(message) {
                Ok(()) => {}
                Err(mpsc::error::TrySendError::Full(message)) => {
                    self.spilled.push_front(message);
                    return;
                }
                Err(mpsc::error::TrySendError::Closed(_)) => self.spilled.clear(),
            }
        }
    }
}

/// What an earlier host left, as messages to be given again.
pub(super) fn given_again(left_over: Vec<(u64, InboundMessage)>) -> VecDeque<Delivered> {
    let again = |(number, message)| Delivered {
        number,
        message,
        again: true,
    };
    left_over.into_iter().map(again).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_run_on_and_an_answer_counts_once() {
        let mut inbox = Inbox::new(&[], Counters::default());
        let mut forget = Vec::new();
        assert_eq!(
            (inbox.number(2, &mut forget), inbox.number(1, &mut forget)),
            (1, 3)
        );
        assert!(inbox.settle(2));
        assert!(!inbox.settle(2) && !inbox.settle(77));
        assert!(forget.is_empty());
    }

    #[test]
    fn no_more_are_out_than_a_channel_must_remember() {
        let mut inbox = Inbox::new(&[], Counters::default());
        let mut forget = Vec::new();
        inbox.number(UNANSWERED - 2, &mut forget);
        assert!(inbox.has_room(1) && !inbox.has_room(2));
        inbox.number(2, &mut forget);
        assert!(!inbox.has_room(0));
        assert!(inbox.settle(7) && inbox.has_room(0));
        assert!(forget.is_empty());
    }

    #[test]
    fn the_oldest_is_forgotten_where_nobody_takes_messages() {
        let mut inbox = Inbox::new(&[], Counters::default());
        let mut forget = Vec::new();
        inbox.number(UNANSWERED + 2, &mut forget);
        assert_eq!(forget, [1, 2]);
    }
}

//! Messages on their way to the agent: numbered, written down before they are
//! handed over, forgotten when they are answered. What a dead host had accepted
//! and not answered is given again.

use std::collections::{BTreeSet, VecDeque};

use tokio::sync::mpsc;

use super::parts::Actor;
use crate::contract::InboundMessage;
use crate::counters::Counters;

/// Unanswered messages kept. Beyond it the oldest is not given again: nobody
/// who is that far behind would miss it.
const UNANSWERED: usize = 10_000;

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

    /// Numbers `count` messages in a row; the first is returned. If too many
    /// are out, the oldest join `forget`.
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
    fn the_oldest_is_forgotten_when_too_many_are_out() {
        let mut inbox = Inbox::new(&[], Counters::default());
        let mut forget = Vec::new();
        inbox.number(UNANSWERED, &mut forget);
        assert!(forget.is_empty());
        inbox.number(2, &mut forget);
        assert_eq!(forget, [1, 2]);
    }
}

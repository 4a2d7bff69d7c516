//! Messages on their way to the agent: numbered, written down before they are
//! handed over, forgotten when they are answered. What a dead host had accepted
//! and not answered is given again.

use std::collections::{BTreeSet, VecDeque};

use tokio::sync::mpsc;

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

/// Which messages are out, and the way to the agent.
pub(super) struct Deliveries {
    next: u64,
    out: BTreeSet<u64>,
    /// Messages the queue had no room for, oldest first.
    spilled: VecDeque<Delivered>,
    queue: mpsc::Sender<Delivered>,
    /// Numbers of messages the agent is done with.
    answered: mpsc::UnboundedReceiver<u64>,
    counters: Counters,
}

/// What the agent did.
pub(super) enum Change {
    /// It is done with a message.
    Answered(u64),
    /// It took one.
    Room,
}

impl Deliveries {
    /// `left_over`: what an earlier host left, to be given again.
    pub(super) fn new(
        left_over: Vec<(u64, InboundMessage)>,
        queue: mpsc::Sender<Delivered>,
        answered: mpsc::UnboundedReceiver<u64>,
        counters: Counters,
    ) -> Self {
        let out: BTreeSet<u64> = left_over.iter().map(|(number, _)| *number).collect();
        let again = |(number, message)| Delivered {
            number,
            message,
            again: true,
        };
        Self {
            next: out.last().map_or(1, |last| last + 1),
            out,
            spilled: left_over.into_iter().map(again).collect(),
            queue,
            answered,
            counters,
        }
    }

    /// May another frame be handled, beside `staged` messages that wait for their
    /// commit? Not when its message could not be handed on, or too many have not
    /// been answered.
    pub(super) fn has_room(&self, staged: usize) -> bool {
        self.queue_has_room(staged) && self.out.len() + staged < UNANSWERED
            || self.queue.is_closed()
    }

    /// Has the agent's queue room for another message, beside those `staged`?
    fn queue_has_room(&self, staged: usize) -> bool {
        self.spilled.is_empty() && self.queue.capacity() > staged
    }

    /// Waits until the agent does something: answers, if `answers` are wanted, or
    /// takes a message, if the queue is full.
    pub(super) async fn change(&mut self, answers: bool) -> Change {
        let full = !self.queue_has_room(0) && !self.queue.is_closed();
        tokio::select! {
            Some(number) = self.answered.recv(), if answers => Change::Answered(number),
            _permit = self.queue.reserve(), if full => Change::Room,
            else => std::future::pending().await,
        }
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

    /// Moves what has been answered since the last look to `answered`.
    pub(super) fn take_answered(&mut self, answered: &mut Vec<u64>) {
        while let Ok(number) = self.answered.try_recv() {
            if self.settle(number) {
                answered.push(number);
            }
        }
    }

    /// Hands a message to the agent's queue. No frame is handled while that is
    /// full, so only a few can ever spill over.
    pub(super) fn deliver(&mut self, number: u64, message: InboundMessage) {
        self.counters.add("messages_delivered", 1);
        self.spilled.push_back(Delivered {
            number,
            message,
            again: false,
        });
        self.flush();
    }

    /// Moves messages to the agent's queue while it has room.
    pub(super) fn flush(&mut self) {
        while let Some(message) = self.spilled.pop_front() {
            match self.queue.try_send(message) {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Nothing is out, and the queue takes everything.
    fn fresh() -> (Deliveries, mpsc::Receiver<Delivered>) {
        let (queue, taken) = mpsc::channel(UNANSWERED + 2);
        let (_, answered) = mpsc::unbounded_channel();
        let deliveries = Deliveries::new(vec![], queue, answered, Counters::default());
        (deliveries, taken)
    }

    #[test]
    fn numbers_run_on_and_an_answer_counts_once() {
        let (mut deliveries, _taken) = fresh();
        let mut forget = Vec::new();
        assert_eq!(
            (
                deliveries.number(2, &mut forget),
                deliveries.number(1, &mut forget)
            ),
            (1, 3)
        );
        assert!(deliveries.settle(2));
        assert!(!deliveries.settle(2) && !deliveries.settle(77));
        assert!(forget.is_empty());
    }

    #[test]
    fn no_more_are_out_than_a_channel_must_remember() {
        let (mut deliveries, _taken) = fresh();
        let mut forget = Vec::new();
        deliveries.number(UNANSWERED - 2, &mut forget);
        assert!(deliveries.has_room(1) && !deliveries.has_room(2));
        deliveries.number(2, &mut forget);
        assert!(!deliveries.has_room(0));
        assert!(deliveries.settle(7) && deliveries.has_room(0));
        assert!(forget.is_empty());
    }

    #[test]
    fn the_oldest_is_forgotten_where_nobody_takes_messages() {
        let (mut deliveries, _taken) = fresh();
        let mut forget = Vec::new();
        deliveries.number(UNANSWERED + 2, &mut forget);
        assert_eq!(forget, [1, 2]);
    }
}

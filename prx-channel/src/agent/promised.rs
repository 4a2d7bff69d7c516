//! Which turn a reply belongs to that is sent later than its turn.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// Replies remembered; of the oldest only the message is known then.
const MOST: usize = 4_096;

struct Promise {
    recipient: String,
    message_id: String,
    turn: u64,
}

/// Shared by all turns of a channel.
#[derive(Clone, Default)]
pub(super) struct Promised(Arc<Mutex<VecDeque<Promise>>>);

impl Promised {
    /// A reply to this message is about to be sent: what becomes of it may be
    /// told before its receipt is read.
    pub(super) fn add(&self, recipient: &str, message_id: &str, turn: u64) {
        let mut promises = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if promises.len() >= MOST {
            promises.pop_front();
        }
        promises.push_back(Promise {
            recipient: recipient.to_owned(),
            message_id: message_id.to_owned(),
            turn,
        });
    }

    /// Nothing of this turn is still to come.
    pub(super) fn done(&self, turn: u64) {
        let mut promises = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        promises.retain(|promise| promise.turn != turn);
    }

    /// The turn of the reply to this message.
    pub(super) fn keep(&self, recipient: &str, message_id: Option<&str>) -> Option<u64> {
        let mut promises = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = |promise: &Promise| {
            promise.recipient == recipient && Some(&*promise.message_id) == message_id
        };
        let index = promises.iter().position(is_it)?;
        Some(promises.remove(index)?.turn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promise_is_kept_once_and_the_oldest_make_room() {
        let promised = Promised::default();
        promised.add("a", "M1", 1);
        promised.add("a", "M2", 2);
        promised.add("b", "M1", 3);
        promised.done(2);
        assert_eq!(promised.keep("b", Some("M1")), Some(3));
        assert_eq!(promised.keep("b", Some("M1")), None);
        assert_eq!(promised.keep("a", Some("M2")), None);
        assert_eq!(promised.keep("a", None), None);
        for turn in 10..10 + MOST as u64 {
            promised.add("a", "M9", turn);
        }
        assert_eq!(promised.keep("a", Some("M1")), None);
        assert_eq!(promised.keep("a", Some("M9")), Some(10));
    }
}

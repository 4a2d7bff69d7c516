//! Which message may be answered now: one turn at a time in a scope, scopes
//! side by side.

use std::collections::{BTreeMap, VecDeque};

use tokio::task::AbortHandle;

use crate::actor::Delivered;

/// Messages waiting behind running turns, over all scopes. When it is full, no
/// further message is taken from the channel.
const WAITING: usize = 256;

#[derive(Default)]
struct Scope {
    running: Option<AbortHandle>,
    waiting: VecDeque<Delivered>,
}

/// All scopes with a turn in flight.
#[derive(Default)]
pub(super) struct Scopes {
    scopes: BTreeMap<String, Scope>,
    waiting: usize,
}

impl Scopes {
    /// May another message be taken in?
    pub(super) fn has_room(&self) -> bool {
        self.waiting < WAITING
    }

    /// Nothing runs and nothing waits.
    pub(super) fn is_idle(&self) -> bool {
        self.scopes.is_empty()
    }

    /// A message arrives. It comes back if its turn can start now; else it
    /// waits, and cancels the turn before it if it says so.
    pub(super) fn admit(&mut self, key: &str, delivered: Delivered) -> Option<Delivered> {
        let Some(scope) = self.scopes.get_mut(key) else {
            self.scopes.insert(key.to_owned(), Scope::default());
            return Some(delivered);
        };
        if delivered.message.interruption_scope.is_some()
            && let Some(running) = &scope.running
        {
            running.abort();
        }
        scope.waiting.push_back(delivered);
        self.waiting += 1;
        None
    }

    /// The turn of a scope has started.
    pub(super) fn started(&mut self, key: &str, turn: AbortHandle) {
        if let Some(scope) = self.scopes.get_mut(key) {
            scope.running = Some(turn);
        }
    }

    /// The turn of a scope is over; the next message of it, if one waits.
    pub(super) fn finished(&mut self, key: &str) -> Option<Delivered> {
        let scope = self.scopes.get_mut(key)?;
        scope.running = None;
        match scope.waiting.pop_front() {
            Some(message) => {
                self.waiting -= 1;
                Some(message)
            }
            None => {
                self.scopes.remove(key);
                None
            }
        }
    }
}

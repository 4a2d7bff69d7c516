//! Which message may be answered now: one turn at a time in a scope, scopes
//! side by side.

use std::collections::{BTreeMap, VecDeque};

use prx_channel_host::Delivered;
use tokio_util::sync::CancellationToken;

/// Messages in work or waiting, over all scopes. When it is reached, no further
/// message is taken from the channel.
const OPEN: usize = 4_096;
/// Messages waiting in one scope. What comes on top of it is refused, so that
/// nobody can fill the room of all.
const WAITING: usize = 256;

#[derive(Default)]
struct Scope {
    /// Cancels the turn in flight.
    running: CancellationToken,
    waiting: VecDeque<Delivered>,
    /// Its user knows that too much is waiting.
    told: bool,
}

/// All scopes with a turn in flight.
#[derive(Default)]
pub(super) struct Scopes {
    scopes: BTreeMap<String, Scope>,
    open: usize,
}

/// What becomes of a message.
#[derive(Debug)]
pub(super) enum Admission {
    /// Its turn starts now.
    Start(Delivered),
    /// Its turn comes later.
    Waits,
    /// There is no room for it; `tell` its user if this is the first one.
    Refused { delivered: Delivered, tell: bool },
}

impl Scopes {
    /// May another message be taken in?
    pub(super) fn has_room(&self) -> bool {
        self.open < OPEN
    }

    /// A message arrives. If it says so, it cancels the turn before it.
    pub(super) fn admit(&mut self, key: &str, delivered: Delivered) -> Admission {
        let Some(scope) = self.scopes.get_mut(key) else {
            self.scopes.insert(key.to_owned(), Scope::default());
            self.open += 1;
            return Admission::Start(delivered);
        };
        if delivered.message.interruption_scope.is_some() {
            scope.running.cancel();
        }
        if scope.waiting.len() >= WAITING {
            let tell = !std::mem::replace(&mut scope.told, true);
            return Admission::Refused { delivered, tell };
        }
        scope.waiting.push_back(delivered);
        self.open += 1;
        Admission::Waits
    }

    /// What cancels the turn of a scope that starts now. It is cancelled from
    /// the start if a newer message is there already: such a turn only lets the
    /// agent know what was said.
    pub(super) fn started(&mut self, key: &str) -> CancellationToken {
        let cancel = CancellationToken::new();
        if let Some(scope) = self.scopes.get_mut(key) {
            scope.running = cancel.clone();
            let newest = scope.waiting.back();
            if newest.is_some_and(|next| next.message.interruption_scope.is_some()) {
                cancel.cancel();
            }
        }
        cancel
    }

    /// The turn of a scope is over; the next message of it, if one waits.
    pub(super) fn finished(&mut self, key: &str) -> Option<Delivered> {
        let scope = self.scopes.get_mut(key)?;
        self.open -= 1;
        let next = scope.waiting.pop_front();
        if next.is_none() {
            self.scopes.remove(key);
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::stub::delivered;

    fn scoped(number: u64) -> Delivered {
        let mut delivered = delivered(number, "hi");
        delivered.message.interruption_scope = Some("s".to_owned());
        delivered
    }

    #[test]
    fn a_scope_takes_one_turn_at_a_time_in_order() {
        let mut scopes = Scopes::default();
        assert!(
            matches!(scopes.admit("a", delivered(1, "")), Admission::Start(d) if d.number == 1)
        );
        let cancel = scopes.started("a");
        assert!(matches!(
            scopes.admit("a", delivered(2, "")),
            Admission::Waits
        ));
        assert!(matches!(
            scopes.admit("b", delivered(3, "")),
            Admission::Start(_)
        ));
        assert!(!cancel.is_cancelled());
        assert_eq!(scopes.finished("a").map(|next| next.number), Some(2));
        assert!(scopes.finished("a").is_none() && scopes.open == 1);
        assert!(scopes.finished("b").is_none() && scopes.open == 0);
    }

    #[test]
    fn a_newer_message_of_the_same_scope_cancels_all_before_it() {
        let mut scopes = Scopes::default();
        scopes.admit("s", scoped(1));
        let first = scopes.started("s");
        scopes.admit("s", scoped(2));
        assert!(first.is_cancelled());
        scopes.admit("s", scoped(3));
        scopes.finished("s");
        assert!(scopes.started("s").is_cancelled(), "3 is newer than 2");
        scopes.finished("s");
        assert!(!scopes.started("s").is_cancelled());
    }

    #[test]
    fn what_one_user_piles_up_is_refused_and_leaves_room_for_others() {
        let mut scopes = Scopes::default();
        scopes.admit("a", delivered(0, ""));
        for number in 0..WAITING as u64 {
            assert!(matches!(
                scopes.admit("a", delivered(number, "")),
                Admission::Waits
            ));
        }
        let tells = [1, 2].map(|number| match scopes.admit("a", delivered(number, "")) {
            Admission::Refused { tell, .. } => tell,
            other => panic!("{other:?}"),
        });
        assert_eq!(tells, [true, false]);
        assert!(scopes.has_room());
        assert!(matches!(
            scopes.admit("b", delivered(9, "")),
            Admission::Start(_)
        ));
    }

    #[test]
    fn everything_open_together_has_a_bound() {
        let mut scopes = Scopes::default();
        for number in 0..OPEN {
            assert!(scopes.has_room());
            scopes.admit(&number.to_string(), delivered(1, ""));
        }
        assert!(!scopes.has_room());
        scopes.finished("7");
        assert!(scopes.has_room());
    }
}

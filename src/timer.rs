//! The timers of the machine: a closed set, each with its own number.

use std::collections::BTreeMap;

use crate::contract::Id;

/// Everything the machine waits for by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Timer {
    /// Renew the access token, or try again to get one.
    Token,
    /// The gateway's next step: a deadline of the handshake, or the end of a
    /// pause before the next attempt.
    Gateway,
    /// Send a heartbeat.
    Heartbeat,
    /// No heartbeat was acknowledged for too long.
    HeartbeatAck,
    /// When something on the way out is due.
    Queue,
}

impl Timer {
    /// All of them.
    pub(crate) const ALL: [Self; 5] = [
        Self::Token,
        Self::Gateway,
        Self::Heartbeat,
        Self::HeartbeatAck,
        Self::Queue,
    ];

    /// Its number, the same in every instance.
    pub(crate) const fn id(self) -> Id {
        match self {
            Self::Token => 1,
            Self::Gateway => 2,
            Self::Heartbeat => 3,
            Self::HeartbeatAck => 4,
            Self::Queue => 5,
        }
    }

    /// The timer of this number.
    pub(crate) fn from_id(id: Id) -> Option<Self> {
        Self::ALL.into_iter().find(|timer| timer.id() == id)
    }
}

/// What a firing means.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Firing {
    /// The time has come.
    Due,
    /// It was stopped while the firing was under way.
    NotSet,
    /// It was moved while the firing was under way.
    Early {
        /// Milliseconds still to wait.
        rest_ms: u64,
    },
}

/// Which timers are set, and for when (monotonic milliseconds).
#[derive(Debug, Default)]
pub(crate) struct Timers(BTreeMap<Timer, u64>);

impl Timers {
    pub(crate) fn set(&mut self, timer: Timer, due_ms: u64) {
        self.0.insert(timer, due_ms);
    }

    /// When it is due.
    pub(crate) fn due_ms(&self, timer: Timer) -> Option<u64> {
        self.0.get(&timer).copied()
    }

    /// Whether it was set.
    pub(crate) fn clear(&mut self, timer: Timer) -> bool {
        self.0.remove(&timer).is_some()
    }

    pub(crate) fn fire(&mut self, timer: Timer, now_ms: u64) -> Firing {
        match self.0.get(&timer) {
            None => Firing::NotSet,
            Some(&due) if due > now_ms => Firing::Early {
                rest_ms: due - now_ms,
            },
            Some(_) => {
                self.0.remove(&timer);
                Firing::Due
            }
        }
    }
}

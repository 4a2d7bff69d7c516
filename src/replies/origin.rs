//! Whose reply it is, and how far it got.

use serde::{Deserialize, Serialize};

use crate::contract::Id;

/// Which attempt at a part is under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Attempt {
    #[default]
    First,
    /// The same again, with the same sequence number: it may have arrived.
    Repeated,
    /// With another sequence number.
    Renumbered,
}

/// Whose reply it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Origin {
    /// Of a command, which is completed exactly once.
    Command(Id),
    /// The channel's own words.
    Own(u64),
    /// Kept from an earlier reply.
    Kept(u64),
}

impl Origin {
    /// Its number, of a reply without a command.
    pub(crate) const fn own(self) -> u64 {
        match self {
            Self::Own(n) | Self::Kept(n) => n,
            Self::Command(_) => 0,
        }
    }

    /// What sorts replies as they came, as far as it is known: kept text goes
    /// before the answer to the message that brought it.
    pub(crate) const fn order(self) -> (bool, u64) {
        match self {
            Self::Own(n) | Self::Kept(n) => (false, n),
            Self::Command(id) => (true, id),
        }
    }
}

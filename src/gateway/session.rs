//! The gateway session, as it is stored.

use serde::{Deserialize, Serialize};

use super::Settings;
use crate::contract::Token;
use crate::host::Host;
use crate::state::{self, State};

/// What Resume needs, and what an adopting instance needs to go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Session {
    /// Whose session it is; another configuration needs another one.
    made_for: Settings,
    /// `session_id` of READY.
    pub(super) id: String,
    /// Name of the bot.
    pub(super) bot: String,
    /// The socket it lives on; absent when it lives on none.
    pub(super) socket: Option<Token>,
    /// Heartbeat interval of that socket.
    pub(super) interval_ms: u64,
}

impl Session {
    /// The session READY announced.
    pub(super) fn new(made_for: &Settings, id: String, bot: String) -> Self {
        Self {
            made_for: made_for.clone(),
            id,
            bot,
            socket: None,
            interval_ms: 0,
        }
    }

    /// The stored session and its sequence number, if it serves `settings`.
    pub(super) fn load(state: &State, settings: &Settings) -> Option<(Self, u64)> {
        let session: Self = state.json(state::SESSION)?;
        let seq = state.text(state::SEQ)?.parse().ok()?;
        (session.made_for == *settings).then_some((session, seq))
    }

    /// Stores it.
    pub(super) fn save(&self, host: &mut Host) {
        host.put(state::SESSION, state::encode(self));
    }

    /// Forgets the stored one.
    pub(super) fn erase(host: &mut Host) {
        host.remove(state::SESSION);
        host.remove(state::SEQ);
    }
}

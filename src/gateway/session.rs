//! The gateway session, as it is stored.

use serde::{Deserialize, Serialize};

use super::frame::Ready;
use super::heartbeat::Link;
use crate::config::Config;
use crate::contract::Id;
use crate::host::Host;
use crate::state::{self, State};

const HOUR_MS: u64 = 60 * 60_000;
/// A resumed session that brings no event for this long may be deaf. In the
/// field resumed sessions delivered nothing after some days, without a word
/// (tencent-connect/bot-docs#191, nonebot/adapter-qq#97). An Identify tells; a
/// quiet bot pays four a day of a thousand.
const SILENCE_MS: u64 = 6 * HOUR_MS;
/// An old session gets less patience.
const OLD_MS: u64 = 48 * HOUR_MS;
const SILENCE_OF_OLD_MS: u64 = HOUR_MS;

/// What a session is made for. A session of other settings cannot be resumed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Settings {
    pub(super) app_id: String,
    api: String,
    pub(super) intents: u32,
}

impl Settings {
    pub(super) fn of(config: &Config) -> Self {
        Self {
            app_id: config.app_id.clone(),
            api: config.bases.api.clone(),
            intents: config.intents.mask(),
        }
    }
}

/// What Resume needs, and what an adopting instance needs to go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Session {
    /// Whose session it is; another configuration needs another one.
    made_for: Settings,
    /// `session_id` of READY.
    pub(super) id: String,
    /// Name of the bot.
    pub(super) bot: String,
    /// The bot's id in guilds.
    #[serde(default)]
    pub(super) bot_id: String,
    /// The socket it lives on; absent when it lives on none.
    pub(super) socket: Option<Id>,
    /// Heartbeat interval of that socket.
    pub(super) interval_ms: u64,
    /// What it is subscribed to; 0 stands for everything it was made for.
    #[serde(default)]
    intents: u32,
    /// When READY came, Unix milliseconds.
    #[serde(default)]
    made_wall_ms: u64,
    /// Whether it was resumed since.
    #[serde(default)]
    resumed: bool,
    /// When the last event came, and its number; as of the last time this was
    /// stored.
    #[serde(default)]
    heard_wall_ms: u64,
    #[serde(default)]
    heard_seq: u64,
}

impl Session {
    /// The session READY announced.
    pub(super) fn new(made_for: &Settings, intents: u32, ready: Ready) -> Self {
        Self {
            made_for: made_for.clone(),
            id: ready.session_id,
            bot: ready.bot_name,
            bot_id: ready.bot_id,
            socket: None,
            interval_ms: 0,
            intents,
            made_wall_ms: 0,
            resumed: false,
            heard_wall_ms: 0,
            heard_seq: 0,
        }
    }

    /// The stored session and its sequence number, if it serves `settings`.
    pub(super) fn load(state: &State, settings: &Settings, now_ms: u64) -> Option<(Self, u64)> {
        let mut session: Self = state.json(state::SESSION)?;
        let seq = state.text(state::SEQ)?.parse().ok()?;
        // Events came since it was stored; when is not known.
        if seq > session.heard_seq {
            session.heard(seq, now_ms);
        }
        (session.made_for == *settings).then_some((session, seq))
    }

    /// What it is subscribed to.
    pub(super) const fn intents(&self) -> u32 {
        match self.intents {
            0 => self.made_for.intents,
            intents => intents,
        }
    }

    /// It lives on this socket, by READY or by RESUMED.
    pub(super) const fn begin(&mut self, link: Link, resumed: bool, seq: Option<u64>, now_ms: u64) {
        self.socket = Some(link.socket);
        self.interval_ms = link.interval_ms;
        self.resumed = resumed;
        if !resumed {
            self.made_wall_ms = now_ms;
            self.heard_wall_ms = now_ms;
        }
        if let Some(seq) = seq {
            self.heard_seq = seq;
        }
    }

    /// An event came.
    pub(super) const fn heard(&mut self, seq: u64, now_ms: u64) {
        self.heard_seq = seq;
        self.heard_wall_ms = now_ms;
    }

    /// Whether it was resumed and then silent for longer than is likely.
    pub(super) const fn is_deaf(&self, now_ms: u64) -> bool {
        let is_old = now_ms.saturating_sub(self.made_wall_ms) >= OLD_MS;
        let patience_ms = if is_old {
            SILENCE_OF_OLD_MS
        } else {
            SILENCE_MS
        };
        self.resumed && now_ms.saturating_sub(self.heard_wall_ms) >= patience_ms
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

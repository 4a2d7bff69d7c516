//! Whether the bot may write to a chat unasked, and how often in a day.
//!
//! QQ docs, server-inter/message/overview. Users and groups switch it on and off
//! (`C2C_MSG_RECEIVE` and its siblings); the platform also says so by error code.

use serde::{Deserialize, Serialize};

/// Whether the chat takes unasked messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Push {
    /// Nobody said; asking shows.
    #[default]
    Unknown,
    /// The user or an administrator said yes.
    Allowed,
    /// Said by the user, an administrator or the platform.
    Refused {
        /// Unix milliseconds; then it is tried again.
        until_wall_ms: u64,
    },
}

/// Messages of one day. Days begin at midnight in China.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Day {
    day: u64,
    count: u32,
}

impl Day {
    pub(super) fn count(self, wall_ms: u64) -> u32 {
        if self.day == today(wall_ms) {
            self.count
        } else {
            0
        }
    }

    pub(super) fn add(&mut self, wall_ms: u64) {
        *self = Self {
            day: today(wall_ms),
            count: self.count(wall_ms).saturating_add(1),
        };
    }
}

const fn today(wall_ms: u64) -> u64 {
    const EAST_MS: u64 = 8 * 60 * 60_000;
    wall_ms.saturating_add(EAST_MS) / 86_400_000
}

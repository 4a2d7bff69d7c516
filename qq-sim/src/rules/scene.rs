//! The kinds of chat, and the ids of the people in them.

use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

/// The kinds of chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scene {
    /// One user and the bot.
    C2c,
    /// A QQ group.
    Group,
    /// A text channel of a guild.
    Channel,
    /// A direct message inside a guild; a guild of its own, by its id.
    Dm,
}

/// A stable openid for a name: 32 upper-case hex digits, different per bot as on
/// the platform. Use it when a test has names and not ids.
///
/// ```
/// let id = qq_sim::openid("102012345", "ming");
/// assert_eq!(id.len(), 32);
/// assert_eq!(id, qq_sim::openid("102012345", "ming"));
/// assert_ne!(id, qq_sim::openid("102099999", "ming"));
/// ```
#[must_use]
pub fn openid(app_id: &str, name: &str) -> String {
    let half = |salt: u8| {
        // Keyed with constants, so stable within a build of the standard library.
        let mut hasher = std::hash::DefaultHasher::new();
        (salt, app_id, name).hash(&mut hasher);
        hasher.finish()
    };
    format!("{:016X}{:016X}", half(1), half(2))
}

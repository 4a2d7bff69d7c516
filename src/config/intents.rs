//! Event subscriptions by name.
//!
//! See QQ docs, dev-prepare/event-emit/payload, and botgo
//! `dto/websocket_intent.go` for the bits.

/// Name and bit, in the order of the user page.
///
/// `guild_messages` means bit 30, mentions in public guilds, which every bot
/// has; bit 9, all guild messages, is for private-domain bots and would refuse
/// the whole connection of any other.
const TABLE: [(&str, u32); 7] = [
    ("guilds", 1 << 0),
    ("guild_members", 1 << 1),
    ("guild_messages", 1 << 30),
    ("guild_message_reactions", 1 << 10),
    ("direct_messages", 1 << 12),
    ("group_and_c2c", GROUP_AND_C2C),
    ("interaction", 1 << 26),
];

const GROUP_AND_C2C: u32 = 1 << 25;

/// Names of all intents.
pub(super) const NAMES: [&str; 7] = [
    "guilds",
    "guild_members",
    "guild_messages",
    "guild_message_reactions",
    "direct_messages",
    "group_and_c2c",
    "interaction",
];

/// Subscribed to when the configuration says nothing.
pub(super) const DEFAULT: [&str; 3] = ["guilds", "guild_messages", "direct_messages"];

/// A set of intents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Intents(u32);

impl Intents {
    /// The intent of this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        TABLE
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, bit)| Self(*bit))
    }

    pub(super) const fn insert(&mut self, other: Self) {
        self.0 |= other.0;
    }

    pub(super) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The mask Identify carries.
    pub(crate) const fn mask(self) -> u32 {
        self.0
    }

    /// Whether C2C and group messages arrive.
    pub(crate) const fn has_group_and_c2c(self) -> bool {
        self.0 & GROUP_AND_C2C != 0
    }

    /// Names, joined by commas.
    pub(crate) fn names(self) -> String {
        let names: Vec<_> = TABLE
            .iter()
            .filter(|(_, bit)| self.0 & bit != 0)
            .map(|(name, _)| *name)
            .collect();
        names.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_table_agree() {
        assert!(TABLE.iter().map(|(name, _)| *name).eq(NAMES));
        assert!(DEFAULT.iter().all(|name| Intents::named(name).is_some()));
    }
}

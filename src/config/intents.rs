//! Event subscriptions, by name or by number.
//!
//! See QQ docs, dev-prepare/event-emit/payload, and botgo
//! `dto/websocket_intent.go` for the bits.

/// Name and bit, in the order of the user page.
///
/// `guild_messages` means bit 30, mentions in public guilds, which every bot
/// has; bit 9, all guild messages, is for private-domain bots and would refuse
/// the whole connection of any other. Where bit 30 is refused, bit 9 is asked
/// for in its place.
const TABLE: [(&str, u32); 7] = [
    ("guilds", GUILDS),
    ("guild_members", 1 << 1),
    ("guild_messages", PUBLIC_GUILD_MESSAGES),
    ("guild_message_reactions", 1 << 10),
    ("direct_messages", 1 << 12),
    ("group_and_c2c", GROUP_AND_C2C),
    ("interaction", 1 << 26),
];

/// Bits without a name in the configuration, by the platform's names.
const OTHERS: [(&str, u32); 8] = [
    ("GUILD_MESSAGES", PRIVATE_GUILD_MESSAGES),
    ("OPEN_FORUM_EVENT", 1 << 18),
    ("AUDIO_OR_LIVE_CHANNEL_MEMBER", 1 << 19),
    ("ENTER_AIO", 1 << 23),
    ("GROUP_MEMBER_EVENT", 1 << 24),
    ("MESSAGE_AUDIT", 1 << 27),
    ("FORUMS_EVENT", 1 << 28),
    ("AUDIO_ACTION", 1 << 29),
];

const GUILDS: u32 = 1 << 0;
const GROUP_AND_C2C: u32 = 1 << 25;
pub(crate) const PUBLIC_GUILD_MESSAGES: u32 = 1 << 30;
pub(crate) const PRIVATE_GUILD_MESSAGES: u32 = 1 << 9;

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
    /// The intents of this mask.
    pub(crate) const fn of(mask: u32) -> Self {
        Self(mask)
    }

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

    pub(crate) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The mask Identify carries.
    pub(crate) const fn mask(self) -> u32 {
        self.0
    }

    /// Whether guilds and channels say how they are called.
    pub(crate) const fn has_guilds(self) -> bool {
        self.0 & GUILDS != 0
    }

    /// Whether C2C and group messages arrive.
    pub(crate) const fn has_group_and_c2c(self) -> bool {
        self.0 & GROUP_AND_C2C != 0
    }

    /// The bits no documentation knows.
    pub(super) fn unknown(self) -> Self {
        let known = TABLE.iter().chain(&OTHERS);
        Self(known.fold(self.0, |rest, (_, bit)| rest & !bit))
    }

    /// Names, joined by commas; a bit without one is `4096`, with the platform's
    /// name where it is known.
    pub(crate) fn names(self) -> String {
        let named = TABLE.iter().filter(|(_, bit)| self.0 & bit != 0);
        let named = named.map(|(name, _)| (*name).to_owned());
        let numbered = (0..u32::BITS)
            .map(|bit| 1 << bit)
            .filter(|bit| self.0 & bit != 0 && !TABLE.iter().any(|(_, known)| known == bit));
        let names: Vec<_> = named.chain(numbered.map(number)).collect();
        names.join(", ")
    }
}

fn number(bit: u32) -> String {
    match OTHERS.iter().find(|(_, known)| *known == bit) {
        Some((name, _)) => format!("{bit} ({name})"),
        None => bit.to_string(),
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

    #[test]
    fn what_has_no_name_is_a_number() {
        let mask = Intents::of(GROUP_AND_C2C | PRIVATE_GUILD_MESSAGES | 4);
        assert_eq!(mask.names(), "group_and_c2c, 4, 512 (GUILD_MESSAGES)");
        assert_eq!(mask.unknown(), Intents::of(4));
    }
}

//! Intent bits and the events behind them.
//! See [QQ Docs/事件订阅](https://bot.q.qq.com/wiki/develop/api-v2/dev-prepare/event-emit/payload.html)
//! and the single event pages.

/// `GUILDS`.
pub const GUILDS: u32 = 1;
/// `GUILD_MEMBERS`.
pub const GUILD_MEMBERS: u32 = 1 << 1;
/// `GUILD_MESSAGES`, private-domain bots only.
pub const GUILD_MESSAGES: u32 = 1 << 9;
/// `GUILD_MESSAGE_REACTIONS`.
pub const GUILD_MESSAGE_REACTIONS: u32 = 1 << 10;
/// `DIRECT_MESSAGE`, guild direct messages.
pub const DIRECT_MESSAGE: u32 = 1 << 12;
/// `OPEN_FORUM_EVENT`.
pub const OPEN_FORUM_EVENT: u32 = 1 << 18;
/// `AUDIO_OR_LIVE_CHANNEL_MEMBER`.
pub const AUDIO_OR_LIVE_CHANNEL_MEMBER: u32 = 1 << 19;
/// `ENTER_AIO`, known from botgo only.
pub const ENTER_AIO: u32 = 1 << 23;
/// `GROUP_MEMBER_EVENT`, on the event pages but not in the list.
pub const GROUP_MEMBER_EVENT: u32 = 1 << 24;
/// `GROUP_AND_C2C_EVENT`, the one every chat bot needs.
pub const GROUP_AND_C2C_EVENT: u32 = 1 << 25;
/// `INTERACTION`, button clicks.
pub const INTERACTION: u32 = 1 << 26;
/// `MESSAGE_AUDIT`.
pub const MESSAGE_AUDIT: u32 = 1 << 27;
/// `FORUMS_EVENT`, private-domain bots only.
pub const FORUMS_EVENT: u32 = 1 << 28;
/// `AUDIO_ACTION`.
pub const AUDIO_ACTION: u32 = 1 << 29;
/// `PUBLIC_GUILD_MESSAGES`.
pub const PUBLIC_GUILD_MESSAGES: u32 = 1 << 30;

/// Every bit that exists; any other one is close 4013.
pub const ALL: u32 = USUAL
    | GUILD_MESSAGES
    | GUILD_MESSAGE_REACTIONS
    | OPEN_FORUM_EVENT
    | AUDIO_OR_LIVE_CHANNEL_MEMBER
    | ENTER_AIO
    | GROUP_MEMBER_EVENT
    | MESSAGE_AUDIT
    | FORUMS_EVENT
    | AUDIO_ACTION;

/// The widest mask peers report a READY with, granted to [`crate::Bot::new`].
pub const USUAL: u32 = GUILDS
    | GUILD_MEMBERS
    | DIRECT_MESSAGE
    | GROUP_AND_C2C_EVENT
    | INTERACTION
    | PUBLIC_GUILD_MESSAGES;

/// What only private-domain bots are granted: all guild messages, and the forum.
pub const PRIVATE: u32 = GUILD_MESSAGES | FORUMS_EVENT;

/// Bit an event needs. An unknown event needs none: whoever injects one wants it delivered.
///
/// ```
/// use qq_sim::intents;
/// assert_eq!(intents::of_event("C2C_MESSAGE_CREATE"), intents::GROUP_AND_C2C_EVENT);
/// assert_eq!(intents::of_event("SOMETHING_NEW"), 0);
/// ```
#[must_use]
pub fn of_event(event: &str) -> u32 {
    match event {
        "C2C_MESSAGE_CREATE"
        | "FRIEND_ADD"
        | "FRIEND_DEL"
        | "C2C_MSG_RECEIVE"
        | "C2C_MSG_REJECT"
        | "GROUP_AT_MESSAGE_CREATE"
        | "GROUP_MESSAGE_CREATE"
        | "GROUP_ADD_ROBOT"
        | "GROUP_DEL_ROBOT"
        | "GROUP_MSG_RECEIVE"
        | "GROUP_MSG_REJECT"
        | "SUBSCRIBE_MESSAGE_STATUS" => GROUP_AND_C2C_EVENT,
        "GROUP_MEMBER_ADD" | "GROUP_MEMBER_REMOVE" | "GROUP_JOIN_REQUEST" => GROUP_MEMBER_EVENT,
        "INTERACTION_CREATE" => INTERACTION,
        "MESSAGE_AUDIT_PASS" | "MESSAGE_AUDIT_REJECT" => MESSAGE_AUDIT,
        "AT_MESSAGE_CREATE" | "PUBLIC_MESSAGE_DELETE" => PUBLIC_GUILD_MESSAGES,
        "MESSAGE_CREATE" | "MESSAGE_DELETE" => GUILD_MESSAGES,
        "DIRECT_MESSAGE_CREATE" | "DIRECT_MESSAGE_DELETE" => DIRECT_MESSAGE,
        "MESSAGE_REACTION_ADD" | "MESSAGE_REACTION_REMOVE" => GUILD_MESSAGE_REACTIONS,
        "ENTER_AIO" => ENTER_AIO,
        _ => of_family(event),
    }
}

/// Families whose events share a prefix.
fn of_family(event: &str) -> u32 {
    const FAMILIES: [(&str, u32); 7] = [
        ("GUILD_MEMBER_", GUILD_MEMBERS),
        ("GUILD_", GUILDS),
        ("CHANNEL_", GUILDS),
        ("OPEN_FORUM_", OPEN_FORUM_EVENT),
        ("FORUM_", FORUMS_EVENT),
        ("AUDIO_OR_LIVE_", AUDIO_OR_LIVE_CHANNEL_MEMBER),
        ("AUDIO_", AUDIO_ACTION),
    ];
    FAMILIES
        .iter()
        .find(|(prefix, _)| event.starts_with(prefix))
        .map_or(0, |(_, bit)| *bit)
}

//! Error codes of the REST API: what they mean and what to do.
//!
//! See QQ docs, dev-prepare/api-call-guide (public table) and the pages of the
//! send endpoints; tencent-connect/bot-docs, dev-prepare/error-trace/openapi.
//! Codes without a page are from public threads of the official SDKs.

use crate::contract::FailureKind;

/// What the channel itself does about a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reaction {
    /// Report it.
    Report,
    /// Get a new token and repeat the request once.
    RefreshToken,
    /// Leave the endpoint alone for a minute.
    Pause,
    /// No restart mends this.
    Stop,
    /// The message this answers cannot be answered any more.
    CloseAnchor,
    /// The pair of message id and sequence was used before.
    Duplicate,
    /// Moderators decide.
    Audit,
}

/// One line of the table.
#[derive(Debug)]
pub(crate) struct Row {
    codes: &'static [i64],
    /// What happened.
    pub(crate) meaning: &'static str,
    /// For the failure of a command.
    pub(crate) kind: FailureKind,
    /// What a person can do.
    pub(crate) remedy: &'static str,
    /// What the channel does.
    pub(crate) reaction: Reaction,
}

/// The line of `code`.
pub(crate) fn lookup(code: i64) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.codes.contains(&code))
}

const fn row(
    codes: &'static [i64],
    kind: FailureKind,
    reaction: Reaction,
    meaning: &'static str,
    remedy: &'static str,
) -> Row {
    Row {
        codes,
        meaning,
        kind,
        remedy,
        reaction,
    }
}

use FailureKind::{Denied, Invalid, RateLimited, Rejected, TooLarge, Unauthorized, Unavailable};
use Reaction::{Audit, CloseAnchor, Duplicate, Pause, RefreshToken, Report, Stop};

const WRITE_AGAIN: &str = "The user must write again; then the bot can answer.";
const ASK_OWNER: &str =
    "Ask the bot's owner to request this permission in the console at q.qq.com.";
const DEFECT: &str = "This is a defect of the channel; report it with the trace id.";
const LATER: &str = "Try again later.";

#[rustfmt::skip]
const TABLE: [Row; 31] = [
    // Access.
    row(&[11241, 11243, 11244, 11255], Unauthorized, RefreshToken,
        "the access token was refused", "Check app_id and app_secret; two bots must not share a token."),
    row(&[11298, 40_023_002], Denied, Report,
        "the IP address of this machine is not in the bot's allow list",
        "Add the public IP address of this machine to the IP allow list in the console at q.qq.com. A new token does not help."),
    row(&[11242, 11252, 11263, 11281, 11301, 11302, 11303, 11304, 11305, 11306, 100_002], Unavailable, Report,
        "the platform could not check the access right", LATER),
    row(&[11245], Unauthorized, Report,
        "the old fixed bot token was used", DEFECT),
    row(&[11251, 11261, 11275], Unauthorized, Stop,
        "the AppID is wrong", "Check app_id against the console at q.qq.com."),
    row(&[11253, 11254, 11262, 11273, 11264, 11274, 11282], Denied, Report,
        "the bot has no permission for this interface", ASK_OWNER),
    row(&[11265, 100_007], Unauthorized, Stop,
        "the bot is banned or does not exist", "Look at the bot's state in the console at q.qq.com."),
    row(&[100_016], Unauthorized, Stop,
        "AppID or AppSecret is wrong", "Copy both from the console at q.qq.com again."),
    row(&[100_001, 100_017], RateLimited, Pause,
        "too many requests", "Wait a minute; make sure no second process runs this bot."),
    row(&[10001, 10003, 10004], Invalid, Report,
        "unknown account, channel or guild", "Check the recipient."),
    // Reply window.
    row(&[40_034_005, 304_103, 40_034_128, 304_027, 22_009], Rejected, CloseAnchor,
        "the reply window is closed or its replies are used up", WRITE_AGAIN),
    row(&[40_034_024, 304_026], Rejected, CloseAnchor,
        "the message to answer is unknown, or belongs to another chat", WRITE_AGAIN),
    row(&[40_034_025, 40_034_026, 40_034_027], Rejected, CloseAnchor,
        "the event to answer is malformed, expired or cannot be answered", WRITE_AGAIN),
    row(&[40_054_005], Rejected, Duplicate,
        "the platform took the message for a duplicate", "Send it again."),
    row(&[304_023, 304_024], Rejected, Audit,
        "the message waits for the platform's moderators", "Wait; the platform decides."),
    // Content.
    row(&[40_034_006, 1_100_101, 304_025, 1_100_103], Rejected, Report,
        "the platform's moderation refused the content", "Say it differently."),
    row(&[40_054_010, 304_003], Rejected, Report,
        "the text contains a URL or domain that is not registered for this bot",
        "Register the domain in the console at q.qq.com, or write the text without it."),
    row(&[40_054_007, 40_054_018, 1_000_001], TooLarge, Report,
        "the message is too long", "Send shorter messages."),
    row(&[22_006, 304_061, 340_069, 50_035, 50_037], Invalid, Report,
        "type and content of the message do not fit together", DEFECT),
    row(&[50_006], Invalid, Report, "the message is empty", "Send some text."),
    row(&[50_059], Invalid, Report, "the typing notice is malformed", DEFECT),
    row(&[304_004, 304_062, 304_064], Denied, Report, "this card is not allowed", ASK_OWNER),
    row(&[304_036, 40_034_127, 40_034_012, 50_056, 304_014, 304_041,
          40_034_008, 40_034_009, 40_034_010, 40_034_011, 40_034_124, 50_041, 50_042, 50_054, 50_055, 50_057],
        Denied, Report, "markdown was refused", "Send plain text."),
    row(&[304_080, 40_034_004], Rejected, Report, "the media could not be used", "Upload it again."),
    row(&[40_034_029, 305_007, 304_037, 304_038, 304_039, 304_040], Denied, Report,
        "the buttons were refused", ASK_OWNER),
    // Peer and quota.
    row(&[40_034_100, 20_028, 304_045, 304_046, 304_047, 304_048, 304_049, 304_050, 1_100_100, 1_100_308],
        RateLimited, Report, "a message quota is used up", LATER),
    row(&[40_034_101, 40_054_003, 1_100_104, 1_100_301], Rejected, Report,
        "the bot is not in this group any more", "Invite the bot again."),
    row(&[40_034_102, 40_034_105, 40_034_122, 40_034_123], Denied, Report,
        "the bot may not write first here", WRITE_AGAIN),
    row(&[40_054_002, 850_018], Denied, Report,
        "the bot is muted", "Ask an administrator of the group to unmute it."),
    row(&[40_054_004, 40_054_013], Denied, Report,
        "the user is not a friend of the bot or refuses its messages", WRITE_AGAIN),
    row(&[40_054_006, 50_055_001, 50_055_002, 50_055_006, 340_067, 304_016, 1_100_300, 40_054_016], Unavailable, Report,
        "the platform could not send the message now", "Try again; if it stays, check that the bot is published."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_code_stands_in_two_lines() {
        let mut codes: Vec<_> = TABLE.iter().flat_map(|row| row.codes).collect();
        let all = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), all);
    }
}

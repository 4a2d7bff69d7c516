//! Error codes of the REST API: what they mean and what the channel does.
//!
//! Each line names its source: `guide` is QQ docs, dev-prepare/api-call-guide
//! (the public table); `send`, `media`, `recall`, `react` and `stream` are the
//! pages of these endpoints; `old` is tencent-connect/bot-docs,
//! dev-prepare/error-trace/openapi; `field` are public threads of the SDKs.
//! `docs/sending.md` prints the table; a test compares the two.

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
    /// This machine may not talk to the platform; tell the operator.
    Blocked,
    /// Try again, with growing pauses.
    Retry,
    /// The message this answers cannot be answered any more: answer another one,
    /// write unasked, or keep the text.
    CloseAnchor,
    /// The pair of message id and sequence was used before.
    Duplicate,
    /// Moderators decide.
    Audit,
    /// Send the text without markup, and go on so for a day.
    SendPlain,
    /// Send it once more with its addresses made unclickable.
    MaskUrls,
    /// Send it in smaller pieces.
    Split,
    /// Write here only in answer to a message; keep the text.
    NoPush,
    /// Too many messages: later, or keep the text.
    Quota,
    /// Nothing reaches this chat for now.
    StopChat,
    /// The content was refused: tell the user once.
    Moderated,
    /// Upload the file again, once.
    Reupload,
    /// Send it as a file of no special kind.
    AsFile,
    /// Upload the bytes instead of naming a URL.
    SendBytes,
    /// Send it without buttons.
    DropKeyboard,
    /// Send the card's content as text.
    DropCard,
}

impl Reaction {
    /// Whether waiting may mend it.
    pub(crate) const fn is_passing(self) -> bool {
        matches!(self, Self::Retry | Self::Quota | Self::Pause)
    }

    /// How long to leave the endpoint alone when the platform does not say: QQ
    /// docs, dev-prepare/api-call-guide, 100001 and 100017; official clients wait
    /// a minute.
    pub(crate) const fn rest_ms(self) -> Option<u64> {
        match self {
            Self::Pause => Some(60_000),
            _ => None,
        }
    }

    /// In words, for the documentation.
    #[cfg(test)]
    const fn words(self) -> &'static str {
        match self {
            Self::Report => "reports it",
            Self::RefreshToken => "gets a new token and repeats the request once",
            Self::Pause => {
                "leaves the endpoint alone for a minute or as long as it says, and sends then"
            }
            Self::Stop => "stops until the configuration changes",
            Self::Blocked => "reports it, warns the operator, leaves the token alone",
            Self::Retry => "tries again with growing pauses, a message until its window ends",
            Self::CloseAnchor => {
                "answers another message, else writes unasked, else keeps the text"
            }
            Self::Duplicate => {
                "takes it for delivered if it was a repetition, else takes the next number"
            }
            Self::Audit => "waits for the moderators",
            Self::SendPlain => "sends it without markup, and all others for a day",
            Self::MaskUrls => {
                "sends it once more with its addresses made unclickable, then tells the user once a day"
            }
            Self::Split => "sends it in smaller pieces",
            Self::NoPush => "keeps the text until the chat writes again",
            Self::Quota => "tries again later, then keeps the text",
            Self::StopChat => "sends nothing to this chat for five minutes, warns the operator",
            Self::Moderated => "tells the user once a day, reports it",
            Self::Reupload => "uploads the file again, once",
            Self::AsFile => "sends it as a file of no special kind",
            Self::SendBytes => "uploads the bytes instead of the address",
            Self::DropKeyboard => "sends it without buttons, as numbered text",
            Self::DropCard => "sends its content as text",
        }
    }
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
    #[cfg_attr(not(test), expect(dead_code, reason = "documentation"))]
    source: &'static str,
}

/// The line of `code`.
pub(crate) fn lookup(code: i64) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.codes.contains(&code))
}

const fn row(
    source: &'static str,
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
        source,
    }
}

use FailureKind::{
    Denied, Invalid, RateLimited, Rejected, TooLarge, Unauthorized, Unavailable, Unsupported,
};
use Reaction::{
    AsFile, Audit, Blocked, CloseAnchor, DropCard, DropKeyboard, Duplicate, MaskUrls, Moderated,
    NoPush, Pause, Quota, RefreshToken, Report, Retry, Reupload, SendBytes, SendPlain, Split, Stop,
    StopChat,
};

const WRITE_AGAIN: &str = "The user must write again; then the bot can answer.";
const ASK_OWNER: &str =
    "Ask the bot's owner to request this permission in the console at q.qq.com.";
const DEFECT: &str = "This is a defect of the channel; report it with the trace id.";
const LATER: &str = "Try again later.";
const NOTHING: &str = "Nothing; this happens.";

#[rustfmt::skip]
const TABLE: &[Row] = &[
    // Access.
    row("guide", &[11241, 11243, 11244, 11255], Unauthorized, RefreshToken,
        "the access token was refused", "Check app_id and app_secret; two bots must not share a token."),
    row("field", &[11298, 40_023_002], Denied, Blocked,
        "the IP address of this machine is not in the bot's allow list",
        "Add the public IP address of this machine to the IP allow list in the console at q.qq.com. A new token does not help."),
    row("guide", &[11242, 11252, 11263, 11281, 11301, 11302, 11303, 11304, 11305, 11306, 12001, 12002, 12003, 100_002], Unavailable, Retry,
        "the platform could not check the access right", LATER),
    row("field", &[11245], Unauthorized, Report,
        "the old fixed bot token was used", DEFECT),
    row("guide", &[11251, 11261, 11275], Unauthorized, Stop,
        "the AppID is wrong", "Check app_id against the console at q.qq.com."),
    row("guide", &[11253, 11254, 11262, 11273, 11264, 11274, 11282], Denied, Report,
        "the bot has no permission for this interface", ASK_OWNER),
    row("guide", &[11265, 100_007], Unauthorized, Stop,
        "the bot is banned or does not exist", "Look at the bot's state in the console at q.qq.com."),
    row("guide", &[100_016], Unauthorized, Stop,
        "AppID or AppSecret is wrong", "Copy both from the console at q.qq.com again."),
    row("guide", &[100_001, 100_017], RateLimited, Pause,
        "too many requests", "Wait a minute; make sure no second process runs this bot."),
    row("guide", &[10001, 10003, 10004, 50_038, 50_039, 50_043], Invalid, Report,
        "unknown account, channel, guild or message", "Check the recipient."),
    // Reply window.
    row("send", &[40_034_005, 304_103, 40_034_128, 304_027, 22_009], Rejected, CloseAnchor,
        "the reply window is closed or its replies are used up", WRITE_AGAIN),
    row("send", &[40_034_024, 304_026, 304_028, 50_048], Rejected, CloseAnchor,
        "the message to answer is unknown, or belongs to another chat", WRITE_AGAIN),
    row("send", &[40_034_025, 40_034_026, 40_034_027], Rejected, CloseAnchor,
        "the event to answer is malformed, expired or cannot be answered", WRITE_AGAIN),
    row("send", &[40_054_005], Rejected, Duplicate,
        "the platform took the message for a duplicate", "Send it again."),
    row("send", &[304_023, 304_024], Rejected, Audit,
        "the message waits for the platform's moderators", "Wait; the platform decides."),
    // Content.
    row("send", &[40_034_006, 1_100_101, 304_025, 1_100_103, 3_300_006], Rejected, Moderated,
        "the platform's moderation refused the content", "Say it differently."),
    row("send", &[40_054_010, 304_003], Rejected, MaskUrls,
        "the text contains a URL or domain that is not registered for this bot",
        "Register the domain in the console at q.qq.com, or write the text without it."),
    row("send", &[40_054_007, 40_054_018, 1_000_001, 304_005], TooLarge, Split,
        "the message is too long", "Send shorter messages."),
    row("send", &[22_006, 304_061, 340_069, 50_035, 50_037, 304_062, 50_045, 50_046, 50_047], Invalid, Report,
        "type and content of the message do not fit together", DEFECT),
    row("send", &[50_006], Invalid, Report, "the message is empty", "Send some text."),
    row("field", &[50_059], Invalid, Report, "the typing notice is malformed", DEFECT),
    row("send", &[304_004, 304_064, 304_011, 304_012], Denied, DropCard, "this card is not allowed", ASK_OWNER),
    row("send", &[304_036, 40_034_127, 40_034_012, 50_056, 304_014, 304_041,
          40_034_008, 40_034_009, 40_034_010, 40_034_011, 40_034_124, 50_040, 50_041, 50_042, 50_054, 50_055, 50_057],
        Denied, SendPlain, "markdown was refused", "Send plain text."),
    row("send", &[40_034_029, 305_007, 304_037, 304_038, 304_039, 304_040], Denied, DropKeyboard,
        "the buttons were refused", ASK_OWNER),
    row("send", &[40_034_106, 40_034_108, 40_034_109], Invalid, Report,
        "the command in the message is malformed", "Change the command."),
    // Peer and quota.
    row("send", &[40_034_100, 20_028, 304_022, 1_100_100, 1_100_308, 11_004], RateLimited, Quota,
        "a message quota is used up", LATER),
    row("send", &[304_035, 304_045, 304_047, 304_049, 304_050, 304_019, 1_100_304], RateLimited, NoPush,
        "the quota of the day is used up", "Wait until tomorrow, or for a message to answer."),
    row("send", &[40_034_102, 40_034_105, 304_046, 304_048, 304_044, 40_054_013], Denied, NoPush,
        "the bot may not write first here", WRITE_AGAIN),
    row("send", &[40_034_122, 40_034_123], Denied, NoPush,
        "the wake-up message is used up or not possible", WRITE_AGAIN),
    row("send", &[40_034_101, 40_054_003, 1_100_104, 1_100_301, 1_100_306, 1_100_303, 1_100_307], Rejected, StopChat,
        "the bot is not in this group or channel any more, or may not speak there", "Invite the bot again, or give it the right to speak."),
    row("send", &[40_054_002, 850_018], Denied, StopChat,
        "the bot is muted", "Ask an administrator of the chat to unmute it."),
    row("send", &[40_054_004, 304_034, 304_031, 304_032], Denied, StopChat,
        "the user is not a friend of the bot, shares no guild with it or closed the conversation", WRITE_AGAIN),
    row("send", &[40_054_016], Unavailable, Report,
        "the bot is offline or not published", "Look at the bot's state in the console at q.qq.com."),
    row("field", &[304_018], Unavailable, Retry,
        "guilds accept messages only while the gateway is connected", LATER),
    row("send", &[40_054_006, 50_055_001, 50_055_002, 50_055_006, 340_067, 304_006, 304_007, 304_008, 304_009, 304_016, 304_033,
          1_100_300, 1_100_305, 40_034_059], Unavailable, Retry,
        "the platform could not send the message now", LATER),
    row("send", &[1_100_102, 1_100_302, 1_100_499], Rejected, Report,
        "the platform did not send the message", "Ask the platform's support with the trace id."),
    // Media.
    row("media", &[304_080, 40_034_004], Rejected, Reupload,
        "the uploaded file could not be used any more", "Send it again."),
    row("media", &[850_019], Unsupported, AsFile,
        "the platform does not take this file format", "Send PNG or JPEG pictures, MP4 videos and SILK, MP3, WAV or OGG voice."),
    row("media", &[850_026, 40_034_001, 304_021], Rejected, SendBytes,
        "the platform could not download the file from its address", "Send the file itself."),
    row("media", &[850_027, 304_082, 304_083, 304_010, 304_017, 304_020, 40_093_001], Unavailable, Retry,
        "the platform could not take the file now", LATER),
    row("media", &[850_031], TooLarge, Report,
        "the file is too large", "Send a file of at most 200 MB; pictures and voice of at most 20 MB."),
    row("media", &[40_093_002], RateLimited, Report,
        "the day's volume of uploads is used up", "Wait until tomorrow."),
    row("media", &[10_000], Unsupported, Report,
        "this kind of media cannot be sent here", DEFECT),
    // Recall, reactions, streams, interactions.
    row("recall", &[40_061_001, 40_061_002, 306_001, 306_002, 306_007, 306_008, 306_009], Invalid, Report,
        "there is no such message of the bot in this chat", "Check the message id."),
    row("recall", &[40_062_003, 306_003, 306_004], Denied, Report,
        "the bot may not take this message back", ASK_OWNER),
    row("recall", &[40_064_004, 306_011, 306_005], Rejected, Report,
        "the message is too old to be taken back", "QQ allows it for two minutes. Send a correction."),
    row("recall", &[50_065_001, 306_006, 306_010], Unavailable, Retry,
        "the platform could not take the message back now", LATER),
    row("react", &[620_001, 620_004, 620_005], Invalid, Report,
        "there is no such message or emoji", "Check message id and emoji."),
    row("react", &[620_003], Invalid, Report, "the reaction is there already", NOTHING),
    row("react", &[620_002], Denied, Report, "the message has too many kinds of reactions", NOTHING),
    row("react", &[620_006], RateLimited, Report, "too many reactions", LATER),
    row("react", &[620_007], Unavailable, Retry, "the platform could not set the reaction now", LATER),
    row("stream", &[40_007], Invalid, Report,
        "what was shown of the growing message cannot be changed", DEFECT),
    row("stream", &[50_002], RateLimited, Report, "the message grows too fast", LATER),
    row("stream", &[50_001], Unavailable, Report, "the platform could not extend the message", LATER),
    row("interaction", &[630_001, 630_002, 630_003, 630_006, 630_007], Invalid, Report,
        "the click could not be acknowledged", DEFECT),
    row("interaction", &[630_004, 630_005, 630_008], Unavailable, Retry,
        "the click could not be acknowledged now", LATER),
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

    /// The table as the documentation prints it.
    fn printed() -> String {
        let line = |row: &Row| {
            let codes: Vec<_> = row.codes.iter().map(i64::to_string).collect();
            format!(
                "| {} | {} | {} | {} | {} |\n",
                codes.join(", "),
                row.meaning,
                row.reaction.words(),
                row.remedy,
                row.source
            )
        };
        TABLE.iter().map(line).collect()
    }

    #[test]
    fn the_documentation_prints_this_table() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/sending.md");
        let document = std::fs::read_to_string(path).unwrap_or_default();
        let table = printed();
        assert!(
            document.contains(&table),
            "docs/sending.md must contain:\n{table}"
        );
    }
}

//! Close codes: what they mean, and how to go on.
//!
//! See QQ docs, dev-prepare/event-emit/websocket (4001, 4002, 4006–4014,
//! 4900–4915) and botgo `errs/err.go` (4000, 4003–4005).

use crate::contract::{Failure, FailureKind, SocketClosed};

/// How to go on after a close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Routine: resume at once.
    ResumeNow,
    /// Resume after a pause.
    Resume,
    /// Resume after a minute.
    ResumeSlowly,
    /// The session is gone: identify after a pause.
    Identify,
    /// The token is gone as well.
    Reauthenticate,
    /// An intent is refused: identify with fewer.
    Negotiate,
    /// No restart mends this.
    Stop,
}

/// One line of the table.
#[derive(Debug)]
pub(super) struct Close {
    first: u16,
    last: u16,
    /// What happened.
    meaning: &'static str,
    /// How to go on.
    pub(super) verdict: Verdict,
    /// What a person can do; `{intents}` stands for those subscribed to.
    remedy: &'static str,
}

impl Close {
    /// Whether this end is an invitation to come back rather than a failure.
    pub(super) fn is_routine(&self) -> bool {
        self.verdict == ResumeNow
    }

    /// In words.
    pub(super) fn failure(&self, closed: &SocketClosed, intents: &str) -> Failure {
        let kind = match (self.verdict, closed.code) {
            (_, None) => FailureKind::Unreachable,
            (Stop | Negotiate | Reauthenticate, _) => FailureKind::Unauthorized,
            _ => FailureKind::Unavailable,
        };
        let reason: String = closed.reason.chars().take(120).collect();
        let reason = if reason.is_empty() {
            reason
        } else {
            format!(" ({reason:?})")
        };
        Failure::new(kind, format!("gateway: {}{reason}", self.meaning))
            .code(closed.code.map(i64::from))
            .remedy(self.remedy.replace("{intents}", intents))
    }
}

/// Whether the host refuses this socket whatever the platform does.
pub(super) fn is_denied_for_good(closed: &SocketClosed) -> bool {
    closed.failure.as_ref().is_some_and(Failure::is_for_good)
}

/// The host ended the socket rather than put the token into Identify or Resume.
pub(super) fn never_sent(closed: &SocketClosed) -> Failure {
    let remedy = closed.failure.as_ref().and_then(|it| it.remedy.as_deref());
    Failure::new(
        FailureKind::Denied,
        "gateway: the host does not send the access token to the gateway",
    )
    .remedy(remedy.unwrap_or("Allow it under [secrets.access_token] in plugin.toml."))
}

/// The frame nobody can have that the connection broke over, if it was one: too
/// large or too broken for the host to read at all.
pub(super) fn unreadable(closed: &SocketClosed) -> Option<&'static str> {
    match closed.failure.as_ref()?.kind {
        FailureKind::TooLarge => Some("a frame larger than the host reads"),
        FailureKind::Protocol => Some("a frame that cannot be read"),
        _ => None,
    }
}

/// The line of `code`; absent means the connection broke without a close frame.
pub(super) fn lookup(code: Option<u16>) -> &'static Close {
    let code = code.unwrap_or(BROKEN.first);
    let row = TABLE
        .iter()
        .find(|row| (row.first..=row.last).contains(&code));
    // The documentation's rule for everything else: identify. Codes below 4000
    // are not the gateway's but the transport's.
    row.unwrap_or(if code < 4000 { &BROKEN } else { &OTHER })
}

const fn row(
    first: u16,
    last: u16,
    verdict: Verdict,
    meaning: &'static str,
    remedy: &'static str,
) -> Close {
    Close {
        first,
        last,
        meaning,
        verdict,
        remedy,
    }
}

use Verdict::{Identify, Negotiate, Reauthenticate, Resume, ResumeNow, ResumeSlowly, Stop};

const BY_ITSELF: &str = "The channel reconnects by itself.";
const DEFECT: &str = "This is a defect of the channel; report it with its version and this code.";
const SHARDS: &str =
    "This channel does not shard; ask for help with the number of guilds of this bot.";
const INTENTS: &str = "Subscribed were: {intents}. Remove from `intents` what the bot has no permission for in the console at q.qq.com, or request it there.";

const BROKEN: Close = row(1006, 1006, Resume, "the connection broke", BY_ITSELF);
const OTHER: Close = row(
    4000,
    4999,
    Identify,
    "the gateway closed with a code of its own",
    BY_ITSELF,
);

#[rustfmt::skip]
const TABLE: [Close; 21] = [
    row(1000, 1000, Resume, "the gateway closed normally", BY_ITSELF),
    BROKEN,
    row(4000, 4000, Identify, "unknown error", BY_ITSELF),
    row(4001, 4001, Stop, "the gateway did not know an opcode", DEFECT),
    row(4002, 4002, Stop, "the gateway could not read a frame", DEFECT),
    row(4003, 4003, Identify, "not authenticated", BY_ITSELF),
    row(4004, 4004, Reauthenticate, "authentication failed", "Check that no other bot uses this token."),
    row(4005, 4005, Identify, "already authenticated", BY_ITSELF),
    row(4006, 4006, Identify, "the session id is not valid any more", BY_ITSELF),
    row(4007, 4007, Identify, "the sequence number is wrong", BY_ITSELF),
    row(4008, 4008, ResumeSlowly, "frames were sent too fast", BY_ITSELF),
    // Every 30 to 65 minutes; clearing the session here loses messages.
    row(4009, 4009, ResumeNow, "the connection expired", BY_ITSELF),
    row(4010, 4010, Stop, "the shard is not valid", SHARDS),
    row(4011, 4011, Stop, "too many guilds for one connection", SHARDS),
    row(4012, 4012, Stop, "the gateway version is not valid", DEFECT),
    row(4013, 4013, Negotiate, "an intent is not valid", INTENTS),
    row(4014, 4014, Negotiate, "an intent is not permitted", INTENTS),
    // 4902 "reset by resume" is among them: resuming again never works.
    row(4900, 4913, Identify, "the gateway failed inside", BY_ITSELF),
    row(4914, 4914, Stop, "the bot is not published: it may use the sandbox only",
        "Set sandbox = true, or publish the bot in the console at q.qq.com."),
    row(4915, 4915, Stop, "the bot is banned", "Appeal in the console at q.qq.com."),
    OTHER,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_code_has_its_verdict() {
        for (code, verdict) in [
            (Some(1000), Resume),
            (None, Resume),
            (Some(1006), Resume),
            (Some(1011), Resume),
            (Some(4000), Identify),
            (Some(4001), Stop),
            (Some(4002), Stop),
            (Some(4003), Identify),
            (Some(4004), Reauthenticate),
            (Some(4005), Identify),
            (Some(4006), Identify),
            (Some(4007), Identify),
            (Some(4008), ResumeSlowly),
            (Some(4009), ResumeNow),
            (Some(4010), Stop),
            (Some(4011), Stop),
            (Some(4012), Stop),
            (Some(4013), Negotiate),
            (Some(4014), Negotiate),
            (Some(4500), Identify),
            (Some(4900), Identify),
            (Some(4902), Identify),
            (Some(4913), Identify),
            (Some(4914), Stop),
            (Some(4915), Stop),
            (Some(4999), Identify),
        ] {
            assert_eq!(lookup(code).verdict, verdict, "{code:?}");
        }
    }
}

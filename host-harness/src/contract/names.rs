//! What the contract calls its cases: for JSON, logs and terminals.

use super::{AttachmentKind, ChannelState, ChatKind, Delivery, FailureKind, Feature};

/// Gives an enum of the contract the names of the WIT.
macro_rules! names {
    ($($kind:ident { $($case:ident = $name:literal),* $(,)? })*) => {$(
        impl $kind {
            /// Its name in the WIT.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$case => $name,)*
                }
            }
        }
    )*};
}

names! {
    ChatKind {
        Dm = "dm",
        Group = "group",
        GuildChannel = "guild-channel",
        GuildDm = "guild-dm",
    }
    AttachmentKind {
        Image = "image",
        Voice = "voice",
        Video = "video",
        File = "file",
    }
    Delivery {
        Passive = "passive",
        Proactive = "proactive",
        Deferred = "deferred",
        PendingAudit = "pending-audit",
        Duplicate = "duplicate",
        Nothing = "nothing",
    }
    ChannelState {
        Connecting = "connecting",
        Ready = "ready",
        Degraded = "degraded",
        Stopped = "stopped",
    }
    Feature {
        Send = "send",
        Typing = "typing",
        Draft = "draft",
        React = "react",
        Recall = "recall",
        MediaIn = "media-in",
        MediaOut = "media-out",
        Markdown = "markdown",
        Cards = "cards",
        Doctor = "doctor",
    }
    FailureKind {
        Denied = "denied",
        Unauthorized = "unauthorized",
        Invalid = "invalid",
        Unsupported = "unsupported",
        RateLimited = "rate-limited",
        Unresolved = "unresolved",
        Unreachable = "unreachable",
        Tls = "tls",
        TimedOut = "timed-out",
        TooLarge = "too-large",
        Cancelled = "cancelled",
        Rejected = "rejected",
        Protocol = "protocol",
        Unavailable = "unavailable",
        Internal = "internal",
    }
}

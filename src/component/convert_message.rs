//! Messages and failures, which cross in both directions.

use super::bindings::prx::channel::types as w;
use super::convert::{list, option};
use crate::contract as c;

cases!(w::AttachmentKind => c::AttachmentKind { Image, Voice, Video, File });
cases!(c::AttachmentKind => w::AttachmentKind { Image, Voice, Video, File });
cases!(w::AttachmentLocation => c::AttachmentLocation { Url(keep), Blob(keep) });
cases!(c::AttachmentLocation => w::AttachmentLocation { Url(keep), Blob(keep) });
record!(w::Attachment => c::Attachment {
    kind: Into::into, location: Into::into, name, mime, size, duration_ms, transcript
});
record!(c::Attachment => w::Attachment {
    kind: Into::into, location: Into::into, name, mime, size, duration_ms, transcript
});

cases!(c::ChatKind => w::ChatKind { Dm, Group, GuildChannel, GuildDm });
record!(c::Quote => w::Quote { id, author, text, attachments: list });
record!(c::ButtonPress => w::ButtonPress { id, data });
record!(c::InboundMessage => w::InboundMessage {
    id, sender, sender_name, sender_is_bot, reply_target, chat: Into::into, chat_title, text,
    timestamp_ms, mentioned, thread, quote: option, attachments: list, interruption_scope,
    button: option, notice
});

cases!(w::TextFormat => c::TextFormat { Auto, Plain, Markdown });
record!(w::Embed => c::Embed { title, prompt, description, thumbnail_url, fields });
record!(w::NamedValue => c::NamedValue { name, value });
record!(c::NamedValue => w::NamedValue { name, value });
record!(w::ArkEntry => c::ArkEntry { key, value, rows: rows });
record!(w::Ark => c::Ark { template_id, entries: list });
cases!(w::ButtonAction => c::ButtonAction { OpenUrl, Callback, FillInput });
cases!(w::ButtonAudience => c::ButtonAudience { Everyone, Admins, ListedUsers, ListedRoles });
record!(w::Button => c::Button {
    id, label, visited_label, emphasised, action: Into::into, data, audience: Into::into,
    audience_ids
});
record!(w::Keyboard => c::Keyboard { rows: rows });
cases!(w::Card => c::Card { Embed(Into::into), Ark(Into::into), Keyboard(Into::into) });
record!(w::OutboundMessage => c::OutboundMessage {
    recipient, text, format: Into::into, attachments: list, reply_to, quote, thread, card: option
});

cases!(w::FailureKind => c::FailureKind {
    Denied, Unauthorized, Invalid, Unsupported, RateLimited, Unresolved, Unreachable, Tls, TimedOut,
    TooLarge, Cancelled, Rejected, Protocol, Unavailable, Internal
});
cases!(c::FailureKind => w::FailureKind {
    Denied, Unauthorized, Invalid, Unsupported, RateLimited, Unresolved, Unreachable, Tls, TimedOut,
    TooLarge, Cancelled, Rejected, Protocol, Unavailable, Internal
});
record!(w::Failure => c::Failure { kind: Into::into, code, message, trace_id, retry_after_ms, remedy });
record!(c::Failure => w::Failure { kind: Into::into, code, message, trace_id, retry_after_ms, remedy });

/// Payloads that are the same type on both sides.
pub(super) fn keep<T>(value: T) -> T {
    value
}

fn rows<A: Into<B>, B>(rows: Vec<Vec<A>>) -> Vec<Vec<B>> {
    rows.into_iter().map(list).collect()
}

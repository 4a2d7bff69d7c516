//! The JSON that agents and operators read: contract types with the names of
//! the WIT, lower case.

use serde_json::{Value, json};

use crate::actor::StatusReport;
use crate::contract::{
    Attachment, AttachmentKind, AttachmentLocation, ChannelState, ChatKind, Delivery, Failure,
    FailureKind, InboundMessage, Receipt,
};

/// A message from a user.
pub fn inbound(message: &InboundMessage) -> Value {
    let quote = message.quote.as_ref().map(|quote| {
        json!({
            "id": quote.id,
            "author": quote.author,
            "text": quote.text,
            "attachments": attachments(&quote.attachments),
        })
    });
    let button = message.button.as_ref();
    let button = button.map(|button| json!({ "id": button.id, "data": button.data }));
    json!({
        "id": message.id,
        "sender": message.sender,
        "sender_name": message.sender_name,
        "sender_is_bot": message.sender_is_bot,
        "reply_target": message.reply_target,
        "chat": chat(message.chat),
        "chat_title": message.chat_title,
        "text": message.text,
        "timestamp_ms": message.timestamp_ms,
        "mentioned": message.mentioned,
        "thread": message.thread,
        "quote": quote,
        "attachments": attachments(&message.attachments),
        "button": button,
        "notice": message.notice,
    })
}

/// What a command came to: `{"receipt":{…}}` or `{"failure":{…}}`.
pub fn outcome(outcome: &Result<Receipt, Failure>) -> Value {
    match outcome {
        Ok(receipt) => json!({ "receipt": {
            "message_ids": receipt.message_ids,
            "how": delivery(receipt.how),
        }}),
        Err(failure) => json!({ "failure": {
            "kind": failure_kind(failure.kind),
            "code": failure.code,
            "message": failure.message,
            "trace_id": failure.trace_id,
            "retry_after_ms": failure.retry_after_ms,
            "remedy": failure.remedy,
        }}),
    }
}

/// How a channel is doing.
pub fn status(report: &StatusReport) -> Value {
    json!({ "state": state(report.state), "detail": report.detail, "fatal": report.fatal })
}

fn attachments(attachments: &[Attachment]) -> Vec<Value> {
    attachments
        .iter()
        .map(|attachment| {
            let (url, blob) = match &attachment.location {
                AttachmentLocation::Url(url) => (Some(url), None),
                AttachmentLocation::Blob(blob) => (None, Some(blob)),
            };
            json!({
                "kind": attachment_kind(attachment.kind),
                "url": url,
                "blob": blob,
                "name": attachment.name,
                "mime": attachment.mime,
                "size": attachment.size,
                "duration_ms": attachment.duration_ms,
                "transcript": attachment.transcript,
            })
        })
        .collect()
}

fn chat(kind: ChatKind) -> &'static str {
    match kind {
        ChatKind::Dm => "dm",
        ChatKind::Group => "group",
        ChatKind::GuildChannel => "guild-channel",
        ChatKind::GuildDm => "guild-dm",
    }
}

fn attachment_kind(kind: AttachmentKind) -> &'static str {
    match kind {
        AttachmentKind::Image => "image",
        AttachmentKind::Voice => "voice",
        AttachmentKind::Video => "video",
        AttachmentKind::File => "file",
    }
}

fn delivery(how: Delivery) -> &'static str {
    match how {
        Delivery::Passive => "passive",
        Delivery::Proactive => "proactive",
        Delivery::Deferred => "deferred",
        Delivery::PendingAudit => "pending-audit",
        Delivery::Duplicate => "duplicate",
        Delivery::Nothing => "nothing",
    }
}

fn state(state: ChannelState) -> &'static str {
    match state {
        ChannelState::Connecting => "connecting",
        ChannelState::Ready => "ready",
        ChannelState::Degraded => "degraded",
        ChannelState::Stopped => "stopped",
    }
}

fn failure_kind(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::Denied => "denied",
        FailureKind::Unauthorized => "unauthorized",
        FailureKind::Invalid => "invalid",
        FailureKind::Unsupported => "unsupported",
        FailureKind::RateLimited => "rate-limited",
        FailureKind::Unresolved => "unresolved",
        FailureKind::Unreachable => "unreachable",
        FailureKind::Tls => "tls",
        FailureKind::TimedOut => "timed-out",
        FailureKind::TooLarge => "too-large",
        FailureKind::Cancelled => "cancelled",
        FailureKind::Rejected => "rejected",
        FailureKind::Protocol => "protocol",
        FailureKind::Unavailable => "unavailable",
        FailureKind::Internal => "internal",
    }
}

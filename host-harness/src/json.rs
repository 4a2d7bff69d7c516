//! The JSON that agents and operators read: contract types with the names of
//! the WIT, lower case.

use serde_json::{Value, json};

use crate::actor::StatusReport;
use crate::contract::{Attachment, AttachmentLocation, Failure, InboundMessage, Receipt};

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
        "chat": message.chat.name(),
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
            "how": receipt.how.name(),
        }}),
        Err(failure) => json!({ "failure": {
            "kind": failure.kind.name(),
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
    json!({ "state": report.state.name(), "detail": report.detail, "fatal": report.fatal })
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
                "kind": attachment.kind.name(),
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

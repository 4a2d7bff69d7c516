//! How many bytes an action carries: strings and lists, roughly. Small records
//! count nothing; their number is capped instead.

use crate::contract::{Action, Attachment, Body, InboundMessage, Note, PartContent};

/// Bytes of the parts of `action` that a guest can make large.
pub(super) fn size_of(action: &Action) -> usize {
    match action {
        Action::SendText(send) => send.text.len(),
        Action::SendBinary(send) => send.data.len(),
        Action::SendHttp(send) => send.url.len() + body(&send.body),
        Action::Deliver(message) => inbound(message),
        Action::Complete(done) => match &done.outcome {
            Ok(receipt) => receipt.message_ids.iter().map(String::len).sum(),
            Err(failure) => failure.message.len(),
        },
        Action::Put(put) => put.key.len() + put.value.len(),
        Action::Note(note) => note_size(note),
        Action::OpenSocket(open) => open.url.len(),
        Action::Status(status) => status.detail.len(),
        Action::Check(check) => check.detail.len(),
        Action::GiveUp(reason) | Action::Remove(reason) => reason.len(),
        Action::CloseSocket(close) => close.reason.len(),
        Action::Count(count) => count.name.len(),
        Action::CancelHttp(_)
        | Action::SetTimer(_)
        | Action::CancelTimer(_)
        | Action::DigestBlob(_)
        | Action::DropBlob(_) => 0,
    }
}

fn body(body: &Body) -> usize {
    match body {
        Body::Empty | Body::Blob(_) => 0,
        Body::Bytes(bytes) => bytes.len(),
        Body::Json(json) => json.text.len(),
        Body::Multipart(parts) => parts
            .iter()
            .map(|part| match &part.content {
                PartContent::Bytes(bytes) => bytes.len(),
                PartContent::Blob(_) => 0,
            })
            .sum(),
    }
}

fn inbound(message: &InboundMessage) -> usize {
    let quote = message.quote.as_ref().map_or(0, |quote| {
        quote.text.len() + attachments(&quote.attachments)
    });
    message.text.len() + message.id.len() + attachments(&message.attachments) + quote
}

fn attachments(attachments: &[Attachment]) -> usize {
    // A signed URL, a name and a type.
    attachments.len() * 1024
        + attachments
            .iter()
            .filter_map(|one| one.transcript.as_ref())
            .map(String::len)
            .sum::<usize>()
}

fn note_size(note: &Note) -> usize {
    note.message.len()
        + note
            .fields
            .iter()
            .map(|field| field.value.len())
            .sum::<usize>()
}

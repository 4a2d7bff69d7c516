//! How many bytes an action carries: strings and lists, roughly. Small records
//! count nothing; their number is capped instead.

use crate::contract::{
    Action, Attachment, AttachmentLocation, Body, Failure, Header, InboundMessage, Note,
    PartContent, Receipt, SecretUse,
};

/// Bytes of the parts of `action` that a guest can make large.
pub(super) fn size_of(action: &Action) -> usize {
    match action {
        Action::SendText(send) => send.text.len() + secrets(&send.secrets),
        Action::SendBinary(send) => send.data.len(),
        Action::SendHttp(send) => {
            send.url.len()
                + send.method.len()
                + headers(&send.headers)
                + secrets(&send.secrets)
                + body(&send.body)
        }
        Action::Deliver(message) => inbound(message),
        Action::Complete(done) => outcome(&done.outcome),
        Action::Settle(settle) => {
            settle.recipient.len() + text(&settle.message_id) + outcome(&settle.outcome)
        }
        Action::Put(put) => put.key.len() + put.value.len(),
        Action::Note(note) => note_size(note),
        Action::OpenSocket(open) => {
            let subprotocols: usize = open.subprotocols.iter().map(String::len).sum();
            open.url.len() + headers(&open.headers) + secrets(&open.secrets) + subprotocols
        }
        Action::Status(status) => status.detail.len(),
        Action::Check(check) => check.step.len() + check.detail.len() + text(&check.remedy),
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

fn outcome(outcome: &Result<Receipt, Failure>) -> usize {
    match outcome {
        Ok(receipt) => receipt.message_ids.iter().map(String::len).sum(),
        Err(failure) => failure.message.len() + text(&failure.remedy) + text(&failure.trace_id),
    }
}

fn headers(headers: &[Header]) -> usize {
    headers
        .iter()
        .map(|header| header.name.len() + header.value.len())
        .sum()
}

fn secrets(uses: &[SecretUse]) -> usize {
    uses.iter()
        .map(|one| one.secret.len() + one.prefix.len() + 64)
        .sum()
}

fn text(text: &Option<String>) -> usize {
    text.as_ref().map_or(0, String::len)
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
    let names = message.sender.len()
        + text(&message.sender_name)
        + message.reply_target.len()
        + text(&message.chat_title)
        + text(&message.thread)
        + text(&message.interruption_scope)
        + text(&message.notice);
    let button = message.button.as_ref();
    let button = button.map_or(0, |button| button.id.len() + button.data.len());
    let said = message.text.len() + attachments(&message.attachments) + quote + button;
    names + message.id.len() + said
}

fn attachments(attachments: &[Attachment]) -> usize {
    let one = |attachment: &Attachment| {
        let location = match &attachment.location {
            AttachmentLocation::Url(url) => url.len(),
            AttachmentLocation::Blob(_) => 0,
        };
        location + text(&attachment.name) + text(&attachment.mime) + text(&attachment.transcript)
    };
    attachments.iter().map(one).sum()
}

fn note_size(note: &Note) -> usize {
    note.message.len()
        + note
            .fields
            .iter()
            .map(|field| field.value.len())
            .sum::<usize>()
}

//! What an agent or an operator asks for.

use qq_channel::contract::{
    AccessRequest, Attachment, AttachmentKind, AttachmentLocation, MessageEdit, MessageRef,
    OutboundMessage, Request,
};

use crate::world;

/// The command `verb`, if it is one of these: its number and what it asks.
pub fn command(verb: &str, rest: &str) -> Option<Result<(u64, Request), String>> {
    let most = match verb {
        "ask" | "allow" | "revoke" | "recall" | "send" | "card" => 3,
        "reply" | "quote" | "edit" => 4,
        _ => return None,
    };
    Some(numbered(verb, rest.splitn(most, ' ')))
}

fn numbered<'a>(
    verb: &str,
    mut words: impl Iterator<Item = &'a str>,
) -> Result<(u64, Request), String> {
    let id = words.next().and_then(|id| id.parse().ok());
    let id = id.ok_or("a command number, please")?;
    let mut word = || words.next().unwrap_or_default().to_owned();
    let first = word();
    let request = match verb {
        "ask" => other_request(&first)?,
        "allow" => Request::Access(AccessRequest::Allow(first)),
        "revoke" => Request::Access(AccessRequest::Revoke(first)),
        "recall" => Request::Recall(MessageRef {
            recipient: first,
            message_id: word(),
        }),
        "edit" => Request::Edit(MessageEdit {
            recipient: first,
            message_id: word(),
            text: word(),
        }),
        "card" => {
            let card = serde_json::from_str(&word()).map_err(|error| error.to_string())?;
            let mut message = world::message(first, "");
            message.card = Some(card);
            Request::Send(message)
        }
        _ => {
            let reply_to = (verb == "reply").then(&mut word);
            let quote = (verb == "quote").then(&mut word);
            let mut message = message(first, &word());
            message.reply_to = reply_to;
            message.quote = quote;
            Request::Send(message)
        }
    };
    Ok((id, request))
}

/// A text, and the files behind it: `words {+image 7 a.png image/png 1000}`; a
/// number is a blob, anything else an address; `-` leaves a field out.
fn files(text: &str) -> (String, Vec<Attachment>) {
    let mut pieces = text.split("{+");
    let words = pieces.next().unwrap_or_default().trim_end().to_owned();
    let file = |piece: &str| {
        let mut fields = piece.trim().trim_end_matches('}').split(' ');
        let mut field = || {
            fields
                .next()
                .filter(|field| *field != "-")
                .map(str::to_owned)
        };
        let kind = match field().as_deref() {
            Some("image") => AttachmentKind::Image,
            Some("voice") => AttachmentKind::Voice,
            Some("video") => AttachmentKind::Video,
            _ => AttachmentKind::File,
        };
        let place = field().expect("a blob or an address");
        let location = match place.parse() {
            Ok(blob) => AttachmentLocation::Blob(blob),
            Err(_) => AttachmentLocation::Url(place),
        };
        Attachment {
            kind,
            name: field(),
            mime: field(),
            size: field().map(|size| size.parse().expect("a size")),
            ..world::picture(location)
        }
    };
    (words, pieces.map(file).collect())
}

fn message(recipient: String, text: &str) -> OutboundMessage {
    let (text, attachments) = files(text);
    let text = match text.as_str() {
        // Words for more than two messages.
        "LONG" => "word ".repeat(1_000).trim_end().to_owned(),
        // More than anything that is sent.
        "HUGE" => "x".repeat(300_000),
        _ => text.replace("\\n", "\n"),
    };
    let mut message = world::message(recipient, text);
    message.attachments = attachments;
    message
}

fn other_request(what: &str) -> Result<Request, String> {
    Ok(match what {
        "health" => Request::Health,
        "doctor" => Request::Doctor,
        "users" => Request::Access(AccessRequest::Show),
        "code" => Request::Access(AccessRequest::Code(false)),
        "new-code" => Request::Access(AccessRequest::Code(true)),
        _ => return Err(format!("no command {what:?}")),
    })
}

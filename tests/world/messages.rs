//! Messages as an agent sends them.

use qq_channel::contract::{
    Attachment, AttachmentKind, AttachmentLocation, OutboundMessage, TextFormat,
};

/// Text alone, unasked.
pub fn message(recipient: impl Into<String>, text: impl Into<String>) -> OutboundMessage {
    OutboundMessage {
        recipient: recipient.into(),
        text: text.into(),
        format: TextFormat::Auto,
        attachments: Vec::new(),
        reply_to: None,
        quote: None,
        thread: None,
        card: None,
    }
}

/// A picture of which only the place is known.
pub fn picture(location: AttachmentLocation) -> Attachment {
    Attachment {
        kind: AttachmentKind::Image,
        location,
        name: None,
        mime: None,
        size: None,
        duration_ms: None,
        transcript: None,
    }
}

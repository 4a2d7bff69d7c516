//! Media in plain text: `[IMAGE:https://…]`, PRX's way of telling a model about
//! files.

use super::MarkerKind;
use crate::contract::{Attachment, AttachmentLocation, InboundMessage};

/// A message as one text: the quote, what was said, and a marker for each
/// attachment. A voice message that the platform understood is its words. An
/// attachment without a URL is named.
#[must_use]
pub fn render(message: &InboundMessage) -> String {
    let mut lines = Vec::new();
    if let Some(quote) = &message.quote {
        lines.extend(quote.text.lines().map(|line| format!("> {line}")));
        let markers = quote.attachments.iter().map(marker);
        lines.extend(markers.map(|marker| format!("> {marker}")));
    }
    lines.extend((!message.text.is_empty()).then(|| message.text.clone()));
    // A file that was fetched is named in the text already.
    let fetched = |attachment: &&Attachment| matches!(&attachment.location, AttachmentLocation::Url(url) if url.starts_with("file://"));
    let named = message.attachments.iter().filter(|file| !fetched(file));
    lines.extend(named.map(marker));
    lines.join("\n")
}

fn marker(attachment: &Attachment) -> String {
    if let Some(words) = &attachment.transcript
        && !words.trim().is_empty()
    {
        return words.clone();
    }
    let word = MarkerKind::of(attachment.kind).name();
    let place = match &attachment.location {
        AttachmentLocation::Url(url) => url,
        AttachmentLocation::Blob(_) => attachment.name.as_deref().unwrap_or("attachment"),
    };
    format!("[{word}:{place}]")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{AttachmentKind, Quote};
    use crate::testing::message;

    fn attachment(kind: AttachmentKind, location: AttachmentLocation) -> Attachment {
        Attachment {
            kind,
            location,
            name: Some("a.bin".to_owned()),
            mime: None,
            size: None,
            duration_ms: None,
            transcript: None,
        }
    }

    fn at(url: &str) -> AttachmentLocation {
        AttachmentLocation::Url(url.to_owned())
    }

    #[test]
    fn a_message_reads_from_top_to_bottom() {
        let mut all = message(1, "look");
        all.quote = Some(Quote {
            id: None,
            author: None,
            text: "old\nlines".to_owned(),
            attachments: vec![attachment(AttachmentKind::File, at("https://h/f"))],
        });
        let mut spoken = attachment(AttachmentKind::Voice, at("https://h/v"));
        spoken.transcript = Some("hello there".to_owned());
        all.attachments = vec![
            attachment(AttachmentKind::Image, at("https://h/i")),
            attachment(AttachmentKind::Voice, at("https://h/v")),
            attachment(AttachmentKind::Video, AttachmentLocation::Blob(7)),
            spoken,
        ];
        let expected = "> old\n> lines\n> [DOCUMENT:https://h/f]\nlook\n[IMAGE:https://h/i]\n\
                        [VOICE:https://h/v]\n[VIDEO:a.bin]\nhello there";
        assert_eq!(render(&all), expected);
        assert_eq!(render(&message(1, "")), "");
    }
}

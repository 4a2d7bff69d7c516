//! What a reply becomes, before anything is asked of the platform.

use crate::compose::cards;
use crate::contract::{Failure, FailureKind, OutboundMessage};
use crate::target::{ReplyTarget, Scene};

/// Bytes of a reply. A longer one is not a message.
const MOST_BYTES: usize = 256 * 1024;
/// Files of a reply: each is a message, and few replies are allowed.
const MOST_FILES: usize = 16;

/// Checks what can be checked here.
pub(crate) fn check(message: &OutboundMessage, app_id: &str) -> Result<Scene, Failure> {
    let scene = check_recipient(&message.recipient, app_id)?;
    if message.attachments.len() > MOST_FILES {
        let what = format!("more than {MOST_FILES} files in one message");
        return Err(invalid(&what, "Send them in several messages."));
    }
    if let Some(card) = &message.card {
        cards::check(card).map_err(|why| {
            let what = format!("the card is not whole: {why}");
            invalid(&what, "See docs/cards.md for what a card may hold.")
        })?;
    }
    let bare = message.attachments.is_empty() && message.card.is_none();
    if message.text.trim().is_empty() && bare {
        return Err(empty());
    }
    check_size(&message.text)?;
    Ok(scene)
}

/// Nothing would be shown.
pub(crate) fn empty() -> Failure {
    invalid("the message is empty", "Send some text.")
}

/// Whether a text can be a message at all.
pub(crate) fn check_size(text: &str) -> Result<(), Failure> {
    let bytes = text.len();
    if bytes > MOST_BYTES {
        let what = format!("the message has {bytes} bytes; at most {MOST_BYTES} are taken");
        return Err(Failure::new(FailureKind::TooLarge, what)
            .remedy("Send a shorter one, or the text as a file."));
    }
    Ok(())
}

/// The scene of a reply target of this account.
pub(crate) fn check_recipient(recipient: &str, app_id: &str) -> Result<Scene, Failure> {
    const REMEDY: &str = "Use the reply target of a message this channel delivered.";
    match ReplyTarget::parse(recipient) {
        None => Err(invalid(
            "the recipient is not a reply target of this channel",
            REMEDY,
        )),
        Some(target) if target.app_id != app_id => Err(invalid(
            "the recipient belongs to another QQ bot account",
            REMEDY,
        )),
        Some(target) => Ok(target.scene),
    }
}

fn invalid(message: &str, remedy: &str) -> Failure {
    Failure::new(FailureKind::Invalid, message).remedy(remedy)
}

/// No message of this chat can be answered any more.
pub(crate) fn window_closed() -> Failure {
    Failure::new(
        FailureKind::Rejected,
        "the reply window is closed, unasked messages are not possible here now, and the reply \
         cannot be kept",
    )
    .remedy("The user must write again; then the bot can answer.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{
        Attachment, AttachmentKind, AttachmentLocation, Card, Keyboard, TextFormat,
    };

    fn message(recipient: &str, text: &str) -> OutboundMessage {
        OutboundMessage {
            recipient: recipient.to_owned(),
            text: text.to_owned(),
            format: TextFormat::Auto,
            attachments: Vec::new(),
            reply_to: None,
            quote: None,
            thread: None,
            card: None,
        }
    }

    fn kind(message: &OutboundMessage) -> Option<FailureKind> {
        check(message, "102").err().map(|failure| {
            assert!(failure.remedy.is_some());
            failure.kind
        })
    }

    #[test]
    fn says_what_cannot_be_sent() {
        let fits = "x".repeat(MOST_BYTES);
        for (recipient, text, expected) in [
            ("c2c:102:A", "hi", None),
            ("channel:102:18/100", "hi", None),
            ("dm:102:7@18", "hi", None),
            ("group:102:A", fits.as_str(), None),
            (
                "c2c:102:A",
                &format!("{fits}!"),
                Some(FailureKind::TooLarge),
            ),
            ("c2c:102:A", " \n", Some(FailureKind::Invalid)),
            ("c2c:103:A", "hi", Some(FailureKind::Invalid)),
            ("telegram:1", "hi", Some(FailureKind::Invalid)),
        ] {
            assert_eq!(kind(&message(recipient, text)), expected, "{recipient}");
        }
        let attachment = Attachment {
            kind: AttachmentKind::File,
            location: AttachmentLocation::Blob(1),
            name: None,
            mime: None,
            size: None,
            duration_ms: None,
            transcript: None,
        };
        for (files, expected) in [
            (1, None),
            (MOST_FILES, None),
            (MOST_FILES + 1, Some(FailureKind::Invalid)),
        ] {
            let with_files = OutboundMessage {
                attachments: vec![attachment.clone(); files],
                ..message("c2c:102:A", "")
            };
            assert_eq!(kind(&with_files), expected, "{files} files");
        }
        let card = Some(Card::Keyboard(Keyboard { rows: Vec::new() }));
        let with_card = OutboundMessage {
            card,
            ..message("c2c:102:A", "hi")
        };
        assert_eq!(kind(&with_card), Some(FailureKind::Invalid));
    }
}

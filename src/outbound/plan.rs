//! What a reply becomes, before anything is asked of the platform.

use crate::contract::{Failure, FailureKind, OutboundMessage};
use crate::target::ReplyTarget;

/// Characters in one message. The platform publishes no number; its users were
/// promised this one.
const MOST_CHARS: usize = 2_048;

/// A reply that can be sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Plan {
    /// A reply target of this account.
    pub(super) target: String,
    pub(super) text: String,
    pub(super) reply_to: Option<String>,
}

/// Checks what can be checked here.
pub(super) fn check(message: OutboundMessage, app_id: &str) -> Result<Plan, Failure> {
    check_recipient(&message.recipient, app_id)?;
    if !message.attachments.is_empty() {
        return Err(unsupported("attachments", "Send the text alone."));
    }
    if message.card.is_some() {
        return Err(unsupported(
            "cards and buttons",
            "Send the content as text.",
        ));
    }
    if message.text.trim().is_empty() {
        return Err(invalid("the message is empty", "Send some text."));
    }
    let chars = message.text.chars().count();
    if chars > MOST_CHARS {
        let what = format!("the message has {chars} characters; at most {MOST_CHARS} fit");
        return Err(Failure::new(FailureKind::TooLarge, what)
            .remedy("Split it; this version does not do it by itself."));
    }
    Ok(Plan {
        target: message.recipient,
        text: message.text,
        reply_to: message.reply_to,
    })
}

fn check_recipient(recipient: &str, app_id: &str) -> Result<(), Failure> {
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
        Some(_) => Ok(()),
    }
}

fn invalid(message: &str, remedy: &str) -> Failure {
    Failure::new(FailureKind::Invalid, message).remedy(remedy)
}

/// This version cannot send `what`.
pub(super) fn unsupported(what: &str, remedy: &str) -> Failure {
    Failure::new(
        FailureKind::Unsupported,
        format!("{what} cannot be sent in this version"),
    )
    .remedy(remedy)
}

/// No message of this chat can be answered any more.
pub(super) fn window_closed() -> Failure {
    Failure::new(
        FailureKind::Rejected,
        "the reply window is closed: QQ lets a bot answer a private message for 60 minutes with at \
         most 4 replies, a group message for 5 minutes with at most 5",
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
            thread: None,
            card: None,
        }
    }

    fn kind(message: OutboundMessage) -> Option<FailureKind> {
        check(message, "102").err().map(|failure| {
            assert!(failure.remedy.is_some());
            failure.kind
        })
    }

    #[test]
    fn says_what_cannot_be_sent() {
        let fits = "字".repeat(MOST_CHARS);
        for (recipient, text, expected) in [
            ("c2c:102:A", "hi", None),
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
            assert_eq!(kind(message(recipient, text)), expected, "{recipient}");
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
        let with_file = OutboundMessage {
            attachments: vec![attachment],
            ..message("c2c:102:A", "hi")
        };
        assert_eq!(kind(with_file), Some(FailureKind::Unsupported));
        let card = Some(Card::Keyboard(Keyboard { rows: Vec::new() }));
        assert_eq!(
            kind(OutboundMessage {
                card,
                ..message("c2c:102:A", "hi")
            }),
            Some(FailureKind::Unsupported)
        );
    }
}

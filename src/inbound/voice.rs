//! Voice messages that come twice.
//!
//! The platform gives a voice message a second time under another id
//! (zeroclaw-labs/zeroclaw#7648). What was heard in it is the same.

use std::collections::VecDeque;

use super::seen::mark;
use crate::contract::{AttachmentKind, InboundMessage};

/// How long a repetition is recognised.
const LIFE_MS: u64 = 5 * 60_000;
/// Voice messages remembered, in memory.
const MOST: usize = 64;
/// A shorter one is often said twice: "yes", "好的".
const SHORTEST_CHARS: usize = 4;

/// The voice messages of the last minutes: mark and monotonic milliseconds.
#[derive(Debug, Default)]
pub(crate) struct Voices(VecDeque<(u64, u64)>);

impl Voices {
    /// Whether the same was said in the same chat by the same person just now.
    pub(crate) fn repeats(&self, message: &InboundMessage, mono_ms: u64) -> bool {
        let Some(mark) = voice(message) else {
            return false;
        };
        let known =
            |(other, then): &(u64, u64)| *other == mark && mono_ms.saturating_sub(*then) < LIFE_MS;
        self.0.iter().any(known)
    }

    /// Remembers a message that was delivered, if it is a voice message.
    pub(crate) fn insert(&mut self, message: &InboundMessage, mono_ms: u64) {
        let Some(mark) = voice(message) else {
            return;
        };
        if self.0.len() >= MOST {
            self.0.pop_front();
        }
        self.0.push_back((mark, mono_ms));
    }
}

/// Absent unless the message is nothing but a voice message with a transcript.
fn voice(message: &InboundMessage) -> Option<u64> {
    let [attachment] = message.attachments.as_slice() else {
        return None;
    };
    let heard = attachment.transcript.as_deref()?;
    let is_voice = attachment.kind == AttachmentKind::Voice && message.text.is_empty();
    let long = heard.chars().nth(SHORTEST_CHARS - 1).is_some();
    let place = format!("{} {}", message.reply_target, message.sender);
    (is_voice && long).then(|| mark(&place, heard))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{Attachment, AttachmentLocation};
    use crate::inbound::tests::message;

    fn said(sender: &str, text: &str, heard: Option<&str>) -> InboundMessage {
        let attachment = Attachment {
            kind: AttachmentKind::Voice,
            location: AttachmentLocation::Url("https://q/x".to_owned()),
            name: None,
            mime: None,
            size: None,
            duration_ms: None,
            transcript: heard.map(str::to_owned),
        };
        InboundMessage {
            sender: sender.to_owned(),
            text: text.to_owned(),
            attachments: vec![attachment],
            ..message()
        }
    }

    #[test]
    fn the_same_words_of_the_same_person_within_five_minutes() {
        let mut voices = Voices::default();
        let lamp = Some("turn on the light");
        voices.insert(&said("A", "", lamp), 1_000);
        voices.insert(&said("A", "", Some("yes")), 1_000);
        for (sender, text, heard, mono_ms, repeats) in [
            ("A", "", lamp, 1_000, true),
            ("A", "", lamp, 300_999, true),
            ("A", "", lamp, 301_000, false),
            ("B", "", lamp, 1_000, false),
            ("A", "look", lamp, 1_000, false),
            ("A", "", Some("turn off the light"), 1_000, false),
            ("A", "", Some("yes"), 1_000, false),
            ("A", "", None, 1_000, false),
        ] {
            let got = voices.repeats(&said(sender, text, heard), mono_ms);
            assert_eq!(got, repeats, "{sender} {text} {heard:?} {mono_ms}");
        }
        for n in 0..MOST as u64 {
            voices.insert(&said("B", "", Some("something else")), n);
        }
        assert!(!voices.repeats(&said("A", "", lamp), 1_000));
    }
}

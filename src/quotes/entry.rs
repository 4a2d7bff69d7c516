//! One message that may be quoted.

use serde::{Deserialize, Serialize};

use crate::contract::{Attachment, AttachmentLocation, Quote};
use crate::inbound::Received;
use crate::replies::Sent;

/// Characters kept of a text: enough to know which message it was.
const MOST_CHARS: usize = 500;
/// Attachments kept.
const MOST_ATTACHMENTS: usize = 2;
/// Bytes of a URL that is kept. Real ones have a few hundred.
const MOST_URL_BYTES: usize = 1_024;
/// Ids longer than this are not ids of the platform.
const MOST_ID_BYTES: usize = 256;
/// The signature in a URL lives about two hours.
const URL_LIFE_MS: u64 = 2 * 60 * 60_000;

/// What is kept of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    /// Counts the entries of a ring; the slot is its remainder.
    #[serde(default)]
    pub(super) count: u64,
    /// Reply target of its chat.
    pub(super) target: String,
    /// What a quote calls it.
    pub(super) index: String,
    /// Its message id.
    #[serde(default)]
    pub(super) id: String,
    /// Absent for the bot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    author: Option<String>,
    #[serde(default)]
    text: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<Attachment>,
    #[serde(default)]
    wall_ms: u64,
}

impl Entry {
    /// Of a message that came; absent when no quote could name it.
    pub(super) fn heard(received: &Received, wall_ms: u64) -> Option<Self> {
        let message = &received.message;
        Some(Self {
            count: 0,
            target: message.reply_target.clone(),
            index: short(received.index.as_deref()?)?,
            id: short(&message.id)?,
            author: Some(message.sender.clone()),
            text: head(&message.text),
            attachments: kept(&message.attachments),
            wall_ms,
        })
    }

    /// Of a message that was sent; absent when no quote could name it.
    pub(super) fn said(sent: Sent, wall_ms: u64) -> Option<Self> {
        Some(Self {
            count: 0,
            target: sent.target,
            index: short(&sent.index?)?,
            id: short(&sent.id)?,
            author: None,
            text: head(&sent.text),
            attachments: Vec::new(),
            wall_ms,
        })
    }

    /// Fills in what a quote leaves out.
    pub(super) fn fill(&self, quote: &mut Quote, bot_id: &str, wall_ms: u64) {
        if quote.author.is_none() {
            let bot = (!bot_id.is_empty()).then(|| bot_id.to_owned());
            quote.author = self.author.clone().or(bot);
        }
        if !quote.text.is_empty() || !quote.attachments.is_empty() {
            return;
        }
        quote.text.clone_from(&self.text);
        if wall_ms.saturating_sub(self.wall_ms) < URL_LIFE_MS {
            quote.attachments.clone_from(&self.attachments);
        }
    }
}

fn short(id: &str) -> Option<String> {
    (!id.is_empty() && id.len() <= MOST_ID_BYTES).then(|| id.to_owned())
}

fn head(text: &str) -> String {
    let end = text.char_indices().nth(MOST_CHARS).map(|(end, _)| end);
    end.and_then(|end| text.get(..end))
        .unwrap_or(text)
        .to_owned()
}

fn kept(attachments: &[Attachment]) -> Vec<Attachment> {
    let short = |attachment: &&Attachment| match &attachment.location {
        AttachmentLocation::Url(url) => url.len() <= MOST_URL_BYTES,
        AttachmentLocation::Blob(_) => false,
    };
    let bounded = |attachment: &Attachment| Attachment {
        name: attachment.name.as_deref().map(head),
        transcript: attachment.transcript.as_deref().map(head),
        ..attachment.clone()
    };
    let kept = attachments.iter().filter(short).map(bounded);
    kept.take(MOST_ATTACHMENTS).collect()
}

//! One message of a reply.

use serde::{Deserialize, Serialize};

use super::media::Media;
use crate::contract::{Card, Keyboard};

/// What one message of a reply holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Content {
    Text(String),
    Markdown(String),
    Media(Box<Media>),
    /// An embed or an ark.
    Card(Box<Card>),
}

/// One message of a reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Part {
    pub(super) content: Content,
    /// Its addresses were made unclickable.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) masked: bool,
    /// Buttons under its markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) keyboard: Option<Keyboard>,
}

impl Part {
    pub(super) const fn new(content: Content) -> Self {
        Self {
            content,
            masked: false,
            keyboard: None,
        }
    }

    /// What it says; of a file its caption.
    pub(super) fn text(&self) -> &str {
        match &self.content {
            Content::Text(text) | Content::Markdown(text) => text,
            Content::Media(media) => &media.caption,
            Content::Card(_) => "",
        }
    }

    pub(super) fn media(&self) -> Option<&Media> {
        match &self.content {
            Content::Media(media) => Some(media),
            _ => None,
        }
    }

    pub(super) fn media_mut(&mut self) -> Option<&mut Media> {
        match &mut self.content {
            Content::Media(media) => Some(media),
            _ => None,
        }
    }
}

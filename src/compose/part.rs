//! One message of a reply.

use serde::{Deserialize, Serialize};

use crate::compose::media::Media;
use crate::contract::{Card, Keyboard};

/// What one message of a reply holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Content {
    Text(String),
    Markdown(String),
    Media(Box<Media>),
    /// An embed or an ark.
    Card(Box<Card>),
}

/// One message of a reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Part {
    pub(crate) content: Content,
    /// Its addresses were made unclickable.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) masked: bool,
    /// Buttons under its markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) keyboard: Option<Keyboard>,
}

impl Part {
    pub(crate) const fn new(content: Content) -> Self {
        Self {
            content,
            masked: false,
            keyboard: None,
        }
    }

    /// What it says; of a file its caption.
    pub(crate) fn text(&self) -> &str {
        match &self.content {
            Content::Text(text) | Content::Markdown(text) => text,
            Content::Media(media) => &media.caption,
            Content::Card(_) => "",
        }
    }

    pub(crate) fn media(&self) -> Option<&Media> {
        match &self.content {
            Content::Media(media) => Some(media),
            _ => None,
        }
    }

    pub(crate) fn media_mut(&mut self) -> Option<&mut Media> {
        match &mut self.content {
            Content::Media(media) => Some(media),
            _ => None,
        }
    }
}

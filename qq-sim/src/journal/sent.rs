//! Messages of bots as they got through.

use serde::Serialize;
use serde_json::Value;

use crate::journal::media::SentMedia;
use crate::rules::scene::Scene;

/// A message as the recipient would see it, and how it got through.
#[derive(Clone, Debug, Serialize)]
pub struct SentMessage {
    /// Bot that sent it.
    pub app_id: String,
    /// Kind of chat.
    pub scene: Scene,
    /// User, group, channel or direct-message guild it went to.
    pub peer: String,
    /// Id it was given.
    pub id: String,
    /// Index it was given, for quoting; empty in guilds.
    pub ref_idx: String,
    /// 0 text, 2 markdown, 3 ark, 4 embed, 6 input status, 7 media.
    pub msg_type: u64,
    /// `content`, or the markdown.
    pub text: Option<String>,
    /// Which permission it used.
    pub how: How,
    /// Message it answers.
    pub msg_id: Option<String>,
    /// Event it answers.
    pub event_id: Option<String>,
    /// Sequence among the answers to `msg_id`; 0 in guilds, which have none.
    pub msg_seq: u64,
    /// Index it quotes; in guilds, the id of a message.
    pub quote: Option<String>,
    /// File it shows.
    pub media: Option<SentMedia>,
    /// Frames it was streamed in; 0 if it came at once.
    pub frames: u64,
    /// Request body.
    pub body: Value,
}

/// Which permission a message used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// An answer to a message.
    Passive,
    /// An answer to an event.
    Event,
    /// On the bot's own account.
    Proactive,
    /// A wake-up message.
    Wakeup,
}

/// A message that was accepted and is not shown yet.
#[derive(Clone, Debug, Serialize)]
pub struct PendingAudit {
    /// Id the bot was given in place of a message id.
    pub audit_id: String,
    /// The message as it will be shown.
    pub message: SentMessage,
    /// When it was sent.
    #[serde(skip)]
    pub(crate) at_ms: u64,
}

impl SentMessage {
    /// The text as a person reads it: in guilds it is HTML-escaped on its way, and
    /// [`SentMessage::text`] is what was sent.
    #[must_use]
    pub fn shown(&self) -> Option<String> {
        let text = self.text.as_ref()?;
        if !matches!(self.scene, Scene::Channel | Scene::Dm) {
            return Some(text.clone());
        }
        // The ampersand last: `&amp;lt;` is a written `&lt;`.
        let text = text.replace("&lt;", "<").replace("&gt;", ">");
        Some(text.replace("&amp;", "&"))
    }
}

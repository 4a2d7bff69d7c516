//! Messages from users and to users.

use serde::{Deserialize, Serialize};

use super::Blob;

/// Where a conversation takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChatKind {
    /// One to one.
    Dm,
    /// A QQ group.
    Group,
    /// A text channel of a guild.
    GuildChannel,
    /// One to one inside a guild.
    GuildDm,
}

/// What an attachment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AttachmentKind {
    /// A picture.
    Image,
    /// A voice message.
    Voice,
    /// A video.
    Video,
    /// Anything else.
    File,
}

/// Where the bytes of an attachment are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AttachmentLocation {
    /// Absolute URL; the host checks it against its policy before any fetch.
    Url(String),
    /// Bytes the host already holds.
    Blob(Blob),
}

/// A picture, voice message, video or file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// What it is.
    pub kind: AttachmentKind,
    /// Where its bytes are.
    pub location: AttachmentLocation,
    /// File name.
    pub name: Option<String>,
    /// Media type.
    pub mime: Option<String>,
    /// Bytes.
    pub size: Option<u64>,
    /// Milliseconds.
    pub duration_ms: Option<u64>,
    /// Text of a voice message, as the platform heard it.
    pub transcript: Option<String>,
}

/// The message that an inbound message answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// Id of the quoted message; in C2C and groups a message index, `REFIDX_…`.
    pub id: Option<String>,
    /// Stable id of its author.
    pub author: Option<String>,
    /// Its text.
    pub text: String,
    /// Its media.
    pub attachments: Vec<Attachment>,
}

impl Quote {
    /// A message of which only the id is known.
    #[must_use]
    pub const fn of(id: String) -> Self {
        Self {
            id: Some(id),
            author: None,
            text: String::new(),
            attachments: Vec::new(),
        }
    }
}

/// A button a user pressed, as the message that brought it defined it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ButtonPress {
    /// Its id; may be empty.
    pub id: String,
    /// Its callback data.
    pub data: String,
}

/// A message from a user, ready for the agent; or something that happened in a
/// chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboundMessage {
    /// The platform's message id.
    pub id: String,
    /// Stable id of the sender on this account. For a notice, who did it; empty
    /// when the platform does not say.
    pub sender: String,
    /// Nick name.
    pub sender_name: Option<String>,
    /// The sender is a bot.
    pub sender_is_bot: bool,
    /// What to put into `OutboundMessage::recipient` to answer here.
    pub reply_target: String,
    /// Where it was said.
    pub chat: ChatKind,
    /// Title of the group or channel.
    pub chat_title: Option<String>,
    /// What was said, trimmed.
    pub text: String,
    /// Unix time, milliseconds, by the platform's clock.
    pub timestamp_ms: u64,
    /// The bot was addressed: a mention, a reply to it, or a direct chat.
    pub mentioned: bool,
    /// Thread inside the chat.
    pub thread: Option<String>,
    /// What it answers.
    pub quote: Option<Quote>,
    /// Its media.
    pub attachments: Vec<Attachment>,
    /// A newer message of the same scope cancels the turn in flight. Absent:
    /// messages of this sender queue.
    pub interruption_scope: Option<String>,
    /// Somebody pressed this button; `text` is its data.
    pub button: Option<ButtonPress>,
    /// Not a message but something that happened, told in `text`: a stable kind
    /// such as `friend-added`. It addresses nobody and wants no answer.
    pub notice: Option<String>,
}

/// How the text of an outbound message is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TextFormat {
    /// The channel chooses what the scene renders best.
    Auto,
    /// As it is.
    Plain,
    /// Markdown.
    Markdown,
}

/// A titled card with a thumbnail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Embed {
    /// Title.
    pub title: String,
    /// Text of the notification.
    pub prompt: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// Picture beside the text.
    pub thumbnail_url: Option<String>,
    /// Lines.
    pub fields: Vec<String>,
}

/// A name and a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedValue {
    /// Name.
    pub name: String,
    /// Value.
    pub value: String,
}

/// One entry of an ark template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArkEntry {
    /// Key in the template.
    pub key: String,
    /// Value of a plain entry.
    pub value: Option<String>,
    /// Rows of a list entry, each a list of named values.
    pub rows: Vec<Vec<NamedValue>>,
}

/// A card made from one of the platform's templates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ark {
    /// Template number.
    pub template_id: u32,
    /// Its entries.
    pub entries: Vec<ArkEntry>,
}

/// What a button does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ButtonAction {
    /// Opens `data` as a URL.
    OpenUrl,
    /// Sends `data` back to the bot.
    Callback,
    /// Puts `data` into the input box.
    FillInput,
}

/// Who may press a button.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ButtonAudience {
    /// Everyone.
    Everyone,
    /// Administrators.
    Admins,
    /// The users in `audience_ids`.
    ListedUsers,
    /// The roles in `audience_ids`.
    ListedRoles,
}

/// One button.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// Unique inside the keyboard.
    pub id: String,
    /// Label.
    pub label: String,
    /// Label after the click.
    pub visited_label: Option<String>,
    /// Drawn as the main choice.
    pub emphasised: bool,
    /// What it does.
    pub action: ButtonAction,
    /// URL, callback data or text, by `action`.
    pub data: String,
    /// Who may press it.
    pub audience: ButtonAudience,
    /// Users or roles, by `audience`.
    pub audience_ids: Vec<String>,
}

/// Rows of buttons.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keyboard {
    /// Rows, from the top.
    pub rows: Vec<Vec<Button>>,
}

/// A rich element of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Card {
    /// A titled card.
    Embed(Embed),
    /// A template card.
    Ark(Ark),
    /// Buttons.
    Keyboard(Keyboard),
}

/// Something the agent says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboundMessage {
    /// A `reply_target` the channel made earlier.
    pub recipient: String,
    /// What to say.
    pub text: String,
    /// How `text` is written.
    pub format: TextFormat,
    /// Media.
    pub attachments: Vec<Attachment>,
    /// Id of the inbound message this answers. Absent: the newest one the
    /// recipient sent.
    pub reply_to: Option<String>,
    /// Id of the inbound message to show above this one. Left out where the
    /// platform cannot show it.
    pub quote: Option<String>,
    /// Thread inside the chat.
    pub thread: Option<String>,
    /// A rich element.
    pub card: Option<Card>,
}

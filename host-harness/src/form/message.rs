//! Messages from users and to users.

use super::{choices, records};

choices! {
    ChatKind { Dm, Group, GuildChannel, GuildDm }
    AttachmentKind { Image, Voice, Video, File }
    AttachmentLocation { Url(url: String), Blob(blob: u64) }
    TextFormat { Auto, Plain, Markdown }
    ButtonAction { OpenUrl, Callback, FillInput }
    ButtonAudience { Everyone, Admins, ListedUsers, ListedRoles }
    Card { Embed(embed: Embed), Ark(ark: Ark), Keyboard(keyboard: Keyboard) }
}

records! {
    Attachment {
        kind: AttachmentKind,
        location: AttachmentLocation,
        name: Option<String>,
        mime: Option<String>,
        size: Option<u64>,
        duration_ms: Option<u64>,
        transcript: Option<String>,
    }
    Quote { id: Option<String>, author: Option<String>, text: String, attachments: Vec<Attachment> }
    ButtonPress { id: String, data: String }
    InboundMessage {
        id: String,
        sender: String,
        sender_name: Option<String>,
        sender_is_bot: bool,
        reply_target: String,
        chat: ChatKind,
        chat_title: Option<String>,
        text: String,
        timestamp_ms: u64,
        mentioned: bool,
        thread: Option<String>,
        quote: Option<Quote>,
        attachments: Vec<Attachment>,
        interruption_scope: Option<String>,
        button: Option<ButtonPress>,
        notice: Option<String>,
    }
    Embed {
        title: String,
        prompt: Option<String>,
        description: Option<String>,
        thumbnail_url: Option<String>,
        fields: Vec<String>,
    }
    NamedValue { name: String, value: String }
    ArkEntry { key: String, value: Option<String>, rows: Vec<Vec<NamedValue>> }
    Ark { template_id: u32, entries: Vec<ArkEntry> }
    Button {
        id: String,
        label: String,
        visited_label: Option<String>,
        emphasised: bool,
        action: ButtonAction,
        data: String,
        audience: ButtonAudience,
        audience_ids: Vec<String>,
    }
    Keyboard { rows: Vec<Vec<Button>> }
    OutboundMessage {
        recipient: String,
        text: String,
        format: TextFormat,
        attachments: Vec<Attachment>,
        reply_to: Option<String>,
        quote: Option<String>,
        thread: Option<String>,
        card: Option<Card>,
    }
}

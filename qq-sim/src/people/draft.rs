//! What a simulated user writes: text, attachments, a quote.

use serde::Deserialize;
use serde_json::{Map, Value, json};

/// A message before it is sent. State only what matters; the rest is filled in.
///
/// ```
/// use qq_sim::Draft;
/// let draft = Draft::text("look").picture("https://example.org/cat.jpg", 1200);
/// assert_eq!(draft.attachments().len(), 1);
/// ```
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Draft {
    text: String,
    attachments: Vec<Value>,
    quote: Option<Quote>,
    username: String,
    bot: bool,
    mention: bool,
    role: Option<String>,
    extra: Map<String, Value>,
}

/// A quoted message: its index and, if the platform still has it, its text.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Quote {
    ref_idx: String,
    #[serde(default)]
    text: String,
}

impl Draft {
    /// Plain text, `""` for none.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    /// Adds a picture.
    #[must_use]
    pub fn picture(self, url: &str, size: u64) -> Self {
        self.attachment(
            json!({"content_type": "image/jpeg", "filename": "picture.jpg",
            "url": url, "size": size, "width": 640, "height": 480}),
        )
    }

    /// Adds a voice message with the platform's transcript. Both addresses lead to the
    /// same place; the second is the WAV form.
    #[must_use]
    pub fn voice(self, url: &str, size: u64, transcript: &str) -> Self {
        self.attachment(
            json!({"content_type": "voice", "filename": "voice.amr", "url": url,
            "size": size, "voice_wav_url": format!("{url}.wav"), "asr_refer_text": transcript}),
        )
    }

    /// Adds a file.
    #[must_use]
    pub fn file(self, url: &str, name: &str, size: u64) -> Self {
        self.attachment(json!({"content_type": "file", "filename": name, "url": url, "size": size}))
    }

    /// Adds an attachment in the platform's own form.
    #[must_use]
    pub fn attachment(mut self, attachment: Value) -> Self {
        self.attachments.push(attachment);
        self
    }

    /// Quotes a message by its index, with the text the platform repeats.
    #[must_use]
    pub fn quoting(mut self, ref_idx: &str, text: &str) -> Self {
        self.quote = Some(Quote {
            ref_idx: ref_idx.to_owned(),
            text: text.to_owned(),
        });
        self
    }

    /// Quotes a message by its index, in guilds by its id; the platform repeats what it
    /// remembers of it.
    ///
    /// ```
    /// # use qq_sim::Draft;
    /// let draft = Draft::text("why?").replying_to("REFIDX_AAAB==");
    /// ```
    #[must_use]
    pub fn replying_to(self, ref_idx: &str) -> Self {
        self.quoting(ref_idx, "")
    }

    /// Sets the sender's nick name.
    #[must_use]
    pub fn by(mut self, username: &str) -> Self {
        username.clone_into(&mut self.username);
        self
    }

    /// Marks the sender as a bot.
    #[must_use]
    pub const fn from_bot(mut self) -> Self {
        self.bot = true;
        self
    }

    /// In a group: the role of the sender, `member`, `admin` or `owner`.
    #[must_use]
    pub fn role(mut self, role: &str) -> Self {
        self.role = Some(role.to_owned());
        self
    }

    /// In a group: mentions the bot.
    #[must_use]
    pub const fn mentioning_bot(mut self) -> Self {
        self.mention = true;
        self
    }

    /// Sets or replaces any field of the event body.
    #[must_use]
    pub fn with(mut self, field: &str, value: Value) -> Self {
        self.extra.insert(field.to_owned(), value);
        self
    }

    /// Attachments so far.
    #[must_use]
    pub fn attachments(&self) -> &[Value] {
        &self.attachments
    }

    pub(crate) const fn mentions_bot(&self) -> bool {
        self.mention
    }

    /// What is written, before the platform changes it.
    pub(crate) fn words(&self) -> &str {
        &self.text
    }

    pub(crate) fn nick(&self) -> &str {
        &self.username
    }

    /// Index of the quoted message, its id in guilds.
    pub(crate) fn quoted(&self) -> Option<&str> {
        self.quote.as_ref().map(|quote| quote.ref_idx.as_str())
    }

    /// `author` of a guild message.
    pub(crate) fn guild_author(&self, id: &str) -> Value {
        json!({"id": id, "username": self.username, "avatar": "", "bot": self.bot,
               "union_openid": "", "union_user_account": ""})
    }

    /// Index of a quoted message whose text the platform is to find.
    pub(crate) fn unresolved_quote(&self) -> Option<&str> {
        let quote = self.quote.as_ref().filter(|quote| quote.text.is_empty());
        quote.map(|quote| quote.ref_idx.as_str())
    }

    /// The fields C2C and groups have.
    pub(crate) fn body(&self, id: &str, ref_idx: &str, timestamp: &str) -> Map<String, Value> {
        let quoted = self
            .quote
            .as_ref()
            .map(|quote| format!("ref_msg_idx={}", quote.ref_idx));
        let ext: Vec<String> = quoted
            .into_iter()
            .chain([format!("msg_idx={ref_idx}")])
            .collect();
        let mut fields = Map::new();
        fields.insert("id".into(), id.into());
        fields.insert("content".into(), self.text.as_str().into());
        fields.insert(
            "message_type".into(),
            if self.quote.is_some() { 103 } else { 0 }.into(),
        );
        fields.insert(
            "message_scene".into(),
            json!({"source": "default", "ext": ext}),
        );
        fields.insert("timestamp".into(), timestamp.into());
        if let Some(Quote { ref_idx, text }) = &self.quote {
            let element = json!({"msg_idx": ref_idx, "message_type": 103, "content": text});
            fields.insert("msg_elements".into(), json!([element]));
        }
        fields
    }

    pub(crate) fn author(&self, openid: &str, group: bool) -> Value {
        if group {
            let role = self.role.as_deref().unwrap_or("member");
            json!({"id": openid, "member_openid": openid, "member_role": role,
                   "username": self.username, "bot": self.bot})
        } else {
            json!({"id": openid, "user_openid": openid, "union_openid": "",
                   "username": self.username, "bot": self.bot})
        }
    }

    /// Puts the caller's own fields over ours.
    pub(crate) fn finish(&self, mut fields: Map<String, Value>) -> Value {
        fields.extend(self.extra.clone());
        Value::Object(fields)
    }
}

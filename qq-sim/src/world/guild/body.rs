//! The body of a guild message: read once, checked by shape.
//! See [QQ Docs/发送消息](https://bot.q.qq.com/wiki/develop/api-v2/server-inter/channel/message/send.html).
//! There is no `msg_type` and no `msg_seq` here; the platform ignores what it does not know.

use serde_json::Value;

use crate::journal::media::{MediaKind, SentMedia};
use crate::rules::Rules;
use crate::rules::condition::Nature;
use crate::rules::config::Bot;
use crate::rules::refusal::Refusal;
use crate::rules::scene::Scene;
use crate::world::body::{flag, has_foreign_url, shown_text, text};
use crate::world::cards::{check_ark, check_embed, check_keyboard, check_template};

/// A guild message by its fields.
#[derive(Debug)]
pub(crate) struct GuildBody {
    pub(crate) content: Option<String>,
    pub(crate) image: Option<String>,
    pub(crate) msg_id: Option<String>,
    pub(crate) event_id: Option<String>,
    pub(crate) quote: Option<String>,
    /// `ignore_get_message_error`.
    pub(crate) quote_may_fail: bool,
    /// `file_image` of a multipart body, or what `image` led to.
    pub(crate) file: Option<SentMedia>,
    pub(crate) raw: Value,
}

impl GuildBody {
    /// Reads a body; only its JSON types are checked here.
    pub(crate) fn parse(raw: Value, file: Option<SentMedia>) -> Result<Self, Refusal> {
        if !raw.is_object() {
            return Err(Refusal::BAD_BODY);
        }
        let reference = raw.get("message_reference").unwrap_or(&Value::Null);
        Ok(Self {
            content: text(&raw, "/content")?,
            image: text(&raw, "/image")?,
            msg_id: text(&raw, "/msg_id")?,
            event_id: text(&raw, "/event_id")?,
            quote: text(&raw, "/message_reference/message_id")?,
            quote_may_fail: flag(reference, "ignore_get_message_error")?,
            file,
            raw,
        })
    }

    /// The number C2C and groups would call this: 0 text, 2 markdown, 3 ark, 4 embed, 7 media.
    pub(crate) fn msg_type(&self) -> u64 {
        let kinds = [("markdown", 2), ("ark", 3), ("embed", 4)];
        let found = kinds.into_iter().find(|(name, _)| self.has(name));
        found.map_or_else(|| if self.has_picture() { 7 } else { 0 }, |(_, kind)| kind)
    }

    /// Checks what can be said without knowing the channel.
    pub(crate) fn check(&self, bot: &Bot, rules: &Rules) -> Result<(), Refusal> {
        if self.msg_id.is_some() && self.event_id.is_some() {
            return Err(Refusal::BAD_BODY);
        }
        let parts = ["embed", "ark", "markdown"];
        if self.content.is_none() && !self.has_picture() && !parts.iter().any(|name| self.has(name))
        {
            return Err(Refusal::EMPTY_MESSAGE);
        }
        if let Some(file) = &self.file {
            check_picture(file)?;
        }
        self.check_markdown(bot)?;
        self.check_cards(rules)?;
        self.check_text(rules)
    }

    /// By invitation only, and alone.
    fn check_markdown(&self, bot: &Bot) -> Result<(), Refusal> {
        if self.has("keyboard") && !bot.guild_markdown {
            return Err(Refusal::NO_KEYBOARD);
        }
        if !self.has("markdown") {
            return Ok(());
        }
        let others = self.has("embed") || self.has("ark") || self.has_picture();
        if self.content.is_some() || others {
            return Err(Refusal::MARKDOWN_ALONE);
        }
        if self.quote.is_some() {
            return Err(Refusal::REPLY_MARKDOWN);
        }
        let template = text(&self.raw, "/markdown/custom_template_id")?;
        let native = text(&self.raw, "/markdown/content")?;
        match (native, template) {
            (Some(_), Some(_)) => Err(Refusal::MARKDOWN_BOTH),
            (None, None) => Err(Refusal::MARKDOWN_EMPTY),
            (Some(_), None) if !bot.guild_markdown => Err(Refusal::GUILD_NO_MARKDOWN),
            (None, Some(_)) if !bot.guild_markdown => Err(Refusal::GUILD_NO_TEMPLATE),
            _ => Ok(()),
        }
    }

    fn check_cards(&self, rules: &Rules) -> Result<(), Refusal> {
        let part = |name: &str| self.raw.get(name).filter(|part| !part.is_null());
        part("ark").map_or(Ok(()), check_ark)?;
        part("embed").map_or(Ok(()), |embed| check_embed(embed, rules.max_text_chars))?;
        part("markdown").map_or(Ok(()), check_template)?;
        part("keyboard").map_or(Ok(()), |keyboard| check_keyboard(keyboard, Scene::Channel))
    }

    fn check_text(&self, rules: &Rules) -> Result<(), Refusal> {
        let text = shown_text(&self.raw).unwrap_or_default();
        if rules
            .max_text_chars
            .is_some_and(|most| text.chars().count() > most)
        {
            return Err(Refusal::GUILD_TOO_LONG);
        }
        match &rules.url_domains {
            Some(allowed) if has_foreign_url(&text, allowed) => Err(Refusal::GUILD_URL_REFUSED),
            _ => Ok(()),
        }
    }

    /// What a state of the channel may forbid.
    pub(crate) fn nature(&self) -> Nature {
        Nature {
            is_markdown: self.has("markdown"),
            has_keyboard: self.has("keyboard"),
            is_push: self.msg_id.is_none() && self.event_id.is_none(),
        }
    }

    fn has_picture(&self) -> bool {
        self.image.is_some() || self.file.is_some()
    }

    fn has(&self, name: &str) -> bool {
        self.raw.get(name).is_some_and(|value| !value.is_null())
    }
}

/// A picture of at most the size that uploads have.
fn check_picture(file: &SentMedia) -> Result<(), Refusal> {
    const MOST: u64 = 20 << 20;
    if file.format.is_none() || file.kind != MediaKind::Image {
        return Err(Refusal::IMAGE_BAD);
    }
    if file.size > MOST {
        return Err(Refusal::IMAGE_TOO_LARGE);
    }
    Ok(())
}

//! The body of a message: read once, checked by shape.
//! See [QQ Docs/发送消息](https://bot.q.qq.com/wiki/develop/api-v2/autogen/api/v2_users_user_openid_messages.post.html)
//! and its group page. `null` and `""` count as absent: an official SDK sends nulls.

use serde_json::Value;

use super::cards::{check_ark, check_keyboard, check_template};
use crate::rules::Rules;
use crate::rules::condition::Nature;
use crate::rules::config::Bot;
use crate::rules::refusal::Refusal;
use crate::rules::scene::Scene;

const TEXT: u64 = 0;
const MARKDOWN: u64 = 2;
const ARK: u64 = 3;
const TYPING: u64 = 6;
const MEDIA: u64 = 7;

/// A message body by its fields.
#[derive(Debug)]
pub(crate) struct Body {
    pub(crate) msg_type: u64,
    pub(crate) content: Option<String>,
    pub(crate) msg_id: Option<String>,
    pub(crate) event_id: Option<String>,
    pub(crate) msg_seq: u64,
    pub(crate) wakeup: bool,
    pub(crate) quote: Option<String>,
    pub(crate) raw: Value,
}

impl Body {
    /// Reads a body; only its JSON types are checked here.
    pub(crate) fn parse(raw: Value) -> Result<Self, Refusal> {
        if !raw.is_object() {
            return Err(Refusal::BAD_BODY);
        }
        Ok(Self {
            msg_type: number(&raw, "msg_type", TEXT)?,
            content: text(&raw, "/content")?,
            msg_id: text(&raw, "/msg_id")?,
            event_id: text(&raw, "/event_id")?,
            msg_seq: number(&raw, "msg_seq", 1)?,
            wakeup: flag(&raw, "is_wakeup")?,
            quote: text(&raw, "/message_reference/message_id")?,
            raw,
        })
    }

    /// The text a user would see.
    pub(crate) fn shown(&self) -> Option<String> {
        shown_text(&self.raw)
    }

    /// What a state of the chat may forbid.
    pub(crate) fn nature(&self) -> Nature {
        Nature {
            is_markdown: self.msg_type == MARKDOWN,
            has_keyboard: self.field("keyboard").is_some(),
            is_push: self.msg_id.is_none() && self.event_id.is_none(),
        }
    }

    pub(crate) const fn is_typing(&self) -> bool {
        self.msg_type == TYPING
    }

    /// Checks what can be said without knowing the chat.
    pub(crate) fn check(&self, scene: Scene, bot: &Bot, rules: &Rules) -> Result<(), Refusal> {
        let anchors = [self.msg_id.is_some(), self.event_id.is_some(), self.wakeup];
        if anchors.into_iter().filter(|set| *set).count() > 1 {
            // "Exclusive" in the field table, without a code of its own.
            return Err(Refusal::BAD_BODY);
        }
        if self.field("markdown").is_some() && self.content.is_some() {
            return Err(Refusal::MARKDOWN_ALONE);
        }
        self.check_type(scene, bot)?;
        self.field("keyboard")
            .map_or(Ok(()), |keyboard| check_keyboard(keyboard, scene))?;
        self.check_text(rules)
    }

    fn check_type(&self, scene: Scene, bot: &Bot) -> Result<(), Refusal> {
        let has_markdown = self.field("markdown").is_some();
        match self.msg_type {
            TEXT if has_markdown => Err(Refusal::TYPE_MISMATCH),
            TEXT if self.content.is_none() => Err(Refusal::EMPTY_MESSAGE),
            MARKDOWN if !has_markdown => Err(Refusal::TYPE_MISMATCH),
            MARKDOWN if !bot.markdown => Err(Refusal::NO_MARKDOWN),
            MARKDOWN => self.check_markdown(),
            ARK if !bot.ark => Err(Refusal::ARK_REFUSED),
            ARK => check_ark(self.field("ark").ok_or(Refusal::TYPE_MISMATCH)?),
            TYPING if scene == Scene::C2c => self.check_typing(),
            MEDIA => self.check_media(),
            TEXT => Ok(()),
            _ => Err(Refusal::UNKNOWN_TYPE),
        }
    }

    fn check_markdown(&self) -> Result<(), Refusal> {
        let template = self
            .raw
            .pointer("/markdown/custom_template_id")
            .and_then(Value::as_str);
        match (self.markdown_text(), template.filter(|id| !id.is_empty())) {
            (Some(_), Some(_)) => Err(Refusal::MARKDOWN_BOTH),
            (None, None) => Err(Refusal::MARKDOWN_EMPTY),
            _ => self.field("markdown").map_or(Ok(()), check_template),
        }
    }

    /// Without the object: HTTP 500, 50059. More than 60 s is not described; same answer here.
    fn check_typing(&self) -> Result<(), Refusal> {
        let notify = self.field("input_notify").and_then(Value::as_object);
        let part = |name: &str| {
            notify
                .and_then(|fields| fields.get(name))
                .and_then(Value::as_u64)
        };
        match (part("input_type"), part("input_second")) {
            (Some(1), Some(1..=60)) => Ok(()),
            _ => Err(Refusal::INPUT_TYPE),
        }?;
        self.msg_id
            .as_ref()
            .map(|_| ())
            .ok_or(Refusal::MESSAGE_ID_EMPTY)
    }

    fn check_media(&self) -> Result<(), Refusal> {
        self.field("media").ok_or(Refusal::TYPE_MISMATCH)?;
        self.file_info().map(|_| ()).ok_or(Refusal::MEDIA_INVALID)
    }

    /// The uploaded file a message of this type shows.
    pub(crate) fn file_info(&self) -> Option<&str> {
        let info = self.raw.pointer("/media/file_info").and_then(Value::as_str);
        info.filter(|info| self.msg_type == MEDIA && !info.is_empty())
    }

    fn check_text(&self, rules: &Rules) -> Result<(), Refusal> {
        let Some(text) = self.shown() else {
            return Ok(());
        };
        if rules
            .max_text_chars
            .is_some_and(|most| text.chars().count() > most)
        {
            return Err(Refusal::TOO_LONG);
        }
        match &rules.url_domains {
            Some(allowed) if has_foreign_url(&text, allowed) => Err(Refusal::URL_REFUSED),
            _ => Ok(()),
        }
    }

    fn markdown_text(&self) -> Option<&str> {
        let text = self
            .raw
            .pointer("/markdown/content")
            .and_then(Value::as_str);
        text.filter(|text| !text.is_empty())
    }

    fn field(&self, name: &str) -> Option<&Value> {
        self.raw.get(name).filter(|value| !value.is_null())
    }
}

/// What a body shows: its markdown, else its `content`.
pub(crate) fn shown_text(raw: &Value) -> Option<String> {
    let text = |pointer: &str| raw.pointer(pointer).and_then(Value::as_str);
    let shown = [text("/markdown/content"), text("/content")];
    let mut shown = shown.into_iter().flatten().filter(|text| !text.is_empty());
    shown.next().map(str::to_owned)
}

/// An optional string; any other type is a bad body.
pub(crate) fn text(raw: &Value, pointer: &str) -> Result<Option<String>, Refusal> {
    match raw.pointer(pointer) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone()).filter(|text| !text.is_empty())),
        Some(_) => Err(Refusal::BAD_BODY),
    }
}

pub(crate) fn number(raw: &Value, name: &str, default: u64) -> Result<u64, Refusal> {
    match raw.get(name) {
        None | Some(Value::Null) => Ok(default),
        Some(value) => value.as_u64().ok_or(Refusal::BAD_BODY),
    }
}

pub(crate) fn flag(raw: &Value, name: &str) -> Result<bool, Refusal> {
    match raw.get(name) {
        None | Some(Value::Null) => Ok(false),
        Some(value) => value.as_bool().ok_or(Refusal::BAD_BODY),
    }
}

/// Whether the text names a host, with or without a scheme, outside the list. Bare
/// domains count on the platform; a dot between two
/// latin words is what we take for one.
pub(crate) fn has_foreign_url(text: &str, allowed: &[String]) -> bool {
    let is_host_char = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
    text.split(|c: char| !is_host_char(c)).any(|word| {
        let host = word.trim_matches(['.', '-']).to_ascii_lowercase();
        let last = host.rsplit('.').next().unwrap_or_default();
        let is_domain =
            host.contains('.') && last.len() >= 2 && last.chars().all(|c| c.is_ascii_alphabetic());
        let is_allowed = |domain: &String| {
            host == *domain
                || host
                    .strip_suffix(domain.as_str())
                    .is_some_and(|rest| rest.ends_with('.'))
        };
        is_domain && !allowed.iter().any(is_allowed)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(scene: Scene, raw: Value) -> Result<(), Refusal> {
        let bot = Bot::new("1", "s");
        Body::parse(raw)?.check(scene, &bot, &Rules::default())
    }

    #[test]
    fn markdown_and_content_exclude_each_other() {
        let both = json!({"msg_type": 2, "content": "a", "markdown": {"content": "b"}});
        assert_eq!(check(Scene::C2c, both), Err(Refusal::MARKDOWN_ALONE));
        let nulls =
            json!({"msg_type": 2, "content": null, "markdown": {"content": "b"}, "ark": null});
        assert_eq!(check(Scene::C2c, nulls), Ok(()));
    }

    #[test]
    fn each_type_needs_its_part() {
        let refused = |raw| check(Scene::C2c, raw).unwrap_err();
        assert_eq!(refused(json!({"msg_type": 0})), Refusal::EMPTY_MESSAGE);
        assert_eq!(
            refused(json!({"msg_type": 2, "content": "x"})),
            Refusal::TYPE_MISMATCH
        );
        assert_eq!(
            refused(json!({"msg_type": 6, "msg_id": "m"})),
            Refusal::INPUT_TYPE
        );
        assert_eq!(
            refused(json!({"msg_type": 7, "media": {}})),
            Refusal::MEDIA_INVALID
        );
        assert_eq!(refused(json!({"msg_type": 9})), Refusal::UNKNOWN_TYPE);
        assert_eq!(refused(json!({"content": 1})), Refusal::BAD_BODY);
    }

    #[test]
    fn typing_is_for_users_only() {
        let typing = json!({"msg_type": 6, "msg_id": "m", "input_notify": {"input_type": 1, "input_second": 60}});
        assert_eq!(check(Scene::C2c, typing.clone()), Ok(()));
        assert_eq!(check(Scene::Group, typing), Err(Refusal::UNKNOWN_TYPE));
    }

    #[test]
    fn bare_domains_count_as_urls() {
        let allowed = ["qq.com".to_owned()];
        assert!(has_foreign_url("see example.org now", &allowed));
        assert!(!has_foreign_url(
            "see https://www.qq.com/x, v1.2 and 3.14.",
            &allowed
        ));
    }
}

//! The request of a message. See QQ docs, autogen/api/v2_users_user_openid_messages.post
//! and …/v2_groups_group_openid_messages.post, server-inter/channel/message/send,
//! and server-inter/message/overview.

use serde::Serialize;
use serde_json::Value;

use crate::compose::media::Media;
use crate::compose::part::{Content, Part};
use crate::compose::{cards, guard, text};
use crate::contract;
use crate::contract::{BlobSlice, Body, Card, JsonBody, PartContent, SendHttp};
use crate::host::Host;
use crate::replies::reply::Reply;
use crate::requests::build::{TIMEOUT_MS, authorized, url};
use crate::target::{ReplyTarget, Scene};
use crate::text::tags::Guard;

/// A picture goes with the message.
const PICTURE_TIMEOUT_MS: u64 = 120_000;

/// What every message says about what it answers. Unused fields are left out:
/// the platform refuses some as `null`.
#[derive(Default, Serialize)]
struct Answering<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    msg_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    msg_seq: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_reference: Option<Reference<'a>>,
}

/// A quoted message.
#[derive(Serialize)]
struct Reference<'a> {
    message_id: &'a str,
    /// Guilds only: better without the quote than not at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    ignore_get_message_error: Option<bool>,
}

/// QQ docs, autogen/api/v2_users_user_openid_messages.post and
/// …/v2_groups_group_openid_messages.post. With `markdown` there must be no
/// `content`.
#[derive(Default, Serialize)]
struct Message<'a> {
    msg_type: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    markdown: Option<Markdown<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    keyboard: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    media: Option<FileInfo<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ark: Option<Value>,
    #[serde(flatten)]
    answering: Answering<'a>,
}

#[derive(Serialize)]
struct Markdown<'a> {
    content: &'a str,
}

#[derive(Serialize)]
struct FileInfo<'a> {
    file_info: &'a str,
}

/// QQ docs, server-inter/channel/message/send: guilds know no `msg_type`.
#[derive(Serialize)]
struct GuildMessage<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<&'a str>,
    /// Address of a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    embed: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ark: Option<Value>,
    #[serde(flatten)]
    answering: Answering<'a>,
}

/// The request for the first part of a reply; absent when there is none, or its
/// conversation is still to be opened.
pub(crate) fn build(
    api: &str,
    allowed: Guard,
    reply: &Reply,
    opened: Option<&str>,
    host: &mut Host,
) -> Option<SendHttp> {
    let target = ReplyTarget::parse(&reply.target)?;
    let body = body(reply, allowed, target.scene)?;
    // Its command may be answered before: what comes later is told later.
    let timeout_ms = match body {
        Body::Multipart(_) => PICTURE_TIMEOUT_MS,
        _ => TIMEOUT_MS,
    };
    let url = url(api, target, opened)?;
    Some(authorized("POST", url, body, timeout_ms, host))
}

fn body(reply: &Reply, allowed: Guard, scene: Scene) -> Option<Body> {
    let part = &guard::part(reply.parts.front()?, allowed);
    let answering = answering(reply, scene);
    if scene.is_guild() {
        return guild_body(part, answering, scene);
    }
    let mut message = Message {
        answering,
        ..Message::default()
    };
    match &part.content {
        Content::Text(text) => message.content = Some(text),
        Content::Markdown(text) => {
            message.msg_type = 2;
            message.markdown = Some(Markdown { content: text });
            message.keyboard = part.keyboard.as_ref().map(cards::keyboard);
        }
        Content::Media(media) => {
            let file_info = &media.ready.as_ref()?.file_info;
            message.msg_type = 7;
            message.content = caption(media);
            message.media = Some(FileInfo { file_info });
        }
        Content::Card(card) => {
            message.msg_type = 3;
            message.ark = Some(ark(card)?);
        }
    }
    json_body(&message)
}

fn ark(card: &Card) -> Option<Value> {
    match card {
        Card::Ark(ark) => Some(cards::ark(ark)),
        Card::Embed(_) | Card::Keyboard(_) => None,
    }
}

fn embed(card: &Card) -> Option<Value> {
    match card {
        Card::Embed(embed) => Some(cards::embed(embed)),
        Card::Ark(_) | Card::Keyboard(_) => None,
    }
}

fn caption(media: &Media) -> Option<&str> {
    (!media.caption.is_empty()).then_some(media.caption.as_str())
}

fn answering(reply: &Reply, scene: Scene) -> Answering<'_> {
    let anchor = reply.anchor.as_ref();
    let id = |event| {
        let wanted = anchor.filter(|anchor| anchor.is_event == event);
        wanted.map(|anchor| anchor.msg_id.as_str())
    };
    Answering {
        msg_id: id(false),
        event_id: id(true),
        msg_seq: anchor.and_then(|anchor| anchor.msg_seq),
        message_reference: reference(reply, scene),
    }
}

/// The quote of a message. With markdown clients show nothing, and guilds refuse
/// it (nonebot/adapter-qq#96).
fn reference(reply: &Reply, scene: Scene) -> Option<Reference<'_>> {
    let content = reply.parts.front().map(|part| &part.content);
    let is_markdown = matches!(content, Some(Content::Markdown(_)));
    let quote = reply
        .quote
        .as_deref()
        .filter(|_| scene.is_guild() || !is_markdown)?;
    Some(Reference {
        message_id: quote,
        ignore_get_message_error: scene.is_guild().then_some(true),
    })
}

fn guild_body(part: &Part, answering: Answering<'_>, scene: Scene) -> Option<Body> {
    let escaped = text::escaped(part.text(), scene);
    let media = part.media();
    if let Some((media, blob)) = media.and_then(|media| Some((media, media.blob()?))) {
        return Some(picture(media, blob, &escaped, &answering));
    }
    let image = media.and_then(Media::url);
    let content = (!escaped.is_empty()).then_some(escaped.as_str());
    let card = match &part.content {
        Content::Card(card) => Some(card),
        _ => None,
    };
    json_body(&GuildMessage {
        content,
        image,
        embed: card.and_then(|card| embed(card)),
        ark: card.and_then(|card| ark(card)),
        answering,
    })
}

/// QQ docs, server-inter/channel/message/send: the picture is the part
/// `file_image`, every other field a part of its own.
fn picture(media: &Media, blob: u64, content: &str, answering: &Answering<'_>) -> Body {
    let field = |name: &str, value: &str| contract::Part {
        name: name.to_owned(),
        filename: None,
        content_type: None,
        content: PartContent::Bytes(value.as_bytes().to_vec()),
    };
    let quote = answering.message_reference.as_ref();
    let quote = quote.and_then(|quote| serde_json::to_string(quote).ok());
    let fields = [
        ("msg_id", answering.msg_id),
        ("event_id", answering.event_id),
        ("content", (!content.is_empty()).then_some(content)),
        ("message_reference", quote.as_deref()),
    ];
    let given = fields
        .iter()
        .filter_map(|(name, value)| Some(field(name, (*value)?)));
    let file = contract::Part {
        name: "file_image".to_owned(),
        filename: Some(media.name.clone()),
        content_type: media.mime.clone(),
        content: PartContent::Blob(BlobSlice {
            blob,
            offset: 0,
            length: None,
        }),
    };
    Body::Multipart(given.chain([file]).collect())
}

fn json_body(message: &impl Serialize) -> Option<Body> {
    Some(Body::Json(JsonBody {
        text: serde_json::to_string(message).ok()?,
        blobs: Vec::new(),
    }))
}

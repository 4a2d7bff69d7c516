//! Pictures, videos, voice and files: one message each.
//!
//! In C2C and groups a file is uploaded while its reply is the first of its chat,
//! and the message names it (`msg_type` 7). In guilds a picture goes with the
//! message itself; other kinds cannot be sent there. A file that cannot be sent
//! leaves a line of text in its place, and the command says why.
//!
//! QQ docs, server-inter/message/rich-media and server-inter/channel/message/send.

mod elsewhere;
pub(crate) mod kind;
pub(crate) mod names;

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

pub(crate) use elsewhere::{Fetched, Ready};
pub(crate) use kind::{Kind, LARGEST};

use crate::compose::part::{Content, Part};
use crate::contract::{Action, Attachment, AttachmentLocation, Failure, FailureKind};
use crate::host::Host;
use crate::target::Scene;
use crate::text::units;

/// UTF-16 code units of a text under a picture.
const LONGEST_CAPTION: usize = 300;
/// A picture in a guild has no documented limit; this is what users are promised
/// for any attachment.
const MOST_IN_GUILD: u64 = 20 * 1024 * 1024;

/// Where the bytes are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Source {
    Url(String),
    /// Held by the host for this message alone.
    Blob(u64),
}

/// A file that is a message, with its caption.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Media {
    pub(crate) kind: Kind,
    pub(crate) source: Source,
    pub(crate) name: String,
    /// Whoever sends it chose the name.
    #[serde(default)]
    pub(crate) named: bool,
    pub(crate) mime: Option<String>,
    /// Text under a picture; empty if none.
    #[serde(default)]
    pub(crate) caption: String,
    /// Its address, if it has one.
    pub(crate) url: Option<String>,
    /// What the platform calls it, once it is there.
    #[serde(default)]
    pub(crate) ready: Option<Ready>,
    /// It was uploaded a second time; that happens once.
    #[serde(default)]
    pub(crate) reuploaded: bool,
    /// The platform cannot fetch it: the host must.
    #[serde(default)]
    pub(crate) fetch: bool,
    /// Why the platform could not.
    #[serde(default)]
    pub(crate) refused: Option<Failure>,
}

impl Media {
    fn new(attachment: Attachment) -> Self {
        let kind = kind::decide(&attachment);
        let given = attachment.name.filter(|name| !name.trim().is_empty());
        let named = given.is_some();
        let name = given.or_else(|| kind::named_by(&attachment.location));
        let name = names::tidy(&name.unwrap_or_default());
        let (source, url) = match attachment.location {
            AttachmentLocation::Url(url) => (Source::Url(url.clone()), Some(url)),
            AttachmentLocation::Blob(blob) => (Source::Blob(blob), None),
        };
        Self {
            kind,
            source,
            name,
            named,
            mime: attachment.mime,
            caption: String::new(),
            url,
            ready: None,
            reuploaded: false,
            fetch: false,
            refused: None,
        }
    }

    /// The bytes the host holds for it.
    pub(crate) const fn blob(&self) -> Option<u64> {
        match self.source {
            Source::Blob(blob) => Some(blob),
            Source::Url(_) => None,
        }
    }

    /// Its address, if that is where it is.
    pub(crate) fn url(&self) -> Option<&str> {
        match &self.source {
            Source::Url(url) => Some(url),
            Source::Blob(_) => None,
        }
    }

    /// The same under another caption.
    pub(crate) fn captioned(&self, caption: String) -> Self {
        Self {
            caption,
            ..self.clone()
        }
    }

    /// A line of text in its place, behind its caption.
    pub(crate) fn in_words(&self) -> String {
        let line = match &self.url {
            Some(url) => format!("📎 {}\n{url}", self.name),
            None => format!("📎 {}（未能发送 / could not be sent）", self.name),
        };
        match self.caption.as_str() {
            "" => line,
            caption => format!("{caption}\n\n{line}"),
        }
    }
}

/// The message of an attachment; with the reason when it cannot be sent as such.
pub(crate) fn part(attachment: Attachment, scene: Scene) -> (Part, Option<Failure>) {
    let size = attachment.size.unwrap_or(0);
    let mut media = Media::new(attachment);
    let failure = refusal(&media, size, scene);
    if failure.is_none() && size > media.kind.soft_limit() {
        media.kind = Kind::File;
    }
    let content = match &failure {
        None => Content::Media(Box::new(media)),
        Some(_) => Content::Text(media.in_words()),
    };
    (Part::new(content), failure)
}

/// Adds the attachments of a message behind its text. A short text becomes the
/// caption of the first picture; the second value is why something is left out.
pub(crate) fn add(
    text: VecDeque<Part>,
    attachments: Vec<Attachment>,
    scene: Scene,
    host: &mut Host,
) -> (VecDeque<Part>, Option<Failure>) {
    let mut trouble = None;
    let mut files = VecDeque::with_capacity(attachments.len());
    for attachment in attachments {
        let blob = match attachment.location {
            AttachmentLocation::Blob(blob) => Some(blob),
            AttachmentLocation::Url(_) => None,
        };
        let (part, failure) = part(attachment, scene);
        if let (Some(_), Some(blob)) = (&failure, blob) {
            host.act(Action::DropBlob(blob));
        }
        trouble = trouble.or(failure);
        files.push_back(part);
    }
    let mut parts = text;
    if let Some(caption) = caption(&parts, files.front(), scene)
        && let Some(media) = files.front_mut().and_then(Part::media_mut)
    {
        media.caption = caption;
        parts.clear();
    }
    parts.append(&mut files);
    (parts, trouble)
}

/// The text, if it can stand under the picture `first`: markup is not shown
/// there, and a long text does not belong there.
fn caption(text: &VecDeque<Part>, first: Option<&Part>, scene: Scene) -> Option<String> {
    if text.len() != 1 || first?.media()?.kind != Kind::Image {
        return None;
    }
    let words = text.front().filter(|part| part.keyboard.is_none())?;
    let Content::Text(text) = &words.content else {
        return None;
    };
    let fits = scene.is_guild() || units(text) <= LONGEST_CAPTION;
    fits.then(|| text.clone())
}

pub(crate) fn refusal(media: &Media, size: u64, scene: Scene) -> Option<Failure> {
    if scene.is_guild() && media.kind != Kind::Image {
        let what = "guilds take pictures only (PNG, JPEG, GIF)";
        return Some(
            Failure::new(FailureKind::Unsupported, what)
                .remedy("Send other files in a private chat or a group, or as a link."),
        );
    }
    let most = if scene.is_guild() {
        MOST_IN_GUILD
    } else {
        LARGEST
    };
    (size > most).then(|| too_large(size, most))
}

/// More than the platform takes.
pub(crate) fn too_large(size: u64, most: u64) -> Failure {
    let mb = |bytes: u64| bytes.div_ceil(1024 * 1024);
    let what = format!(
        "the file has {} MB; at most {} MB are taken",
        mb(size),
        mb(most)
    );
    Failure::new(FailureKind::TooLarge, what).remedy("Send a smaller file, or a link to it.")
}

/// Parts whose files stay with the host, `most` of them; the others become words.
pub(crate) fn in_words_beyond(
    parts: VecDeque<Part>,
    most: usize,
    host: &mut Host,
) -> VecDeque<Part> {
    let mut held = 0;
    let mut keep = |part: Part| {
        let Some((media, blob)) = part.media().and_then(|m| Some((m, m.blob()?))) else {
            return part;
        };
        held += 1;
        if held <= most {
            return part;
        }
        host.act(Action::DropBlob(blob));
        Part::new(Content::Text(media.in_words()))
    };
    parts.into_iter().map(&mut keep).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::media::kind::tests::attachment;
    use crate::contract::AttachmentKind;

    #[test]
    fn what_a_scene_does_not_take_becomes_words() {
        const MB: u64 = 1024 * 1024;
        let sent = |kind, scene, size| {
            let attachment = Attachment {
                size: Some(size),
                name: Some("n".to_owned()),
                ..attachment(kind, AttachmentLocation::Blob(1))
            };
            match part(attachment, scene).0.content {
                Content::Media(media) => Some(media.kind),
                _ => None,
            }
        };
        use AttachmentKind::{File, Image, Voice};
        for (kind, scene, size, expected) in [
            (Image, Scene::C2c, 20 * MB, Some(Kind::Image)),
            (Image, Scene::C2c, 20 * MB + 1, Some(Kind::File)),
            (File, Scene::Group, 200 * MB, Some(Kind::File)),
            (File, Scene::Group, 200 * MB + 1, None),
            (Voice, Scene::Channel, 1, None),
            (Image, Scene::Channel, 1, Some(Kind::Image)),
            (Image, Scene::GuildDm, 21 * MB, None),
        ] {
            assert_eq!(
                sent(kind, scene, size),
                expected,
                "{kind:?} {scene:?} {size}"
            );
        }
    }

    #[test]
    fn words_name_the_file_and_its_address() {
        let location = AttachmentLocation::Url("https://a/b/c.zip?sign=1".to_owned());
        let mut media = Media::new(attachment(AttachmentKind::File, location));
        assert_eq!(media.in_words(), "📎 c.zip\nhttps://a/b/c.zip?sign=1");
        media.caption = "look".to_owned();
        assert!(media.in_words().starts_with("look\n\n📎 c.zip\n"));
    }
}

//! The files of a message: each a message of its own behind the text, which may
//! become the caption of the first picture.

use std::collections::VecDeque;

use crate::compose::media::{Kind, Media, refusal};
use crate::compose::part::{Content, Part};
use crate::contract::{Action, Attachment, AttachmentLocation, Failure};
use crate::host::Host;
use crate::target::Scene;
use crate::text::units;

/// UTF-16 code units of a text under a picture.
const LONGEST_CAPTION: usize = 300;

/// The message of an attachment; with the reason when it cannot be sent as such.
fn message(attachment: Attachment, scene: Scene) -> (Part, Option<Failure>) {
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
pub(crate) fn append(
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
        let (part, failure) = message(attachment, scene);
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
            match message(attachment, scene).0.content {
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
}

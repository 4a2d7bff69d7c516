//! What a file is for the platform, and how large it may be.
//!
//! QQ docs, server-inter/message/rich-media: kinds, formats, limits.

use serde::{Deserialize, Serialize};

use crate::compose::media::names;
use crate::contract::{Attachment, AttachmentKind, AttachmentLocation};

const MB: u64 = 1024 * 1024;

/// The platform takes nothing larger.
pub(crate) const LARGEST: u64 = 200 * MB;

/// A kind of media; the platform numbers them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Kind {
    /// PNG, JPEG, GIF, WebP, BMP.
    Image,
    /// MP4.
    Video,
    /// SILK, MP3, WAV, OGG.
    Voice,
    /// Anything.
    File,
}

impl Kind {
    /// `file_type`.
    pub(crate) const fn number(self) -> u8 {
        match self {
            Self::Image => 1,
            Self::Video => 2,
            Self::Voice => 3,
            Self::File => 4,
        }
    }

    /// Bytes up to which the platform shows it as what it is; more is taken as a
    /// file.
    pub(crate) const fn soft_limit(self) -> u64 {
        match self {
            Self::Image | Self::Voice => 20 * MB,
            Self::Video => 30 * MB,
            Self::File => LARGEST,
        }
    }

    const fn of(declared: AttachmentKind) -> Self {
        match declared {
            AttachmentKind::Image => Self::Image,
            AttachmentKind::Video => Self::Video,
            AttachmentKind::Voice => Self::Voice,
            AttachmentKind::File => Self::File,
        }
    }

    /// By media type, when it says anything.
    fn of_mime(mime: &str) -> Option<Self> {
        let mime = mime.split(';').next().unwrap_or_default().trim();
        Some(match mime.to_ascii_lowercase().as_str() {
            "" | "application/octet-stream" | "binary/octet-stream" => return None,
            "image/png" | "image/jpeg" | "image/jpg" | "image/gif" | "image/webp" | "image/bmp"
            | "image/x-ms-bmp" => Self::Image,
            "video/mp4" | "video/x-m4v" => Self::Video,
            "audio/silk" | "audio/x-silk" | "audio/mpeg" | "audio/mp3" | "audio/wav"
            | "audio/x-wav" | "audio/vnd.wave" | "audio/ogg" | "application/ogg" => Self::Voice,
            _ => Self::File,
        })
    }

    fn of_name(name: &str) -> Option<Self> {
        let (_, extension) = name.rsplit_once('.')?;
        Some(match extension.to_ascii_lowercase().as_str() {
            "png" | "jpg" | "jpeg" | "gif" | "webp" | "bmp" => Self::Image,
            "mp4" | "m4v" => Self::Video,
            "silk" | "slk" | "mp3" | "wav" | "ogg" => Self::Voice,
            "" => return None,
            _ => Self::File,
        })
    }
}

/// What an attachment is sent as. What its content is decides; a name is asked
/// only when nobody looked inside. What was meant as a file stays one.
pub(crate) fn decide(attachment: &Attachment) -> Kind {
    let declared = Kind::of(attachment.kind);
    if declared == Kind::File {
        return Kind::File;
    }
    let by_mime = attachment.mime.as_deref().and_then(Kind::of_mime);
    let by_name = || attachment.name.as_deref().and_then(Kind::of_name);
    let by_url = || Kind::of_name(&named_by(&attachment.location)?);
    by_mime.or_else(by_name).or_else(by_url).unwrap_or(declared)
}

/// What a file that was fetched is sent as; absent if a page of text came in place
/// of a picture, video or voice: a login, an error in HTML, an answer in JSON.
pub(crate) fn arrived(asked: Kind, mime: Option<&str>) -> Option<Kind> {
    let (false, Some(mime)) = (asked == Kind::File, mime) else {
        return Some(asked);
    };
    let essence = mime.split(';').next().unwrap_or_default().trim();
    let essence = essence.to_ascii_lowercase();
    let is_page =
        essence.starts_with("text/") || ["json", "xml"].iter().any(|end| essence.ends_with(end));
    (!is_page).then(|| Kind::of_mime(mime).unwrap_or(asked))
}

/// The file name in an address.
pub(crate) fn named_by(location: &AttachmentLocation) -> Option<String> {
    match location {
        AttachmentLocation::Url(url) => names::of_url(url),
        AttachmentLocation::Blob(_) => None,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// An attachment that says nothing more about itself.
    pub(crate) fn attachment(kind: AttachmentKind, location: AttachmentLocation) -> Attachment {
        Attachment {
            kind,
            location,
            name: None,
            mime: None,
            size: None,
            duration_ms: None,
            transcript: None,
        }
    }

    fn decided(kind: AttachmentKind, name: &str, mime: &str, url: &str) -> Kind {
        let location = match url {
            "" => AttachmentLocation::Blob(1),
            _ => AttachmentLocation::Url(url.to_owned()),
        };
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        decide(&Attachment {
            name: some(name),
            mime: some(mime),
            ..attachment(kind, location)
        })
    }

    #[test]
    fn content_decides_before_names_do() {
        use AttachmentKind as A;
        for (kind, name, mime, url, expected) in [
            (A::Image, "a.png", "image/png", "", Kind::Image),
            (A::Image, "a.png", "video/mp4", "", Kind::Video),
            (A::Image, "a.png", "application/pdf", "", Kind::File),
            (
                A::Image,
                "a.png",
                "application/octet-stream",
                "",
                Kind::Image,
            ),
            (A::Image, "", "IMAGE/JPEG; q=1", "", Kind::Image),
            (A::Image, "x.pdf", "", "", Kind::File),
            (A::Image, "", "", "https://a/b.JPG?x=1.pdf", Kind::Image),
            (A::Image, "", "", "https://a.b", Kind::Image),
            (A::Image, "", "", "", Kind::Image),
            (A::Voice, "a.m4a", "", "", Kind::File),
            (A::Voice, "a.silk", "", "", Kind::Voice),
            (A::Voice, "", "audio/x-wav", "", Kind::Voice),
            (A::Voice, "", "audio/aac", "", Kind::File),
            (A::Video, "a.mov", "", "", Kind::File),
            (A::Video, "a.mp4", "", "", Kind::Video),
            (A::File, "a.png", "image/png", "", Kind::File),
        ] {
            assert_eq!(
                decided(kind, name, mime, url),
                expected,
                "{name} {mime} {url}"
            );
        }
    }
}

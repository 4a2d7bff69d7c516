//! Files by their bytes: what they are, and what the journal keeps of them.

use serde::Serialize;
use sha2::{Digest, Sha256};

/// Kind of a file, as `file_type` counts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaKind {
    /// 1: png, jpg, gif, webp, bmp.
    Image,
    /// 2: mp4.
    Video,
    /// 3: silk, mp3, wav, ogg.
    Voice,
    /// 4: anything.
    File,
}

/// A file as it arrived in a chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SentMedia {
    /// How it is shown.
    pub kind: MediaKind,
    /// Format its bytes begin like: `png`, `silk` and so on; none if unknown.
    pub format: Option<&'static str>,
    /// Bytes.
    pub size: u64,
    /// Lower-case hex.
    pub sha256: String,
    /// Name it was given.
    pub name: Option<String>,
}

/// A step of an upload in parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum UploadPhase {
    /// It was announced.
    Prepare,
    /// The bytes of a part came.
    Put,
    /// A part was declared complete.
    Finish,
}

/// How a file came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// From an address.
    Url,
    /// In the request, as base64.
    Data,
    /// In parts.
    Parts,
}

impl SentMedia {
    pub(crate) fn new(kind: MediaKind, bytes: &[u8], name: Option<String>) -> Self {
        Self {
            kind,
            format: format_of(bytes).map(|(_, name)| name),
            size: bytes.len() as u64,
            sha256: sha256(bytes),
            name,
        }
    }
}

/// Lower-case hex of the SHA-256 of some bytes, to compare with [`SentMedia::sha256`].
///
/// ```
/// assert!(qq_sim::sha256(b"").starts_with("e3b0c442"));
/// ```
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What the first bytes say.
/// See [QQ Docs/富媒体消息](https://bot.q.qq.com/wiki/develop/api-v2/server-inter/message/rich-media.html)
/// for the formats.
pub(crate) fn format_of(bytes: &[u8]) -> Option<(MediaKind, &'static str)> {
    use MediaKind::{Image, Video, Voice};
    let begins = |with: &[u8]| bytes.starts_with(with);
    let has = |at: usize, with: &[u8]| bytes.get(at..).is_some_and(|rest| rest.starts_with(with));
    let known: [(bool, MediaKind, &'static str); 11] = [
        (begins(b"\x89PNG\r\n\x1a\n"), Image, "png"),
        (begins(b"\xff\xd8\xff"), Image, "jpg"),
        (begins(b"GIF87a") || begins(b"GIF89a"), Image, "gif"),
        (begins(b"RIFF") && has(8, b"WEBP"), Image, "webp"),
        (begins(b"BM"), Image, "bmp"),
        (has(4, b"ftyp"), Video, "mp4"),
        // With the header of Tencent's, and without.
        (
            begins(b"\x02#!SILK_V3") || begins(b"#!SILK_V3"),
            Voice,
            "silk",
        ),
        (begins(b"RIFF") && has(8, b"WAVE"), Voice, "wav"),
        (begins(b"OggS"), Voice, "ogg"),
        (begins(b"ID3"), Voice, "mp3"),
        // Frame sync of MPEG audio, any version, layer III.
        (is_mpeg_audio(bytes), Voice, "mp3"),
    ];
    let found = known.into_iter().find(|(fits, ..)| *fits);
    found.map(|(_, kind, name)| (kind, name))
}

const fn is_mpeg_audio(bytes: &[u8]) -> bool {
    matches!(bytes, [0xff, second, ..] if *second & 0xe6 == 0xe2)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Case = (&'static [u8], Option<(MediaKind, &'static str)>);

    #[test]
    fn first_bytes_tell_the_format() {
        let cases: [Case; 9] = [
            (b"\x89PNG\r\n\x1a\n..", Some((MediaKind::Image, "png"))),
            (
                b"RIFF\x00\x00\x00\x00WEBPVP8 ",
                Some((MediaKind::Image, "webp")),
            ),
            (
                b"RIFF\x00\x00\x00\x00WAVEfmt ",
                Some((MediaKind::Voice, "wav")),
            ),
            (b"\x00\x00\x00\x18ftypmp42", Some((MediaKind::Video, "mp4"))),
            (b"\x02#!SILK_V3", Some((MediaKind::Voice, "silk"))),
            (b"\xff\xfb\x90\x00", Some((MediaKind::Voice, "mp3"))),
            (b"\xff\xd8\xff\xe0", Some((MediaKind::Image, "jpg"))),
            (b"%PDF-1.7", None),
            (b"", None),
        ];
        for (bytes, format) in cases {
            assert_eq!(format_of(bytes), format, "{bytes:?}");
        }
    }
}

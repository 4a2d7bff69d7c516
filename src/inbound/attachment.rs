//! Attachments of a message.
//!
//! Their URLs are signed and live about two hours: fetch on receipt.

use super::wire::{self, Message};
use super::{forward, with_scheme};
use crate::contract::{Attachment, AttachmentKind, AttachmentLocation};
use crate::wire::{List, Object};

/// `message_type` of a quote.
pub(super) const QUOTE: i64 = 103;

/// Its own attachments. A mixed message keeps them in its elements; in a quote
/// the elements are the quoted message.
pub(super) fn of_message(message: &Message<'_>) -> Vec<Attachment> {
    let own = of_list(&message.attachments);
    let is_quote = message.message_type.0 == Some(QUOTE) && !forward::is_bundle(message);
    if !own.is_empty() || is_quote {
        return own;
    }
    let elements = message
        .msg_elements
        .0
        .iter()
        .filter_map(|element| element.0.as_ref());
    elements
        .flat_map(|element| of_list(&element.attachments))
        .collect()
}

/// Those that have a URL.
pub(super) fn of_list(list: &List<Object<wire::Attachment<'_>>>) -> Vec<Attachment> {
    list.0
        .iter()
        .filter_map(|item| item.0.as_ref())
        .filter_map(one)
        .collect()
}

fn one(wire: &wire::Attachment<'_>) -> Option<Attachment> {
    let kind = kind(&wire.content_type.0);
    // Voice comes as SILK, which few players know, with a WAV copy beside it.
    let wav = wire
        .voice_wav_url
        .non_empty()
        .filter(|_| kind == AttachmentKind::Voice);
    let url = wav.or_else(|| wire.url.non_empty())?;
    let mime = match wav {
        Some(_) => Some("audio/wav".to_owned()),
        None => wire
            .content_type
            .to_option()
            .filter(|mime| mime.contains('/')),
    };
    Some(Attachment {
        kind,
        location: AttachmentLocation::Url(with_scheme(url).into_owned()),
        name: wire.filename.to_option(),
        mime,
        // The size is that of the SILK original.
        size: wire.size.unsigned().filter(|_| wav.is_none()),
        duration_ms: None,
        transcript: wire.asr_refer_text.to_option(),
    })
}

fn kind(content_type: &str) -> AttachmentKind {
    match content_type.split('/').next() {
        Some("image") => AttachmentKind::Image,
        Some("voice" | "audio") => AttachmentKind::Voice,
        Some("video") => AttachmentKind::Video,
        _ => AttachmentKind::File,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    fn read(json: &str) -> Vec<Attachment> {
        of_message(&serde_json::from_str(json).unwrap())
    }

    #[test]
    fn kinds_and_urls() {
        for (content_type, url, kind, expected) in [
            (
                "image/gif",
                "https://a/b",
                AttachmentKind::Image,
                "https://a/b",
            ),
            ("audio/ogg", "//a/b", AttachmentKind::Voice, "https://a/b"),
            (
                "video/mp4",
                "multimedia.nt.qq.com.cn/x",
                AttachmentKind::Video,
                "https://multimedia.nt.qq.com.cn/x",
            ),
            (
                "file",
                "http://127.0.0.1:9/x",
                AttachmentKind::File,
                "http://127.0.0.1:9/x",
            ),
            ("", "a/b", AttachmentKind::File, "https://a/b"),
        ] {
            let json =
                format!(r#"{{"attachments":[{{"content_type":"{content_type}","url":"{url}"}}]}}"#);
            let got = read(&json);
            let got = got.first().map(|a| (a.kind, a.location.clone()));
            assert_eq!(
                got,
                Some((kind, AttachmentLocation::Url(expected.to_owned()))),
                "{json}"
            );
        }
    }

    #[test]
    fn voice_prefers_the_wav_copy_and_keeps_the_transcript() {
        let got = read(
            r#"{"attachments":[{"content_type":"voice","filename":"x.amr","size":3412,
            "url":"https://q/silk","voice_wav_url":"https://q/x.wav","asr_refer_text":"turn on the light"}]}"#,
        );
        let voice = got.first().unwrap();
        assert_eq!(
            voice.location,
            AttachmentLocation::Url("https://q/x.wav".to_owned())
        );
        assert_eq!(voice.mime.as_deref(), Some("audio/wav"));
        assert_eq!(voice.transcript.as_deref(), Some("turn on the light"));
        assert_eq!(voice.size, None);
    }

    #[test]
    fn elements_are_a_fallback_except_in_a_quote() {
        let json = |kind: i64| {
            format!(
                r#"{{"message_type":{kind},"msg_elements":[{{"attachments":[{{"url":"a"}}]}},null]}}"#
            )
        };
        assert_eq!(read(&json(101)).len(), 1);
        assert_eq!(read(&json(QUOTE)).len(), 0);
    }
}

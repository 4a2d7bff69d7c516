//! Attachments of a message.
//!
//! Their URLs are signed and live about two hours: fetch on receipt.

use std::borrow::Cow;

use super::address::address;
use super::forward;
use super::wire::{self, Message};
use crate::contract::{Attachment, AttachmentKind, AttachmentLocation};
use crate::wire::{List, Object, Text};

/// Attachments of one message that are looked at.
const MOST: usize = 64;

/// Its own attachments. A mixed message keeps them in its elements; in a quote
/// the elements are the quoted message.
pub(super) fn of_message(message: &Message<'_>) -> Vec<Attachment> {
    let own = of_list(&message.attachments);
    let is_quote = message.is_quote() && !forward::is_bundle(message);
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
        .take(MOST)
        .collect()
}

/// Those that have a URL.
pub(super) fn of_list(list: &List<Object<wire::Attachment<'_>>>) -> Vec<Attachment> {
    let items = list.0.iter().filter_map(|item| item.0.as_ref());
    items.filter_map(one).take(MOST).collect()
}

/// The text of a message, with what stands for attachments that came without a
/// URL: their words are not lost, and somebody may say what is missing.
pub(super) fn text(message: &Message<'_>, mut text: String) -> String {
    let items = message.attachments.0.iter();
    let items = items.filter_map(|item| item.0.as_ref());
    let lost = items.filter(|item| url(item).is_none());
    for words in lost.filter_map(words).take(MOST) {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&words);
    }
    text
}

/// Absent for one of which nothing is known.
fn words(wire: &wire::Attachment<'_>) -> Option<String> {
    let kind = match kind(wire) {
        AttachmentKind::Image => "image",
        AttachmentKind::Voice => "voice",
        AttachmentKind::Video => "video",
        AttachmentKind::File => "file",
    };
    let told = [&wire.asr_refer_text, &wire.filename];
    let told = told.into_iter().find_map(Text::non_empty);
    let known = told.is_some() || wire.content_type.non_empty().is_some();
    let told = told.map_or_else(String::new, |told| format!(" {told}"));
    known.then(|| format!("[{kind} without a link]{told}"))
}

fn one(wire: &wire::Attachment<'_>) -> Option<Attachment> {
    let kind = kind(wire);
    let url = url(wire)?;
    let wav = is_wav(wire);
    let given = essence(&wire.content_type.0);
    let mime = match named(wire) {
        _ if wav => Some("audio/wav".to_owned()),
        Some((_, mime)) if is_vague(&given) => Some(mime.to_owned()),
        _ => Some(given).filter(|mime| mime.contains('/')),
    };
    Some(Attachment {
        kind,
        location: AttachmentLocation::Url(url.into_owned()),
        name: wire.filename.to_option(),
        mime,
        // The size is that of the SILK original.
        size: wire.size.unsigned().filter(|_| !wav),
        duration_ms: None,
        transcript: wire.asr_refer_text.to_option(),
    })
}

/// Voice comes as SILK, which few players know, with a WAV copy beside it.
fn url<'w>(wire: &'w wire::Attachment<'_>) -> Option<Cow<'w, str>> {
    let wav = address(&wire.voice_wav_url.0).filter(|_| is_wav(wire));
    wav.or_else(|| address(&wire.url.0))
}

fn is_wav(wire: &wire::Attachment<'_>) -> bool {
    address(&wire.voice_wav_url.0).is_some() && kind(wire) == AttachmentKind::Voice
}

/// By its type; where that says nothing, by what only this kind has, and by its
/// name and address. A picture may be sent as a file.
fn kind(wire: &wire::Attachment<'_>) -> AttachmentKind {
    let given = essence(&wire.content_type.0);
    match given.split('/').next() {
        Some("image") => AttachmentKind::Image,
        Some("voice" | "audio") => AttachmentKind::Voice,
        Some("video") => AttachmentKind::Video,
        _ if !is_vague(&given) => AttachmentKind::File,
        _ if is_spoken(wire) => AttachmentKind::Voice,
        _ => named(wire).map_or_else(|| unnamed(wire), |(kind, _)| kind),
    }
}

/// Without parameters, in lower case.
fn essence(content_type: &str) -> String {
    let essence = content_type.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

/// Types that anything is sent as.
fn is_vague(essence: &str) -> bool {
    let vague = ["file", "application/octet-stream", "binary/octet-stream"];
    vague.contains(&essence) || !essence.contains('/')
}

fn is_spoken(wire: &wire::Attachment<'_>) -> bool {
    address(&wire.voice_wav_url.0).is_some() || wire.asr_refer_text.non_empty().is_some()
}

/// Only pictures have a width, and come from these hosts.
fn unnamed(wire: &wire::Attachment<'_>) -> AttachmentKind {
    let host = host(&wire.url.0);
    let pictures = host == "qpic.cn" || host.ends_with(".qpic.cn");
    match pictures || wire.width.0.is_some_and(|width| width > 0) {
        true => AttachmentKind::Image,
        false => AttachmentKind::File,
    }
}

fn host(url: &str) -> &str {
    let ends = ['/', '?', ':'];
    without_scheme(url).split(ends).next().unwrap_or_default()
}

fn without_scheme(url: &str) -> &str {
    url.split_once("//").map_or(url, |(_, rest)| rest)
}

/// Kind and type by the end of its name, else by that of its path.
fn named(wire: &wire::Attachment<'_>) -> Option<(AttachmentKind, &'static str)> {
    let url = without_scheme(&wire.url.0);
    let path = url.split(['?', '#']).next().unwrap_or_default();
    // What stands before the first slash is a host.
    let path = path.rsplit_once('/').map_or("", |(_, name)| name);
    [&*wire.filename.0, path].into_iter().find_map(by_ending)
}

/// What is shown, played or heard; everything else is a file.
const ENDINGS: [(&str, AttachmentKind, &str); 20] = [
    ("png", AttachmentKind::Image, "image/png"),
    ("jpg", AttachmentKind::Image, "image/jpeg"),
    ("jpeg", AttachmentKind::Image, "image/jpeg"),
    ("gif", AttachmentKind::Image, "image/gif"),
    ("webp", AttachmentKind::Image, "image/webp"),
    ("bmp", AttachmentKind::Image, "image/bmp"),
    ("heic", AttachmentKind::Image, "image/heic"),
    ("mp4", AttachmentKind::Video, "video/mp4"),
    ("mov", AttachmentKind::Video, "video/quicktime"),
    ("webm", AttachmentKind::Video, "video/webm"),
    ("mkv", AttachmentKind::Video, "video/x-matroska"),
    ("avi", AttachmentKind::Video, "video/x-msvideo"),
    ("amr", AttachmentKind::Voice, "audio/amr"),
    ("silk", AttachmentKind::Voice, "audio/silk"),
    ("wav", AttachmentKind::Voice, "audio/wav"),
    ("mp3", AttachmentKind::Voice, "audio/mpeg"),
    ("m4a", AttachmentKind::Voice, "audio/mp4"),
    ("ogg", AttachmentKind::Voice, "audio/ogg"),
    ("flac", AttachmentKind::Voice, "audio/flac"),
    ("aac", AttachmentKind::Voice, "audio/aac"),
];

fn by_ending(name: &str) -> Option<(AttachmentKind, &'static str)> {
    let (_, ending) = name.rsplit_once('.')?;
    let known = |(known, ..): &&(&str, _, _)| ending.eq_ignore_ascii_case(known);
    let (_, kind, mime) = ENDINGS.iter().find(known)?;
    Some((*kind, mime))
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
            ("", "a.b/c", AttachmentKind::File, "https://a.b/c"),
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
    fn what_a_vague_type_leaves_open_the_rest_tells() {
        for (fields, kind, mime) in [
            (
                r#""content_type":"file","filename":"a.PNG""#,
                "Image",
                Some("image/png"),
            ),
            (
                r#""content_type":"application/octet-stream","filename":"a.b.jpeg""#,
                "Image",
                Some("image/jpeg"),
            ),
            (
                r#""content_type":"file","url":"q.qq.com/x/p.webp?sign=a.mp4""#,
                "Image",
                Some("image/webp"),
            ),
            (
                r#""content_type":"image/PNG; x=1","filename":"a.mp4""#,
                "Image",
                Some("image/png"),
            ),
            (
                r#""content_type":"image","filename":"a.gif""#,
                "Image",
                Some("image/gif"),
            ),
            (r#""content_type":null,"width":7"#, "Image", None),
            (r#""url":"gchat.qpic.cn/qmeetpic/1""#, "Image", None),
            (r#""url":"https://gchat.qpic.cn.evil.test/1""#, "File", None),
            (
                r#""content_type":"file","filename":"clip.mp4""#,
                "Video",
                Some("video/mp4"),
            ),
            (
                r#""content_type":7,"filename":"x.amr""#,
                "Voice",
                Some("audio/amr"),
            ),
            (
                r#""content_type":{},"filename":"x","voice_wav_url":"https://q/w""#,
                "Voice",
                Some("audio/wav"),
            ),
            (r#""asr_refer_text":"hi""#, "Voice", None),
            // A type that says something is believed.
            (
                r#""content_type":"application/pdf","filename":"a.png""#,
                "File",
                Some("application/pdf"),
            ),
            (
                r#""content_type":"file","filename":"report.pdf""#,
                "File",
                None,
            ),
            (r#""content_type":"file","filename":"png""#, "File", None),
            // A host is not a file.
            (
                r#""content_type":"file","url":"https://q.mp4?x""#,
                "File",
                None,
            ),
        ] {
            let json = format!(r#"{{"attachments":[{{"url":"q.cn/x",{fields}}}]}}"#);
            let message = crate::wire::read_str(&json).unwrap();
            let got = of_message(&message);
            let got = got
                .first()
                .map(|a| (format!("{:?}", a.kind), a.mime.as_deref()));
            assert_eq!(got, Some((kind.to_owned(), mime)), "{json}");
        }
    }

    #[test]
    fn without_a_link_words_stand_for_it() {
        let json = r#"{"attachments":[{"content_type":"voice","asr_refer_text":"turn on the light","url":5},
            null,{},{"content_type":"file","filename":"p.png"},{"url":"https://q/1"}]}"#;
        let message = serde_json::from_str(json).unwrap();
        let got = text(&message, "look".to_owned());
        let words = "[voice without a link] turn on the light\n[image without a link] p.png";
        assert_eq!(got, format!("look\n{words}"));
        assert_eq!(of_message(&message).len(), 1);
    }

    #[test]
    fn an_odd_address_costs_itself_and_no_other() {
        let fields = r#""content_type":"voice","filename":"x.amr""#;
        for (urls, expected) in [
            (
                r#""url":"https://q/s","voice_wav_url":5"#,
                Some("https://q/s"),
            ),
            (
                r#""url":"https://q/s","voice_wav_url":"null""#,
                Some("https://q/s"),
            ),
            (
                r#""url":5,"voice_wav_url":"//q/x.wav""#,
                Some("https://q/x.wav"),
            ),
            (r#""url":"5","voice_wav_url":"n/a""#, None),
        ] {
            let got = read(&format!(r#"{{"attachments":[{{{fields},{urls}}}]}}"#));
            let got = got
                .first()
                .map(|voice| (&voice.location, voice.mime.as_deref()));
            let mime = expected.map(|url| {
                if url.ends_with("wav") {
                    "audio/wav"
                } else {
                    "audio/amr"
                }
            });
            let expected = expected.map(|url| AttachmentLocation::Url(url.to_owned()));
            assert_eq!(got, expected.as_ref().zip(Some(mime)), "{urls}");
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
                r#"{{"message_type":{kind},"msg_elements":[{{"attachments":[{{"url":"a.cn/b"}}]}},null]}}"#
            )
        };
        assert_eq!(read(&json(101)).len(), 1);
        assert_eq!(read(&json(103)).len(), 0);
    }
}

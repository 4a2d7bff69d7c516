//! QQ's faces: `<faceType=1,faceId="271",ext="eyJ0ZXh0Ijoi5ZCD55OcIn0=">`.
//!
//! `ext` is base64 of `{"text":"吃瓜"}`, standard alphabet; a shop sticker has no
//! id and a text in brackets. See QQ docs, server-inter/message/trans/emoji.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::wire::{self, Text};

/// Reads a face tag without its `<`: the words for it, and what follows.
pub(super) fn take(tag: &str) -> Option<(String, &str)> {
    let (attributes, after) = tag.strip_prefix("faceType=")?.split_once("\">")?;
    let (_, ext) = attributes.split_once("ext=\"")?;
    Some((words(ext), after))
}

fn words(ext: &str) -> String {
    match name(ext) {
        Some(name) => format!("[表情: {name}]"),
        None => "[表情]".to_owned(),
    }
}

fn name(ext: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Ext<'a> {
        #[serde(borrow)]
        text: Text<'a>,
    }
    let json = STANDARD.decode(ext).ok()?;
    let ext: Ext<'_> = wire::read(&json)?;
    let name = ext.text.0.trim_start_matches('[').trim_end_matches(']');
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_tag_has_words() {
        for (tag, words) in [
            (
                r#"faceType=1,faceId="271",ext="eyJ0ZXh0Ijoi5ZCD55OcIn0=">x"#,
                "[表情: 吃瓜]",
            ),
            (
                r#"faceType=4,faceId="",ext="eyJ0ZXh0IjoiW+a7oeWktOmXruWPt10ifQ==">x"#,
                "[表情: 满头问号]",
            ),
            (r#"faceType=1,faceId="1",ext="%%%">x"#, "[表情]"),
            (r#"faceType=1,faceId="1",ext="">x"#, "[表情]"),
        ] {
            assert_eq!(take(tag), Some((words.to_owned(), "x")), "{tag}");
        }
        for text in ["faceType=1", "face", "", "@X>"] {
            assert_eq!(take(text), None, "{text}");
        }
    }
}

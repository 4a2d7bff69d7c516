//! QQ's faces: `<faceType=1,faceId="271",ext="eyJ0ZXh0Ijoi5ZCD55OcIn0=">`.
//!
//! `ext` is base64 of `{"text":"吃瓜"}`, standard alphabet, and may be missing; a
//! shop sticker has no id and a text in brackets. See QQ docs, server-inter/message/trans/emoji.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::emoji;
use super::tag::until_close;
use crate::wire::{self, Text};

/// Bytes of a tag: the longest name has a few hundred.
const LONGEST: usize = 2_048;

/// Reads a face tag without its `<`: the words for it, and what follows.
pub(super) fn take(tag: &str) -> Option<(String, &str)> {
    let (attributes, after) = until_close(tag.strip_prefix("faceType=")?, LONGEST)?;
    Some((words(attributes), after))
}

/// By the name that comes along, else by number.
fn words(attributes: &str) -> String {
    match attribute(attributes, "ext").and_then(name) {
        Some(name) => format!("[表情: {name}]"),
        None => emoji::words(attribute(attributes, "faceId").unwrap_or_default(), false),
    }
}

/// Neither base64 nor a number holds a comma or a quote.
fn attribute<'t>(attributes: &'t str, name: &str) -> Option<&'t str> {
    let pairs = attributes
        .split(',')
        .filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.into_iter().find(|(key, _)| key.trim() == name)?;
    Some(value.trim_matches(['"', '/', ' ']))
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
            (r#"faceType=3,faceId="14">x"#, "[表情: 微笑]"),
            (r#"faceType=3,faceId="14",ext="%%%"/>x"#, "[表情: 微笑]"),
            ("faceType=3, faceId=14>x", "[表情: 微笑]"),
            (r#"faceType=3,faceId="9999">x"#, "[表情]"),
            ("faceType=>x", "[表情]"),
        ] {
            assert_eq!(take(tag), Some((words.to_owned(), "x")), "{tag}");
        }
        for text in ["faceType=1", "face", "", "@X>"] {
            assert_eq!(take(text), None, "{text}");
        }
    }
}

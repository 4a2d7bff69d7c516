//! Strings.

use std::borrow::Cow;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

/// Stands for what is not a character: half of a surrogate pair.
const REPLACEMENT: char = char::REPLACEMENT_CHARACTER;

/// Bytes of the id of a person or a place; real ones have 32 at most.
const LONGEST_PEER: usize = 128;
/// Bytes of any id. The longest, of a message in a group, have some two hundred.
const LONGEST_ID: usize = 512;

/// A string; a whole number reads as its digits, anything else as `""`.
///
/// JavaScript cuts strings between the halves of a character and writes what is
/// left as `"\ud83d"`. Half a character costs that character.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Text<'a>(pub(crate) Cow<'a, str>);

impl<'a> Text<'a> {
    /// As [`Text::id`], or `""`.
    pub(crate) fn into_id(self) -> Cow<'a, str> {
        match self.id() {
            Some(_) => self.0,
            None => Cow::Borrowed(""),
        }
    }

    /// Absent when empty.
    pub(crate) fn non_empty(&self) -> Option<&str> {
        (!self.0.is_empty()).then_some(&*self.0)
    }

    /// The id of a person or a place: absent when empty or too long to be one. It
    /// becomes part of keys of the stored state, which have a bound.
    pub(crate) fn peer(&self) -> Option<&str> {
        self.non_empty().filter(|id| id.len() <= LONGEST_PEER)
    }

    /// Any id: absent when empty or too long to be one. It is kept in values of
    /// the stored state.
    pub(crate) fn id(&self) -> Option<&str> {
        self.non_empty().filter(|id| id.len() <= LONGEST_ID)
    }

    /// Owned, absent when empty.
    pub(crate) fn to_option(&self) -> Option<String> {
        self.non_empty().map(str::to_owned)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = super::raw::raw(deserializer)?;
        let digits = json.strip_prefix('-').unwrap_or(json);
        if digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(Self(Cow::Borrowed(json)));
        }
        if !json.starts_with('"') {
            return Ok(Self::default());
        }
        Ok(Self(match super::unquoted(json) {
            inner if inner.contains('\\') => Cow::Owned(unescaped(json)),
            inner => Cow::Borrowed(inner),
        }))
    }
}

/// Only the reader of bytes lets half a surrogate pair through.
fn unescaped(json: &str) -> String {
    struct Bytes;

    impl Visitor<'_> for Bytes {
        type Value = String;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a string")
        }

        fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<String, E> {
            Ok(lossy(bytes))
        }
    }

    let mut reader = serde_json::Deserializer::from_str(json);
    reader.deserialize_bytes(Bytes).unwrap_or_default()
}

/// Text with one mark for each run of bytes that are none.
fn lossy(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        let marked = chunk.valid().is_empty() && text.ends_with(REPLACEMENT);
        if !chunk.invalid().is_empty() && !marked {
            text.push(REPLACEMENT);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn a_string_is_read_whatever_is_in_it() {
        for (json, text) in [
            (r#""""#, ""),
            (r#""abc""#, "abc"),
            (r#""a\n\"b\"\\""#, "a\n\"b\"\\"),
            (r#""\ud83d\ude00""#, "😀"),
            (r#""a\ud83db""#, "a\u{fffd}b"),
            (r#""\ude00\ud83d""#, "\u{fffd}"),
            (r#""\ud83d""#, "\u{fffd}"),
            (r#""\ud83d\n""#, "\u{fffd}\n"),
            (r#""\ud83d\u4f60""#, "\u{fffd}你"),
            ("7", "7"),
            ("-7", "-7"),
            ("18446744073709551616", "18446744073709551616"),
            ("1.5", ""),
            ("1e999", ""),
            ("true", ""),
            ("null", ""),
            ("[1]", ""),
            (r#"{"a":"b"}"#, ""),
        ] {
            let got: Text<'_> = serde_json::from_str(json).unwrap();
            assert_eq!(got.0, text, "{json}");
        }
    }

    #[test]
    fn plain_text_is_borrowed_from_the_frame() {
        for json in [r#""abc""#, "123"] {
            let got: Text<'_> = serde_json::from_str(json).unwrap();
            assert!(matches!(got.0, Cow::Borrowed(_)), "{json}");
        }
    }
}

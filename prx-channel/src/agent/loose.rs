//! JSON of others, read field by field: one odd field costs that field and no
//! more. A text may hold half of a surrogate pair whose other half comes in the
//! next piece.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// An object whose fields are not read yet.
pub(super) struct Object<'a>(BTreeMap<String, &'a RawValue>);

impl<'a> Object<'a> {
    pub(super) fn parse(json: &'a str) -> Option<Self> {
        serde_json::from_str(json).ok().map(Self)
    }

    /// The field, if it is there and neither `null` nor of another type.
    pub(super) fn get<T: Deserialize<'a>>(&self, key: &str) -> Option<T> {
        let value = self.raw(key)?;
        serde_json::from_str(value).ok()
    }

    /// The JSON of the field, if it is there and not `null`.
    pub(super) fn raw(&self, key: &str) -> Option<&'a str> {
        let value = self.0.get(key)?.get();
        (value != "null").then_some(value)
    }

    pub(super) fn object(&self, key: &str) -> Option<Self> {
        Self::parse(self.raw(key)?)
    }
}

/// The members of a list; none if it is not one.
pub(super) fn list(json: &str) -> Vec<&str> {
    let members: Vec<&RawValue> = serde_json::from_str(json).unwrap_or_default();
    members.into_iter().map(RawValue::get).collect()
}

/// A string in which a character may be half: UTF-8 but for that.
#[derive(Debug)]
pub(super) struct Text(Vec<u8>);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Text;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Text, E> {
                Ok(Text(bytes.to_vec()))
            }
        }
        // As bytes, because serde_json refuses half a character in a `str`.
        from.deserialize_bytes(Bytes)
    }
}

impl Text {
    /// The text by itself.
    pub(super) fn alone(&self) -> String {
        let mut halves = Halves::default();
        let mut text = halves.join(self);
        text.extend(halves.end());
        text
    }

    fn units(&self) -> Vec<u16> {
        let mut units = Vec::new();
        let mut odd: Vec<u8> = Vec::new();
        for chunk in self.0.utf8_chunks() {
            units.extend(chunk.valid().encode_utf16());
            odd.extend(chunk.invalid());
            // The only bytes that are no UTF-8 here: three for one half.
            if let [_, high, low] = *odd.as_slice() {
                units.push(0xD000 | u16::from(high & 0x3F) << 6 | u16::from(low & 0x3F));
                odd.clear();
            }
        }
        units
    }
}

/// Puts the halves of characters together over the pieces of one text.
#[derive(Debug, Default)]
pub(super) struct Halves {
    first: Option<u16>,
}

impl Halves {
    /// The next piece. A half without its other half becomes U+FFFD.
    pub(super) fn join(&mut self, piece: &Text) -> String {
        let mut units: Vec<u16> = self.first.take().into_iter().collect();
        units.extend(piece.units());
        self.first = units.pop_if(|last| (0xD800..0xDC00).contains(last));
        char::decode_utf16(units)
            .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect()
    }

    /// What became of the last half.
    pub(super) fn end(&mut self) -> Option<char> {
        self.first.take().map(|_half| char::REPLACEMENT_CHARACTER)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_odd_field_costs_that_field() {
        let object = Object::parse(r#"{"a":1,"b":"x","c":null,"d":"\ud83d","e":[{},2]}"#).unwrap();
        assert_eq!(object.get::<u64>("a"), Some(1));
        assert_eq!(object.get::<u64>("b"), None);
        assert_eq!(object.raw("c"), None);
        assert!(object.get::<String>("d").is_none());
        assert_eq!(object.get::<Text>("d").unwrap().alone(), "\u{FFFD}");
        assert_eq!(list(object.raw("e").unwrap()), ["{}", "2"]);
        assert!(list("{}").is_empty());
        assert!(Object::parse("[]").is_none());
    }

    #[test]
    fn halves_find_each_other_over_pieces() {
        for (pieces, text) in [
            (&[r#""\ud83d""#, r#""\ude00""#][..], "😀"),
            (&[r#""a\ud83d""#, r#""""#, r#""\ude00b""#], "a😀b"),
            (&[r#""a\ud83d""#, r#""b""#], "a\u{FFFD}b"),
            (&[r#""\ude00""#, r#""好\n""#], "\u{FFFD}好\n"),
            (&[r#""\ud83d""#, r#""\ud83d\ude00""#], "\u{FFFD}😀"),
            (&[r#""x\ud83d""#], "x\u{FFFD}"),
        ] {
            let mut halves = Halves::default();
            let mut joined = String::new();
            for piece in pieces {
                joined += &halves.join(&serde_json::from_str(piece).unwrap());
            }
            joined.extend(halves.end());
            assert_eq!(joined, text, "{pieces:?}");
        }
    }
}

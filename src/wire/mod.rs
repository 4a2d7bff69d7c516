//! Tolerant JSON values.
//!
//! The platform sends numbers as strings, strings as numbers, `null` for lists
//! and `""` for objects. Every field is first taken as the text of its value and
//! then read on its own: one that cannot be read, whatever is in it, reads as
//! absent and never spoils its neighbours.

mod edge;
mod fields;
mod nested;
mod raw;
mod text;

use serde::de::{Deserialize, Deserializer};

pub(crate) use edge::{mend, mend_text};
pub(crate) use nested::{List, Object};
use raw::raw;
pub(crate) use text::Text;

/// JSON bytes as `T`; absent when they are none. One reader for text and bytes
/// keeps the component small.
pub(crate) fn read<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Option<T> {
    read_str(std::str::from_utf8(json).ok()?)
}

/// The same of text. Of a name that stands twice in an object, the last counts.
pub(crate) fn read_str<'a, T: Deserialize<'a>>(json: &'a str) -> Option<T> {
    serde_json::from_str(json)
        .ok()
        .or_else(|| fields::read(json))
}

/// A whole number, or the digits of one in a string.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Number(pub(crate) Option<i64>);

impl Number {
    /// The number, unless absent or negative.
    pub(crate) fn unsigned(self) -> Option<u64> {
        self.0.and_then(|n| u64::try_from(n).ok())
    }
}

/// True: as it is, as a number or as a string. Anything else reads as false.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flag(pub(crate) bool);

/// Without the quotes of a string.
fn unquoted(json: &str) -> &str {
    let inner = json
        .strip_prefix('"')
        .and_then(|json| json.strip_suffix('"'));
    inner.unwrap_or(json)
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = raw(deserializer)?;
        Ok(Self(unquoted(json).trim().parse().ok()))
    }
}

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = raw(deserializer)?;
        Ok(Self(matches!(unquoted(json), "true" | "1")))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(default)]
    #[derive(Default)]
    struct All<'a> {
        #[serde(borrow)]
        text: Text<'a>,
        number: Number,
        flag: Flag,
        #[serde(borrow)]
        object: Object<Inner<'a>>,
        #[serde(borrow)]
        list: List<Object<Inner<'a>>>,
    }

    #[derive(Debug, Default, Deserialize)]
    #[serde(default)]
    struct Inner<'a> {
        #[serde(borrow)]
        id: Text<'a>,
    }

    #[test]
    fn every_field_takes_every_json_type() {
        for value in [
            "null",
            "true",
            "1",
            "-1",
            "1.5",
            "\"s\"",
            "[1,{}]",
            "{\"a\":[]}",
        ] {
            let json = format!(
                r#"{{"text":{value},"number":{value},"flag":{value},"object":{value},"list":{value},"new":1}}"#
            );
            serde_json::from_str::<All<'_>>(&json).unwrap_or_else(|e| panic!("{json}: {e}"));
        }
    }

    #[test]
    fn reads_what_is_there() {
        let json = r#"{"text":7,"number":"42","flag":true,"object":{"id":"x"},"list":[{"id":"y"},null,3]}"#;
        let all: All<'_> = serde_json::from_str(json).unwrap();
        assert_eq!(all.text.non_empty(), Some("7"));
        assert_eq!(all.number.unsigned(), Some(42));
        assert!(all.flag.0);
        assert_eq!(all.object.0.unwrap().id.to_option().as_deref(), Some("x"));
        let ids: Vec<_> = all
            .list
            .0
            .iter()
            .filter_map(|o| o.0.as_ref())
            .map(|i| &*i.id.0)
            .collect();
        assert_eq!(ids, ["y"]);
    }

    #[test]
    fn one_odd_field_costs_that_field() {
        let deep = format!("{}{}", "[".repeat(4_000), "]".repeat(4_000));
        for odd in ["1e999", "-1e999", r#""\ud83d""#, r#"{"\ud83d":1}"#, &deep] {
            for field in ["text", "number", "flag", "object", "list"] {
                let sound =
                    r#""text":"a","number":"2","flag":1,"object":{"id":"x"},"list":[{"id":"y"}]"#;
                let sound = sound.replace(&format!("\"{field}\":"), "\"other\":");
                let json = format!(r#"{{"{field}":{odd},{sound}}}"#);
                let all: All<'_> = read_str(&json).unwrap();
                let got = [
                    all.text.non_empty() == Some("a"),
                    all.number.0 == Some(2),
                    all.flag.0,
                    all.object.0.is_some_and(|inner| inner.id.0 == "x"),
                    all.list.0.iter().any(|inner| inner.0.is_some()),
                ];
                let sound = got.iter().filter(|sound| **sound).count();
                assert_eq!(sound, 4, "{field} {}", odd.len());
            }
        }
    }

    #[test]
    fn a_name_that_stands_twice_or_is_none_costs_nothing_else() {
        let json = r#"{"text":"a","\ud83d":1,"number":1,"text":"b","object":{"id":"x","id":"y"}}"#;
        let all: All<'_> = read(json.as_bytes()).unwrap();
        assert_eq!((&*all.text.0, all.number.0), ("b", Some(1)));
        assert_eq!(all.object.0.unwrap().id.0, "y");
        for json in ["", "[]x", "{}{}", r#"{"text":"a","text":}"#] {
            assert!(read_str::<All<'_>>(json).is_none(), "{json}");
        }
    }
}

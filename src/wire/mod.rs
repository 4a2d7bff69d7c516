//! Tolerant JSON values.
//!
//! The platform sends numbers as strings, strings as numbers, `null` for lists
//! and `""` for objects. A field of an unexpected type reads as absent; it never
//! spoils its neighbours.

mod nested;

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

pub(crate) use nested::{List, Object};

/// JSON bytes as `T`; absent when they are none. One reader for text and bytes
/// keeps the component small.
pub(crate) fn read<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Option<T> {
    serde_json::from_str(std::str::from_utf8(json).ok()?).ok()
}

/// A string; a number reads as its digits, anything else as `""`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Text<'a>(pub(crate) Cow<'a, str>);

impl Text<'_> {
    /// Absent when empty.
    pub(crate) fn non_empty(&self) -> Option<&str> {
        (!self.0.is_empty()).then_some(&*self.0)
    }

    /// Owned, absent when empty.
    pub(crate) fn to_option(&self) -> Option<String> {
        self.non_empty().map(str::to_owned)
    }
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

/// A bool; anything else reads as false.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flag(pub(crate) bool);

/// Implements `Deserialize` for a type with a visitor of all JSON types.
macro_rules! tolerant {
    ($type:ty, $visitor:ident, { $($visit:item)* }) => {
        struct $visitor;

        impl<'de> Visitor<'de> for $visitor {
            type Value = $type;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any JSON value")
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Self::Value::default())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Self::Value::default())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Self::Value::default())
            }

            $($visit)*
        }
    };
}

tolerant!(Text<'de>, TextVisitor, {
    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Text(Cow::Owned(text.to_owned())))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Text(Cow::Owned(number.to_string())))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Text(Cow::Owned(number.to_string())))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Text::default())
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Text::default())
    }
});

tolerant!(Number, NumberVisitor, {
    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Number(Some(number)))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Number(i64::try_from(number).ok()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Number(text.trim().parse().ok()))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Number(None))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Number(None))
    }
});

tolerant!(Flag, FlagVisitor, {
    fn visit_bool<E>(self, flag: bool) -> Result<Self::Value, E> {
        Ok(Flag(flag))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Flag(false))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Flag(false))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Flag(false))
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Flag(false))
    }
});

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberVisitor)
    }
}

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FlagVisitor)
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
    fn plain_text_is_borrowed_from_the_frame() {
        let all: All<'_> = serde_json::from_str(r#"{"text":"abc"}"#).unwrap();
        assert!(matches!(all.text.0, Cow::Borrowed("abc")));
    }
}

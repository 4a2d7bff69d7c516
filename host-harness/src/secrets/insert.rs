//! Putting a value into a header or a JSON document.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use crate::contract::{Failure, FailureKind};

/// Sets header `name` to `value`, marked so that it is never printed.
pub(crate) fn insert_header(
    headers: &mut HeaderMap,
    name: &str,
    value: &str,
) -> Result<(), Failure> {
    let bad = |what: &str| Failure::new(FailureKind::Invalid, format!("header `{name}`: {what}"));
    let name_parsed: HeaderName = name.parse().map_err(|_bad| bad("not a header name"))?;
    // The text of the error would be about the value, so it is not passed on.
    let mut value =
        HeaderValue::from_str(value).map_err(|_bad| bad("the secret cannot stand in a header"))?;
    value.set_sensitive(true);
    headers.insert(name_parsed, value);
    Ok(())
}

/// Puts strings into a JSON document by pointer; the text that comes back holds
/// them.
pub(crate) fn insert_json<'a>(
    text: &str,
    values: impl IntoIterator<Item = (&'a str, String)>,
) -> Result<String, Failure> {
    let mut document: Value = serde_json::from_str(text).map_err(|cause| {
        Failure::new(
            FailureKind::Invalid,
            format!("not a JSON document: {cause}"),
        )
    })?;
    for (pointer, value) in values {
        set_json(&mut document, pointer, Value::String(value))?;
    }
    Ok(document.to_string())
}

/// Creates or replaces the member at `pointer`.
pub(crate) fn set_json(document: &mut Value, pointer: &str, value: Value) -> Result<(), Failure> {
    let missing = || {
        Failure::new(
            FailureKind::Invalid,
            format!("JSON pointer `{pointer}` leads nowhere"),
        )
    };
    let (parent, member) = parent_and_member(pointer).ok_or_else(missing)?;
    match document.pointer_mut(parent).ok_or_else(missing)? {
        Value::Object(object) => {
            object.insert(member, value);
            Ok(())
        }
        Value::Array(items) => {
            let index: usize = member.parse().map_err(|_bad| missing())?;
            *items.get_mut(index).ok_or_else(missing)? = value;
            Ok(())
        }
        _ => Err(missing()),
    }
}

/// A pointer to the parent, and the member's name in it (RFC 6901, 4).
pub(super) fn parent_and_member(pointer: &str) -> Option<(&str, String)> {
    let (parent, member) = pointer.rsplit_once('/')?;
    Some((parent, unescaped(member)))
}

/// One segment of a pointer as the name it stands for.
pub(super) fn unescaped(segment: &str) -> String {
    segment.replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_member_is_created_or_replaced_and_nothing_else_changes() {
        let text = insert_json(
            r#"{"op":2,"d":{"intents":5}}"#,
            [("/d/token", "t".to_owned())],
        )
        .unwrap();
        assert_eq!(text, r#"{"d":{"intents":5,"token":"t"},"op":2}"#);
        let text = insert_json(r#"{"a/b":["x"]}"#, [("/a~1b/0", "y".to_owned())]).unwrap();
        assert_eq!(text, r#"{"a/b":["y"]}"#);
    }

    #[test]
    fn a_value_cannot_break_out_of_its_string() {
        let text = insert_json(r"{}", [("/s", "\",\"x\":\"".to_owned())]).unwrap();
        let back: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(back["s"], "\",\"x\":\"");
        assert!(back.get("x").is_none());
    }

    #[test]
    fn a_pointer_into_nothing_is_an_error() {
        for (text, pointer) in [
            ("{}", "/a/b"),
            ("{}", "a"),
            ("[1]", "/4"),
            ("3", "/a"),
            ("nope", "/a"),
        ] {
            assert!(
                insert_json(text, [(pointer, String::new())]).is_err(),
                "{text} {pointer}"
            );
        }
    }

    #[test]
    fn a_header_value_is_never_printed() {
        let mut headers = HeaderMap::new();
        insert_header(&mut headers, "Authorization", "QQBot planted").unwrap();
        assert!(!format!("{headers:?}").contains("planted"));
        let failure = insert_header(&mut headers, "x", "planted\n").unwrap_err();
        assert!(!failure.message.contains("planted"));
    }
}

//! Where a component did something else than the trace says, in words.

use std::fmt;

use serde_json::Value;

use crate::contract::Action;
use crate::form::{self, Form};

/// Characters shown of a value.
const SHOWN: usize = 160;
/// Of them, those before the first that differs.
const BEFORE: usize = 40;

/// Where a component did something else than the trace says.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Difference {
    /// Line of the trace, from 1.
    pub line: usize,
    /// Place in the action list, from 0.
    pub index: usize,
    /// What the trace has there.
    pub recorded: Option<Action>,
    /// What the component asked for.
    pub replayed: Option<Action>,
}

impl fmt::Display for Difference {
    /// A line that says where, and two for each field that differs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, action {}", self.line, self.index + 1)?;
        let mut found = Vec::new();
        let (recorded, replayed) = (tree(self.recorded.as_ref()), tree(self.replayed.as_ref()));
        differing(String::new(), &recorded, &replayed, &mut found);
        for (path, recorded, replayed) in found {
            let from = first_difference(&recorded, &replayed).saturating_sub(BEFORE);
            let path = if path.is_empty() { "action" } else { &path };
            write!(f, "\n  {path}")?;
            write!(f, "\n    recorded {}", part(&recorded, from))?;
            write!(f, "\n    replayed {}", part(&replayed, from))?;
        }
        Ok(())
    }
}

fn tree(action: Option<&Action>) -> Value {
    let form = action.map(form::Action::of);
    // Plain data always has a JSON form.
    serde_json::to_value(form).unwrap_or_default()
}

/// Adds to `found` the path of every field that differs, with both values.
fn differing(
    path: String,
    recorded: &Value,
    replayed: &Value,
    found: &mut Vec<(String, String, String)>,
) {
    match (recorded, replayed) {
        (Value::Object(one), Value::Object(other)) if one.keys().eq(other.keys()) => {
            for (name, value) in one {
                let dot = if path.is_empty() { "" } else { "." };
                differing(format!("{path}{dot}{name}"), value, &replayed[name], found);
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            for (index, (one, other)) in one.iter().zip(other).enumerate() {
                differing(format!("{path}[{index}]"), one, other, found);
            }
        }
        (one, other) if one != other => found.push((path, shown(one), shown(other))),
        _ => {}
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        value => value.to_string(),
    }
}

/// Which character is the first that differs.
fn first_difference(one: &str, other: &str) -> usize {
    let same = one.chars().zip(other.chars());
    same.take_while(|(one, other)| one == other).count()
}

/// What is shown of `text`, from character `from` on.
fn part(text: &str, from: usize) -> String {
    // What a channel says cannot steer the terminal.
    let safe = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    let mut rest = text.chars().skip(from).map(safe);
    let mut part: String = rest.by_ref().take(SHOWN).collect();
    if from > 0 {
        part.insert(0, '…');
    }
    if rest.next().is_some() {
        part.push('…');
    }
    part
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{Put, SetTimer};

    fn said(recorded: Option<Action>, replayed: Option<Action>) -> String {
        Difference {
            line: 7,
            index: 2,
            recorded,
            replayed,
        }
        .to_string()
    }

    fn put(key: &str, value: &[u8]) -> Option<Action> {
        let (key, value) = (key.to_owned(), value.to_vec());
        Some(Action::Put(Put { key, value }))
    }

    #[test]
    fn only_what_differs_is_shown() {
        assert_eq!(
            said(put("k", b"one"), put("k", b"two")),
            "line 7, action 3\n  Put.value.text\n    recorded \"one\"\n    replayed \"two\""
        );
    }

    #[test]
    fn another_action_or_none_is_shown_whole() {
        let timer = Action::SetTimer(SetTimer { id: 1, after_ms: 5 });
        assert_eq!(
            said(put("k", b"\xff"), Some(timer)),
            "line 7, action 3\n  action\n    recorded {\"Put\":{\"key\":\"k\",\"value\":{\"base64\":\"/w==\"}}}\n    replayed {\"SetTimer\":{\"after_ms\":5,\"id\":1}}"
        );
        assert!(said(None, put("k", b"v")).contains("recorded nothing"));
    }

    #[test]
    fn a_long_value_is_shown_from_a_little_before_it_differs() {
        let text = |end: &str| format!("{}{end}{}", "é".repeat(500), "b".repeat(500));
        let said = said(
            put("k", text("X").as_bytes()),
            put("k", text("Y").as_bytes()),
        );
        assert!(
            said.contains("recorded …é") && said.contains("éXbb"),
            "{said}"
        );
        assert!(said.contains("éYbb") && said.ends_with("b…"), "{said}");
        assert!(said.chars().count() < 500, "{said}");
    }
}

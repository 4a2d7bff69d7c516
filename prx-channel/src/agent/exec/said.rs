//! What an agent may write: the rule, and in what way a line breaks it.

use std::collections::BTreeMap;

use crate::agent::loose::{Object, Text};

/// Said to an operator whose agent breaks it.
pub(super) const RULE: &str = "one JSON object a line, with \"type\" (delta, progress, reply or error), \"turn\" (the number it was given) and \"text\" or \"message\"; anything else belongs on standard error";

/// A line of an agent.
#[derive(Debug)]
pub(super) enum Said {
    /// The next piece of the answer.
    Delta(Text),
    /// What it is doing; nothing for the user.
    Progress,
    /// The whole answer.
    Reply(Text),
    /// There will be none.
    Error(Text),
}

/// A line outside the rule.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Broken {
    pub(super) why: String,
    /// The turn that gets no answer because of it.
    pub(super) turn: Option<u64>,
}

/// Lines outside the rule, by what is wrong with them: a handful of texts.
#[derive(Debug, Default)]
pub(super) struct Complaints(BTreeMap<String, u64>);

impl Complaints {
    /// The first line of a kind is told, and then ever fewer. If this one is: how
    /// many there were.
    pub(super) fn count(&mut self, why: &str) -> Option<u64> {
        let count = self.0.entry(why.to_owned()).or_default();
        *count += 1;
        count.is_power_of_two().then_some(*count)
    }
}

/// Languages whose numbers have fractions write `2.0`.
fn turn_of(object: &Object<'_>) -> Option<u64> {
    let written: serde_json::Number = object.get("turn")?;
    let written = written.to_string();
    written.strip_suffix(".0").unwrap_or(&written).parse().ok()
}

/// Reads a line: which turn, and what of it.
pub(super) fn read(line: &str) -> Result<(u64, Said), Broken> {
    let broken = |why: &str, turn| Broken {
        why: why.to_owned(),
        turn,
    };
    // Some languages begin their output with a byte order mark.
    let line = line.trim_start_matches('\u{feff}');
    let object = Object::parse(line).ok_or_else(|| broken("it is not a JSON object", None))?;
    let turn = turn_of(&object).ok_or_else(|| broken("it has no number as \"turn\"", None))?;
    let kind: String = object.get("type").unwrap_or_default();
    let text = |name: &str, of: Option<u64>| {
        let missing = || broken(&format!("a {kind} needs a string as \"{name}\""), of);
        object.get(name).ok_or_else(missing)
    };
    let said = match kind.as_str() {
        "delta" => Said::Delta(text("text", None)?),
        "progress" => Said::Progress,
        "reply" => Said::Reply(text("text", Some(turn))?),
        "error" => Said::Error(text("message", Some(turn))?),
        _ => return Err(broken("its \"type\" is none of the four", None)),
    };
    Ok((turn, said))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_rule_are_read() {
        for (line, said) in [
            (
                r#"{"type":"delta","turn":7,"text":"a\ud83d"}"#,
                "delta a\u{FFFD}",
            ),
            (r#"{"type":"progress","turn":7}"#, "progress"),
            (
                r#" {"turn":7,"text":"","type":"reply","more":[]} "#,
                "reply ",
            ),
            (r#"{"type":"error","turn":7,"message":"no"}"#, "error no"),
            (r#"{"type":"progress","turn":7.0}"#, "progress"),
            ("\u{feff}{\"type\":\"progress\",\"turn\":7}", "progress"),
        ] {
            let (turn, read) = read(line).unwrap();
            let words = match read {
                Said::Delta(text) => format!("delta {}", text.alone()),
                Said::Progress => "progress".to_owned(),
                Said::Reply(text) => format!("reply {}", text.alone()),
                Said::Error(text) => format!("error {}", text.alone()),
            };
            assert_eq!((turn, words.as_str()), (7, said));
        }
    }

    #[test]
    fn each_kind_of_broken_line_is_told_and_then_ever_fewer() {
        let mut complaints = Complaints::default();
        for _ in 0..2 {
            complaints.count("one");
        }
        assert_eq!(complaints.count("other"), Some(1));
        let more: Vec<_> = (3..=8).map(|_| complaints.count("one")).collect();
        assert_eq!(more, [None, Some(4), None, None, None, Some(8)]);
    }

    #[test]
    fn what_breaks_the_rule_says_how_and_whom_it_costs_the_answer() {
        for (line, why, turn) in [
            ("loading model…", "not a JSON object", None),
            ("[1]", "not a JSON object", None),
            (
                r#"{"type":"reply","text":"a"}"#,
                "no number as \"turn\"",
                None,
            ),
            (
                r#"{"type":"reply","turn":7.5,"text":"a"}"#,
                "no number as \"turn\"",
                None,
            ),
            (
                r#"{"type":"reply","turn":"7","text":"a"}"#,
                "no number as \"turn\"",
                None,
            ),
            (r#"{"type":"answer","turn":7}"#, "none of the four", None),
            (r#"{"turn":7}"#, "none of the four", None),
            (r#"{"type":"delta","turn":7}"#, "a delta needs", None),
            (
                r#"{"type":"reply","turn":7,"content":"a"}"#,
                "a reply needs",
                Some(7),
            ),
            (
                r#"{"type":"error","turn":7,"message":1}"#,
                "\"message\"",
                Some(7),
            ),
        ] {
            let broken = read(line).unwrap_err();
            assert!(broken.why.contains(why), "{line}: {}", broken.why);
            assert_eq!(broken.turn, turn, "{line}");
        }
    }
}

//! What one event of a completion says, in the dialects that servers speak.

use serde_json::Value;

use crate::agent::lines::one_line;
use crate::agent::loose::{Object, Text, list};

/// Characters shown of what a server complains about.
const SHOWN: usize = 300;

/// One thing an event says.
#[derive(Debug)]
pub(super) enum Piece {
    Text(Text),
    Reasoning(Text),
    /// A tool is to be called.
    Tool,
    /// The answer is complete, for this reason.
    Finished(String),
    Error(String),
}

/// Everything an event or a whole completion says about the first choice.
/// `None`: it is not JSON of that kind.
pub(super) fn read(json: &str) -> Option<Vec<Piece>> {
    let object = Object::parse(json)?;
    let mut pieces = Vec::new();
    if object.raw("error").is_some() {
        let said = complaint(json).unwrap_or_else(|| "no reason given".to_owned());
        pieces.push(Piece::Error(said));
    }
    for choice in list(object.raw("choices").unwrap_or_default()) {
        let choice = Object::parse(choice);
        if let Some(choice) = choice.filter(|choice| choice.get("index").unwrap_or(0_u64) == 0) {
            read_choice(&choice, &mut pieces);
        }
    }
    Some(pieces)
}

pub(super) fn is_object(json: &str) -> bool {
    Object::parse(json).is_some()
}

fn read_choice(choice: &Object<'_>, pieces: &mut Vec<Piece>) {
    match choice.object("delta").or_else(|| choice.object("message")) {
        Some(message) => read_message(&message, pieces),
        None => pieces.extend(choice.get("text").map(Piece::Text)),
    }
    let reason: Option<String> = choice.get("finish_reason");
    let reason = reason.filter(|reason| !matches!(reason.as_str(), "" | "null"));
    pieces.extend(reason.map(Piece::Finished));
}

fn read_message(message: &Object<'_>, pieces: &mut Vec<Piece>) {
    // Some servers say the same under two names.
    let mut thoughts = ["reasoning_content", "reasoning", "thinking"].into_iter();
    let thought = thoughts.find_map(|name| message.get(name));
    pieces.extend(thought.map(Piece::Reasoning));
    if let Some(content) = message.raw("content") {
        read_content(content, pieces);
    }
    pieces.extend(message.get("refusal").map(Piece::Text));
    let calls = |name: &str| message.raw(name).is_some_and(|calls| calls != "[]");
    let tool = ["tool_calls", "function_call"]
        .into_iter()
        .find(|name| calls(name));
    pieces.extend(tool.map(|_named| Piece::Tool));
}

/// A text, or a list of parts.
fn read_content(content: &str, pieces: &mut Vec<Piece>) {
    if let Ok(text) = serde_json::from_str(content) {
        pieces.push(Piece::Text(text));
    } else if let Some(part) = Object::parse(content) {
        read_part(&part, pieces);
    } else {
        for part in list(content) {
            // A list in a list is not looked into.
            if !part.starts_with('[') {
                read_content(part, pieces);
            }
        }
    }
}

fn read_part(part: &Object<'_>, pieces: &mut Vec<Piece>) {
    let kind: Option<String> = part.get("type");
    if matches!(kind.as_deref(), Some("thinking" | "reasoning")) {
        let thought = part.get("text").or_else(|| part.get("thinking"));
        pieces.extend(thought.map(Piece::Reasoning));
    } else {
        let text = part.get("text").or_else(|| part.get("refusal"));
        pieces.extend(text.map(Piece::Text));
    }
}

/// What an error object says, in the shapes that servers use.
pub(super) fn complaint(json: &str) -> Option<String> {
    let value: Value = serde_json::from_str(json).ok()?;
    let error = value.get("error").unwrap_or(&value);
    let said = ["message", "detail", "msg"]
        .iter()
        .find_map(|name| error.get(name));
    Some(one_line(said.unwrap_or(error).as_str()?, SHOWN))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `t:` text, `r:` reasoning, `f:` finished, `e:` error, `tool`.
    fn told(json: &str) -> Option<String> {
        let pieces = read(json)?.into_iter().map(|piece| match piece {
            Piece::Text(text) => format!("t:{}", text.alone()),
            Piece::Reasoning(text) => format!("r:{}", text.alone()),
            Piece::Tool => "tool".to_owned(),
            Piece::Finished(reason) => format!("f:{reason}"),
            Piece::Error(said) => format!("e:{said}"),
        });
        Some(pieces.collect::<Vec<_>>().join(" "))
    }

    fn delta(delta: &str) -> String {
        told(&format!(r#"{{"choices":[{{"delta":{delta}}}]}}"#)).unwrap()
    }

    #[test]
    fn every_dialect_is_understood() {
        for (json, said) in [
            (r#"{"role":"assistant","content":""}"#, "t:"),
            (r#"{"content":null}"#, ""),
            (r#"{"content":"hi"}"#, "t:hi"),
            (r#"{"content":"\ud83d"}"#, "t:\u{FFFD}"),
            (
                r#"{"content":[{"type":"text","text":"a"},"b",[7],{"type":"image"}]}"#,
                "t:a t:b",
            ),
            (r#"{"content":{"type":"text","text":"a"}}"#, "t:a"),
            (
                r#"{"content":[{"type":"thinking","thinking":"hm"}]}"#,
                "r:hm",
            ),
            (r#"{"content":7}"#, ""),
            (r#"{"reasoning_content":"hm"}"#, "r:hm"),
            (
                r#"{"reasoning":"hm","reasoning_content":"hm","content":"a"}"#,
                "r:hm t:a",
            ),
            (r#"{"refusal":"no"}"#, "t:no"),
            (r#"{"tool_calls":[{"index":0}]}"#, "tool"),
            (r#"{"tool_calls":[],"function_call":null}"#, ""),
            ("[]", ""),
        ] {
            assert_eq!(delta(json), said, "{json}");
        }
    }

    #[test]
    fn the_first_choice_counts_and_odd_fields_cost_themselves() {
        for (json, said) in [
            (
                r#"{"choices":[{"index":1,"delta":{"content":"x"}},{"index":0,"delta":{"content":"a"}}]}"#,
                "t:a",
            ),
            (
                r#"{"choices":[{"index":"0","delta":{"content":"a"},"finish_reason":7}]}"#,
                "t:a",
            ),
            (
                r#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#,
                "f:stop",
            ),
            (
                r#"{"choices":[{"delta":{"content":"a"},"finish_reason":""}]}"#,
                "t:a",
            ),
            (r#"{"choices":[{"message":{"content":"a"}},7,null]}"#, "t:a"),
            (r#"{"choices":[{"text":"a"}]}"#, "t:a"),
            (r#"{"choices":[],"usage":{"total_tokens":3}}"#, ""),
            (r#"{"choices":null,"error":null}"#, ""),
            (r#"{"error":{"message":"over\nloaded"}}"#, "e:over loaded"),
            (
                r#"{"error":"out of memory","choices":[{"delta":{"content":"a"}}]}"#,
                "e:out of memory t:a",
            ),
            (r#"{"error":{"code":7}}"#, "e:no reason given"),
        ] {
            assert_eq!(told(json).as_deref(), Some(said), "{json}");
        }
        for json in ["", "keep-alive", "[]", "7", "<html>", "{"] {
            assert_eq!(told(json), None, "{json}");
        }
    }
}

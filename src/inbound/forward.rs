//! Forwarded messages, as text.
//!
//! A chat record (`message_type` 102) and a mixed message (101) have their
//! messages as elements; a bundle forwarded as a quote (103) has one element
//! whose text is all of them, and an index that begins with `TMP_` (QQ docs,
//! autogen/event/c2c_message_create; the last is seen live only).

use super::card;
use super::text::{self, Names};
use super::wire::{Element, Message, User};
use crate::wire::{List, Object};

/// `message_type` of a mixed message.
const MIXED: i64 = 101;
/// `message_type` of a chat record.
const RECORD: i64 = 102;
/// The index of a bundle.
const BUNDLE: &str = "TMP_";
/// Characters of a forwarded talk that the agent gets.
const MOST_CHARS: usize = 8_000;
/// Talks forwarded inside forwarded talks.
const DEEPEST: usize = 3;

/// Whether a message is a bundle dressed as a quote.
pub(super) fn is_bundle(message: &Message<'_>) -> bool {
    let index = message.ext("ref_msg_idx");
    message.is_quote() && index.is_some_and(|i| i.starts_with(BUNDLE))
}

/// The text of a message whose own words are `content`, with what it forwards.
pub(super) fn text(message: &Message<'_>, content: String, names: &Names<'_, '_>) -> String {
    let kind = message.message_type.0;
    let bundle = is_bundle(message);
    // Should its type be lost, a message without words of its own is what it holds.
    let untold = kind.is_none() && content.is_empty() && !message.is_quote();
    if !bundle && !untold && !matches!(kind, Some(MIXED | RECORD)) {
        return content;
    }
    // Of a mixed message the elements are the message itself.
    if kind == Some(MIXED) && !content.is_empty() {
        return content;
    }
    let mut told = String::new();
    collect(&message.msg_elements, names, 0, &mut told);
    let told: String = told.trim_end().chars().take(MOST_CHARS).collect();
    match (told.is_empty(), kind) {
        (true, _) => content,
        (_, Some(MIXED)) => told,
        _ if content.is_empty() => format!("[forwarded messages]\n{told}"),
        _ => format!("{content}\n[forwarded messages]\n{told}"),
    }
}

fn collect(
    elements: &List<Object<Element<'_>>>,
    names: &Names<'_, '_>,
    depth: usize,
    told: &mut String,
) {
    for element in elements.0.iter().filter_map(|element| element.0.as_ref()) {
        // More bytes than the characters that are kept have.
        if told.len() > 4 * MOST_CHARS {
            return;
        }
        let content = text::clean(&element.content.0, names);
        let said = card::text(element.ark_data.0.as_ref(), element.message_type.0, content);
        let author = element.author.0.as_ref();
        let name = author.and_then(User::name);
        let attached = match element.attachments.0.len() {
            0 => "",
            _ => " [attached]",
        };
        if !said.is_empty() || !attached.is_empty() {
            let indent = "  ".repeat(depth);
            let name = name.map_or_else(String::new, |name| format!("{name}: "));
            told.push_str(&format!("{indent}{name}{said}{attached}\n"));
        }
        if depth + 1 < DEEPEST {
            collect(&element.elements(), names, depth + 1, told);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::text as forwarded;
    use super::*;

    fn read(json: &str) -> String {
        let message: Message<'_> = serde_json::from_str(json).unwrap();
        let names = Names {
            mentions: &[],
            is_own: &|_| false,
            is_guild: false,
        };
        let content = text::clean(&message.content.0, &names);
        forwarded(&message, content, &names)
    }

    #[test]
    fn every_kind_becomes_lines() {
        for (json, expected) in [
            (
                r#"{"message_type":103,"content":" ","message_scene":{"ext":["ref_msg_idx=TMP_1"]},
                "msg_elements":[{"content":"=== 消息 1 ===\n[消息内容] tea?"}]}"#,
                "[forwarded messages]\n=== 消息 1 ===\n[消息内容] tea?",
            ),
            (
                r#"{"message_type":102,"content":"see","msg_elements":[
                {"author":{"username":"Ming"},"content":"tea?","msg_elements":[{"author":{"username":"Hua"},"content":"older"}]},
                null,{"content":null},{"author":null,"attachments":[{"url":"x.cn/y"}]},
                {"author":{"username":"Wei"},"ark_data":{"prompt":"a page"}}]}"#,
                "see\n[forwarded messages]\nMing: tea?\n  Hua: older\n [attached]\nWei: [card] a page",
            ),
            (
                r#"{"message_type":101,"msg_elements":[{"content":"one"},{"content":"two"}]}"#,
                "one\ntwo",
            ),
            (
                r#"{"message_type":101,"content":"all","msg_elements":[{"content":"one"}]}"#,
                "all",
            ),
            (
                r#"{"message_type":103,"content":"a","msg_elements":[{"content":"quoted"}]}"#,
                "a",
            ),
            (
                r#"{"message_type":null,"content":"","msg_elements":[{"content":"one"}]}"#,
                "[forwarded messages]\none",
            ),
            (
                r#"{"message_scene":{"ext":["ref_msg_idx=R"]},"msg_elements":[{"content":"quoted"}]}"#,
                "",
            ),
            (r#"{"message_type":102,"msg_elements":{}}"#, ""),
            (
                r#"{"message_type":0,"content":"a","msg_elements":[{"content":"b"}]}"#,
                "a",
            ),
        ] {
            assert_eq!(read(json), expected, "{json}");
        }
    }

    #[test]
    fn a_talk_has_its_bounds() {
        let inner = (0..200).fold("null".to_owned(), |inner, n| {
            format!(
                r#"[{{"content":"{n}{}","msg_elements":{inner}}}]"#,
                "x".repeat(5_000)
            )
        });
        let got = read(&format!(r#"{{"message_type":102,"msg_elements":{inner}}}"#));
        assert!(got.chars().count() < 8_100);
        assert!(got.contains("199x") && got.contains("198x") && !got.contains("196x"));
    }
}

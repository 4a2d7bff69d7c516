//! Received cards, as text: a shared page, a mini program, a place, a contact.
//!
//! See QQ docs, autogen/event/c2c_message_create, ArkData.

use serde::Deserialize;

use crate::wire::{Object, Text};

/// `message_type` of a card.
const CARD: i64 = 3;

/// `ark_data`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Card<'a> {
    #[serde(borrow)]
    prompt: Text<'a>,
    #[serde(borrow)]
    ark_type: Text<'a>,
    #[serde(borrow)]
    ark_name: Text<'a>,
    #[serde(borrow)]
    fields: Object<Fields<'a>>,
}

/// Which there are depends on the kind of card.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Fields<'a> {
    #[serde(borrow)]
    title: Text<'a>,
    #[serde(borrow)]
    nickname: Text<'a>,
    #[serde(borrow)]
    desc: Text<'a>,
    #[serde(borrow)]
    address: Text<'a>,
    #[serde(borrow)]
    source: Text<'a>,
    #[serde(borrow)]
    tag: Text<'a>,
    #[serde(borrow)]
    jump_url: Text<'a>,
}

impl Card<'_> {
    /// Kind and title, then what else there is, a line each. Absent when the card
    /// says nothing.
    pub(super) fn words(&self) -> Option<String> {
        let none = Fields::default();
        let fields = self.fields.0.as_ref().unwrap_or(&none);
        let first = |texts: &[&Text<'_>]| texts.iter().find_map(|text| text.to_option());
        let title = first(&[&fields.title, &fields.nickname, &self.prompt]);
        let kind = first(&[&self.ark_name, &self.ark_type, &fields.tag]);
        let rest = [
            &fields.desc,
            &fields.address,
            &fields.source,
            &fields.jump_url,
        ];
        let rest = rest.iter().filter_map(|text| text.to_option());
        let mut lines: Vec<String> = title.into_iter().chain(rest).collect();
        lines.dedup();
        let first = lines.first_mut()?;
        *first = match kind {
            Some(kind) => format!("[card: {kind}] {first}"),
            None => format!("[card] {first}"),
        };
        Some(lines.join("\n"))
    }
}

/// The text of a message with a card: the card in place of the summary the
/// platform makes of it, or beside what the user wrote.
pub(super) fn text(card: Option<&Card<'_>>, message_type: Option<i64>, content: String) -> String {
    let Some(words) = card.and_then(Card::words) else {
        return content;
    };
    if content.is_empty() || message_type == Some(CARD) {
        words
    } else {
        format!("{content}\n{words}")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn a_card_says_what_it_is_and_where_it_leads() {
        for (json, words) in [
            (
                r#"{"prompt":"[分享] Rust","ark_type":"tuwen","ark_name":"图文","fields":{"title":"Rust 2026","desc":"what is new","jump_url":"https://x.test/a","preview":"https://x.test/p","source":"x.test"}}"#,
                Some("[card: 图文] Rust 2026\nwhat is new\nx.test\nhttps://x.test/a"),
            ),
            (
                r#"{"ark_type":"map","fields":{"title":"Office","address":"1 Road"}}"#,
                Some("[card: map] Office\n1 Road"),
            ),
            (
                r#"{"ark_type":"contact_card","fields":{"nickname":"Hua","avatar":"https://x"}}"#,
                Some("[card: contact_card] Hua"),
            ),
            (
                r#"{"prompt":"[小程序] x","fields":null}"#,
                Some("[card] [小程序] x"),
            ),
            (
                r#"{"prompt":7,"fields":{"title":{},"desc":[1]}}"#,
                Some("[card] 7"),
            ),
            (r#"{"fields":"x","ark_name":"empty"}"#, None),
            ("{}", None),
        ] {
            let card: Card<'_> = serde_json::from_str(json).unwrap();
            assert_eq!(card.words().as_deref(), words, "{json}");
        }
    }

    #[test]
    fn it_stands_in_place_of_its_summary_and_beside_other_words() {
        let card: Card<'_> = serde_json::from_str(r#"{"prompt":"p"}"#).unwrap();
        for (card, kind, content, expected) in [
            (Some(&card), Some(3), "[卡片消息] 小程序", "[card] p"),
            (Some(&card), Some(0), "", "[card] p"),
            (Some(&card), Some(0), "look", "look\n[card] p"),
            (None, Some(3), "[卡片消息] 小程序", "[卡片消息] 小程序"),
        ] {
            assert_eq!(text(card, kind, content.to_owned()), expected);
        }
    }
}

//! Cards written into the text as fenced blocks.
//!
//! Only blocks of their own count: what stands in a list, in a quote or inside
//! another block is text. So is a block that makes no card.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use super::check::check;
use super::schema::{self, Kind};
use crate::contract::Card;

/// Cards of one text; further ones stay text.
const MOST: usize = 10;

/// A run of a text.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::outbound) enum Piece {
    Words(Range<usize>),
    Card(Range<usize>, Card),
}

/// Cuts `text` at its cards. The pieces cover it; beside them, why a block is
/// none, in words that hold nothing of it.
pub(in crate::outbound) fn pieces(text: &str) -> (Vec<Piece>, Vec<String>) {
    let mut pieces = Vec::new();
    let mut problems = Vec::new();
    let mut from = 0;
    let blocks = if text.contains("qq-") {
        blocks(text)
    } else {
        Vec::new()
    };
    for (kind, range, json) in blocks {
        let card = schema::read(kind, &json);
        let card = card.and_then(|card| check(&card).map(|()| card));
        match card {
            Err(why) => problems.push(format!("{}: {why}", kind.name())),
            Ok(_) if pieces.len() >= 2 * MOST => {
                problems.push(format!("{}: there are more than {MOST} cards", kind.name()));
            }
            Ok(card) => {
                pieces.push(Piece::Words(from..range.start));
                from = range.end;
                pieces.push(Piece::Card(range, card));
            }
        }
    }
    pieces.push(Piece::Words(from..text.len()));
    (pieces, problems)
}

/// The blocks that are meant as cards, and what is written in them.
fn blocks(text: &str) -> Vec<(Kind, Range<usize>, String)> {
    let mut found = Vec::new();
    let mut depth = 0_usize;
    let mut open: Option<(Kind, Range<usize>, String)> = None;
    for (event, range) in Parser::new_ext(text, Options::empty()).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) if depth == 0 => {
                let named = |kind: &Kind| info.trim() == kind.name();
                let kind = Kind::ALL.into_iter().find(named);
                open = kind.map(|kind| (kind, range, String::new()));
                depth += 1;
            }
            Event::Text(run) => {
                if let Some((_, _, json)) = &mut open {
                    json.push_str(&run);
                }
            }
            Event::End(TagEnd::CodeBlock) => {
                depth = depth.saturating_sub(1);
                found.extend(open.take());
            }
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "a test may panic")]

    use proptest::prelude::*;

    use super::*;

    fn cards(text: &str) -> (Vec<String>, Vec<String>) {
        let (pieces, problems) = pieces(text);
        let show = |piece: &Piece| match piece {
            Piece::Words(range) => text[range.clone()].trim().to_owned(),
            Piece::Card(_, card) => format!("{card:?}")
                .chars()
                .take_while(|c| *c != '(')
                .collect(),
        };
        (pieces.iter().map(show).collect(), problems)
    }

    #[test]
    fn blocks_of_their_own_are_cards_and_others_are_text() {
        let embed = "```qq-embed\n{\"title\":\"T\"}\n```";
        for (text, expected) in [
            (format!("a\n{embed}\nb"), vec!["a", "Embed", "b"]),
            (
                format!("{embed}\n{embed}"),
                vec!["", "Embed", "", "Embed", ""],
            ),
            (embed.replace("```", "~~~~"), vec!["", "Embed", ""]),
            (
                "```qq-embed\n{\"title\":\"T\"}".to_owned(),
                vec!["", "Embed", ""],
            ),
        ] {
            assert_eq!(
                cards(&text),
                (expected.iter().map(|s| (*s).to_owned()).collect(), vec![]),
                "{text}"
            );
        }
        for text in [
            format!("> {}", embed.replace('\n', "\n> ")),
            format!("- {}", embed.replace('\n', "\n  ")),
            format!("````\n{embed}\n````"),
            embed.replace("embed", "embedded"),
            "words about qq-embed".to_owned(),
        ] {
            assert_eq!(
                cards(&text),
                (vec![text.trim().to_owned()], vec![]),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_wrong_is_said_without_what_was_written() {
        for (kind, json, problem) in [
            (
                "embed",
                "{\"title\":\"secret",
                "it is not JSON (line 2, column 0 of the block)",
            ),
            (
                "embed",
                "{}",
                "a field is missing, unknown or of the wrong type (line 1, column 2 of the block)",
            ),
            (
                "embed",
                "{\"title\":\"T\",\"secret\":1}",
                "a field is missing, unknown or of the wrong type (line 1, column 21 of the block)",
            ),
            ("embed", "{\"title\":\" \"}", "the title is empty"),
            (
                "embed",
                "{\"title\":\"T\",\"thumbnail\":\"secret\"}",
                "the thumbnail is no http(s) address",
            ),
            (
                "ark",
                "{\"template\":1}",
                "the template is not 23, 24 or 37",
            ),
            (
                "ark",
                "{\"template\":23,\"secret\":\"x\"}",
                "template 23 has only #DESC#, #PROMPT#, #LIST#",
            ),
            (
                "ark",
                "{\"template\":23,\"prompt\":\"x\"}",
                "one of #DESC#, #LIST# is needed",
            ),
            (
                "ark",
                "{\"template\":23,\"desc\":[]}",
                "#DESC# holds a value and no rows",
            ),
            (
                "ark",
                "{\"template\":23,\"list\":\"x\"}",
                "#LIST# holds rows and no value",
            ),
            (
                "ark",
                "{\"template\":23,\"list\":[{\"link\":\"https://a\"}]}",
                "a row has no desc",
            ),
            (
                "ark",
                "{\"template\":23,\"list\":[{\"secret\":\"a\"}]}",
                "a row has desc and link, and nothing else",
            ),
            (
                "ark",
                "{\"template\":24,\"title\":7}",
                "a field is neither text nor a list of rows",
            ),
            ("keyboard", "{\"rows\":[]}", "a keyboard has 1 to 5 rows"),
            ("keyboard", "{\"rows\":[[]]}", "a row has 1 to 5 buttons"),
            (
                "keyboard",
                "{\"rows\":[[{\"label\":\"A\"}]]}",
                "a button has one of url, callback and input",
            ),
            (
                "keyboard",
                "{\"rows\":[[{\"label\":\"A\",\"callback\":\"x\",\"url\":\"https://a\"}]]}",
                "a button has one of url, callback and input",
            ),
            (
                "keyboard",
                "{\"rows\":[[{\"label\":\"12345678901\",\"callback\":\"x\"}]]}",
                "a label has 1 to 10 characters",
            ),
            (
                "keyboard",
                "{\"rows\":[[{\"label\":\"A\",\"callback\":\"x\",\"users\":[]}]]}",
                "a button for listed people lists nobody",
            ),
            (
                "keyboard",
                "{\"rows\":[[{\"label\":\"A\",\"callback\":\"x\",\"id\":\"1\"},{\"label\":\"B\",\"callback\":\"y\",\"id\":\"1\"}]]}",
                "two buttons have the same id",
            ),
        ] {
            let text = format!("```qq-{kind}\n{json}\n```");
            let expected = (vec![text.clone()], vec![format!("qq-{kind}: {problem}")]);
            assert_eq!(cards(&text), expected);
        }
    }

    fn some_text() -> impl Strategy<Value = String> {
        let bit = prop_oneof![
            3 => "[ -~]{0,12}",
            2 => Just("\n".to_owned()),
            2 => Just("```qq-embed\n{\"title\":\"T\"}\n```\n".to_owned()),
            1 => Just("\n```qq-keyboard\n{\"rows\":[[{\"label\":\"好\",\"input\":\"y\"}]]}\n```".to_owned()),
            1 => Just("```qq-ark\n{\"template\":".to_owned()),
            1 => Just("~~~\n".to_owned()),
            1 => Just("> - ".to_owned()),
            1 => "\\PC{0,4}",
        ];
        prop::collection::vec(bit, 0..12).prop_map(|bits| bits.concat())
    }

    proptest! {
        #[test]
        fn the_pieces_are_the_text(text in some_text()) {
            let (pieces, _) = pieces(&text);
            let joined: String = pieces.iter().map(|piece| match piece {
                Piece::Words(range) | Piece::Card(range, _) => &text[range.clone()],
            }).collect();
            prop_assert_eq!(joined, text);
        }

        #[test]
        fn what_is_written_in_a_block_never_panics_nor_shows_up_in_a_reason(json in "[ -~\n]{0,60}", kind in 0_usize..3) {
            let planted = format!("{{\"PLANTED\":\"PLANTED\",{json}");
            if let Err(why) = schema::read(Kind::ALL[kind], &planted) {
                prop_assert!(!why.contains("PLANTED"));
            }
        }
    }
}

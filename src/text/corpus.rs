//! Long replies as language models write them, through everything.

use super::fuzz::check;
use super::markdown::{Qq, qq_to_plain, to_plain, to_qq};
use super::split::{How, split};
use super::tags::Guard;

/// Name and text of the replies in `tests/corpus/`.
const REPLIES: &[(&str, &str)] = &[
    ("code", include_str!("../../tests/corpus/code.md")),
    ("tables", include_str!("../../tests/corpus/tables.md")),
    ("chinese", include_str!("../../tests/corpus/chinese.md")),
    ("mixed", include_str!("../../tests/corpus/mixed.md")),
    ("emoji", include_str!("../../tests/corpus/emoji.md")),
    (
        "right-to-left",
        include_str!("../../tests/corpus/right-to-left.md"),
    ),
    ("lists", include_str!("../../tests/corpus/lists.md")),
    ("html", include_str!("../../tests/corpus/html.md")),
];

/// What looks like markup and is none, and what a reader of plain text sees.
const WORDS: &str = include_str!("../../tests/corpus/words.md");
const WORDS_SHOWN: &str = include_str!("../../tests/corpus/words.txt");

/// All of them, again and again: 100 kB.
pub(super) fn long() -> String {
    let mut text = String::new();
    for (_, reply) in REPLIES.iter().cycle() {
        if text.len() >= 100_000 {
            break;
        }
        text.push_str(reply);
        text.push('\n');
    }
    text
}

#[test]
fn everything_holds_for_real_replies() {
    let long = long();
    for (_, text) in REPLIES
        .iter()
        .copied()
        .chain([("long", long.as_str()), ("words", WORDS)])
    {
        for limit in [80, 300, 2_048] {
            check(text, Qq::default(), limit);
            check(text, Qq { tables: true }, limit);
        }
    }
}

#[test]
fn words_that_look_like_markup_arrive_both_ways() {
    assert_eq!(to_plain(WORDS), WORDS_SHOWN);
    let read = qq_to_plain(&to_qq(WORDS, Qq::default()));
    // QQ wants lists deeper.
    assert_eq!(read, WORDS_SHOWN.replace("   •", "    •"));
    let out = Guard::default().defuse(&read);
    for live in ["@everyone", "<qqbot-", "<@", "<#"] {
        assert!(!out.contains(live), "{live} in {out}");
    }
}

#[test]
fn no_markup_is_left_in_plain_replies() {
    for (name, text) in REPLIES {
        let plain = to_plain(text);
        for mark in ["**", "```", "](http", "|--", "<br>", "<b>", "&amp;", "[ ]"] {
            assert!(!plain.contains(mark), "{mark} in {name}:\n{plain}");
        }
    }
}

#[test]
fn only_the_subset_is_left_for_qq() {
    for (name, text) in REPLIES {
        let mapped = to_qq(text, Qq::default());
        let mut in_code = false;
        for line in mapped.lines() {
            in_code ^= line.trim_start().starts_with("```");
            let foreign = ["### ", "|--", "[ ]", "[x]", "<br>", "<!--", "---"];
            let found = foreign
                .iter()
                .find(|mark| line.trim_start().starts_with(**mark));
            assert!(in_code || found.is_none(), "{line:?} in {name}");
        }
    }
}

#[test]
fn pieces_of_real_replies_begin_and_end_well() {
    for (name, text) in REPLIES {
        for chunk in split(text, How::Markdown, 600) {
            let fences = chunk
                .text
                .lines()
                .filter(|line| line.trim_start().starts_with("```"));
            assert_eq!(fences.count() % 2, 0, "in {name}:\n{}", chunk.text);
            assert!(
                !chunk.text.starts_with("    "),
                "code in {name}:\n{}",
                chunk.text
            );
            let words = chunk.text.ends_with(|c: char| c.is_alphabetic());
            let next = text[chunk.source.end..].chars().next();
            let cut = words && next.is_some_and(|c| c.is_ascii_alphabetic());
            assert!(
                !cut || text[..chunk.source.end].ends_with(char::is_whitespace),
                "{name}: {}",
                chunk.text
            );
        }
    }
}

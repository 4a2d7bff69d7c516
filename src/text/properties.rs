//! What holds for any text: whole, bounded, balanced, no panic.

pub(super) mod pieces;

use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use pulldown_cmark::{CodeBlockKind, Event, Tag};

use super::blank::all_blank;
use super::clean::clean;
use super::guild;
use super::links;
use super::markdown::{Qq, qq_to_plain, to_plain, to_qq};
use super::markup;
use super::split::{How, Splitter, split};
use super::tags::Guard;
use super::units;
use pieces::{LITERAL, MARKED, PIECES};

/// A text, and what shows of it.
fn words() -> impl Strategy<Value = (String, String)> {
    let word = prop_oneof![
        prop::sample::select(LITERAL).prop_map(|word| (word, word)),
        prop::sample::select(MARKED),
    ];
    let between = prop::sample::select(&["，", " 和 ", "。\n", "、", "：", "（", "）", "；和"][..]);
    prop::collection::vec((word, between), 1..12).prop_map(|words| {
        let (mut text, mut shown) = (String::new(), String::new());
        for ((word, shows), between) in words {
            text = text + word + between;
            shown = shown + shows + between;
        }
        (text, shown)
    })
}

/// Anything, most of it made of [`PIECES`].
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        12 => prop::sample::select(PIECES).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
        1 => "[a-z ]{1,30}",
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

fn how() -> impl Strategy<Value = How> {
    prop_oneof![Just(How::Plain), Just(How::Markdown)]
}

/// Whether each fence at the start of a line is closed.
fn is_balanced(text: &str) -> bool {
    let Some(events) = markup::events(text) else {
        return true;
    };
    let mut closed = true;
    for (event, range) in events {
        if let Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_))) = event {
            let block = &text[range];
            let marker = block.chars().next().unwrap_or('`');
            let length = block.len() - block.trim_start_matches(marker).len();
            let last = block.trim_end().lines().skip(1).last().unwrap_or_default();
            let last = last.trim_start_matches([' ', '\t', '>']);
            closed = last.len() >= length && last.chars().all(|c| c == marker);
        }
    }
    closed
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 256,
        failure_persistence: Some(Box::new(FileFailurePersistence::Off)),
        ..ProptestConfig::default()
    })]

    #[test]
    fn chunks_join_up_to_the_text(text in text(), how in how(), limit in 16_usize..200) {
        let chunks = split(&text, how, limit);
        let mut end = 0;
        for chunk in &chunks {
            prop_assert_eq!(chunk.source.start, end);
            prop_assert!(units(&chunk.text) <= limit, "{:?} over {}", chunk.text, limit);
            prop_assert!(!all_blank(&chunk.text));
            end = chunk.source.end;
        }
        prop_assert_eq!(end, if all_blank(&text) { 0 } else { text.len() });
    }

    #[test]
    fn nothing_that_shows_is_lost(text in text(), how in how(), limit in 16_usize..200) {
        for chunk in split(&text, how, limit) {
            // Only indentation and white space may be missing.
            let mut sent = chunk.text.split_whitespace().flat_map(str::chars);
            let source = text[chunk.source.clone()].chars().filter(|c| !super::blank::is_blank(*c));
            for c in source {
                prop_assert!(sent.any(|other| other == c), "{:?} of {:?}", chunk, text);
            }
        }
    }

    #[test]
    fn fences_are_closed_in_every_chunk(
        before in "[a-z .\n]{0,40}",
        language in "(|rust|c\\+\\+|text title=x)",
        code in "([a-z (){};]{0,30}\n){1,20}",
        after in "[a-z .]{0,40}",
        closed in any::<bool>(),
        limit in 80_usize..200,
    ) {
        let close = if closed { "```\n" } else { "" };
        let text = format!("{before}\n\n```{language}\n{code}{close}{}", if closed { &after } else { "" });
        for chunk in split(&text, How::Markdown, limit) {
            prop_assert!(is_balanced(&chunk.text), "{:?} of {:?}", chunk.text, text);
        }
    }

    #[test]
    fn going_on_behind_a_chunk_gives_the_chunks_that_follow(
        text in text(), how in how(), limit in 40_usize..200,
    ) {
        let all = split(&text, how, limit);
        let Some(first) = all.first() else { return Ok(()) };
        let mut rest = Splitter::new(&text, how).starting_at(first.source.end);
        let rest: Vec<_> = std::iter::from_fn(|| rest.next(limit)).collect();
        prop_assert_eq!(&rest[..], &all[1..]);
    }

    #[test]
    fn mapping_for_qq_again_changes_nothing(text in text(), tables in any::<bool>()) {
        let how = Qq { tables };
        let once = to_qq(&text, how);
        prop_assert_eq!(to_qq(&once, how), once, "{:?}", text);
    }

    #[test]
    fn text_without_markup_comes_through(
        text in "([a-zA-Z0-9,;:!?\"'%$ /äß。，！？（）“”中文字\n]|[a-z]_[a-z]|[0-9] \\* [0-9]){0,80}",
    ) {
        prop_assert_eq!(to_qq(&text, Qq::default()), text.as_str());
        prop_assert_eq!(to_plain(&text), text);
    }

    #[test]
    fn every_character_that_is_no_markup_shows_where_it_was((text, shown) in words()) {
        prop_assert_eq!(to_plain(&text), shown.as_str(), "{}", text);
        // What is sent as Markdown is read the same.
        let markdown = to_qq(&text, Qq::default());
        prop_assert_eq!(qq_to_plain(&markdown), shown, "{} as {}", text, markdown);
    }

    #[test]
    fn what_goes_out_has_nothing_live_or_invisible(text in text()) {
        let out = Guard::default().defuse(&clean(&text));
        prop_assert_eq!(Guard::default().growth(&out), 0);
        prop_assert_eq!(Guard::default().defuse(&clean(&out)), out.as_str());
        let stray = out.contains(['\u{1b}', '\u{202e}', '\0']);
        prop_assert!(!stray, "{:?}", out);
    }

    #[test]
    fn any_text_can_be_made_plain(text in text()) {
        to_plain(&text);
    }
    #[test]
    fn neutral_text_has_no_url(text in text()) {
        let neutral = links::neutralise(&text);
        prop_assert_eq!(links::find(&neutral), [], "{:?} of {:?}", neutral, text);
        prop_assert_eq!(links::neutralise(&neutral), neutral.as_str());
        if links::find(&text).is_empty() {
            prop_assert_eq!(neutral, text);
        }
    }

    #[test]
    fn what_is_escaped_for_a_guild_comes_back(text in text()) {
        prop_assert_eq!(guild::unescape(&guild::escape(&text)), text);
    }
}

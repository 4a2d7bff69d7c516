//! How texts become messages, and how the rest is held back.

use super::*;
use crate::compose::rewrite::hold_back;
use crate::text::units;

const LIMITS: fn() -> Limits = Limits::default;

/// Holds back all but the first `answers`, burst after burst.
fn bursts(written: &str, answers: usize) -> Vec<Vec<usize>> {
    let limits = LIMITS();
    let mut parts = parts(written, TextFormat::Auto, true, &limits);
    let mut bursts = Vec::new();
    while !parts.is_empty() {
        let mut now: Vec<usize> = Vec::new();
        let sent = parts.len().min(answers);
        now.extend(parts.drain(..sent - 1).map(|part| units(part.text())));
        let rest = if parts.len() > 1 {
            hold_back(&mut parts, &limits)
        } else {
            VecDeque::new()
        };
        now.extend(parts.drain(..).map(|part| units(part.text())));
        bursts.push(now);
        parts = rest;
    }
    bursts
}

#[test]
fn what_was_held_back_begins_with_no_crumb() {
    let plain = "一二三四五六七八九十。".repeat(2_000);
    let marked = "**一二三** 四五六七八九十，\n\n".repeat(1_500);
    let code = format!("```rust\n{}```", "let x = 1; // words\n".repeat(1_200));
    for text in [plain, marked, code] {
        let bursts = bursts(&text, 4);
        assert!(bursts.len() > 2, "{bursts:?}");
        for burst in &bursts[..bursts.len() - 1] {
            assert!(
                burst.iter().all(|units| (1_600..=2_048).contains(units)),
                "{bursts:?}"
            );
        }
    }
}

#[test]
fn what_fits_into_the_answers_of_one_message_stays_there() {
    let text = "字".repeat(4 * 2_048 - 10);
    assert_eq!(bursts(&text, 4).len(), 1);
}

#[test]
fn a_picture_written_into_the_text_is_a_few_words() {
    let text = format!(
        "看 ![图](data:image/png;base64,{}) 好",
        "iVBORw0KGgo".repeat(6_000)
    );
    for (format, markdown, expected) in [
        (TextFormat::Auto, true, "看 【图片 / picture: 图】 好"),
        (TextFormat::Auto, false, "看 【图片 / picture: 图】 好"),
        (
            TextFormat::Plain,
            true,
            "看 ![图](data:image/png;base64,…) 好",
        ),
    ] {
        let parts = parts(&text, format, markdown, &LIMITS());
        let texts: Vec<&str> = parts.iter().map(Part::text).collect();
        assert_eq!(texts, [expected], "{format:?}");
    }
}

#[test]
fn a_file_without_a_name_does_not_fill_all_messages() {
    let file = "iVBORw0KGgo".repeat(6_000);
    for text in [
        format!("看这段：{file}"),
        format!("看这段：\n```\n{file}\n```\n"),
    ] {
        for format in [TextFormat::Auto, TextFormat::Markdown, TextFormat::Plain] {
            for markdown in [true, false] {
                let parts = parts(&text, format, markdown, &LIMITS());
                assert_eq!(parts.len(), 1);
                assert!(units(parts[0].text()) < 30, "{parts:?}");
            }
        }
    }
}

#[test]
fn what_follows_a_stream_leaves_room_for_the_guard_too() {
    let limits = Limits::default();
    let shown = "<@!12345> word ".repeat(600);
    let at = first_end(&shown, Style::Verbatim, most(&limits));
    let first = shown.get(..at).unwrap_or_default();
    let rest = behind(&shown, at, Style::Verbatim, &limits);
    assert!(rest.len() > 2, "{}", rest.len());
    let texts = rest.iter().map(Part::text).chain([first]);
    for text in texts {
        let out = Guard::default().defuse(text);
        assert!(units(&out) <= most(&limits), "{}", units(&out));
    }
}

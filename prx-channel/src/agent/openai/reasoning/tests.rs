//! What is said and what is thought, however it is cut.

use super::*;
use proptest::prelude::*;

/// What is said and thought in an answer of these pieces. What was shown on
/// the way is the beginning of it, unless it turned out to be reasoning.
fn sorted<'a>(pieces: impl IntoIterator<Item = &'a str>) -> (String, String) {
    let mut sorter = Sorter::default();
    let mut shown = Vec::new();
    for piece in pieces {
        sorter.text(piece);
        if sorter.led() == 0 {
            let (sure, likely) = sorter.said();
            shown.push(format!("{sure}{likely}"));
        }
    }
    sorter.end();
    let said = sorter.said().0.to_owned();
    assert!(sorter.tail.is_empty());
    let kept = |shown: &String| said.starts_with(shown.trim_end());
    assert!(
        sorter.led() > 0 || shown.iter().all(kept),
        "{shown:?} {said:?}"
    );
    (said, sorter.thought().to_owned())
}

/// The same in whole, in characters and in two halves.
fn everyhow(text: &str) -> (String, String) {
    let whole = sorted([text]);
    let chars: Vec<String> = text.chars().map(String::from).collect();
    assert_eq!(sorted(chars.iter().map(String::as_str)), whole, "{text}");
    for (cut, _) in text.char_indices() {
        let (head, tail) = text.split_at(cut);
        assert_eq!(sorted([head, tail]), whole, "{head}|{tail}");
    }
    whole
}

#[test]
fn reasoning_is_told_from_the_answer() {
    for (text, said, thought) in [
        ("plain", "plain", ""),
        ("<think>hm</think>hi", "hi", "hm"),
        ("<think>\nhm\n</think>\n\nhi", "hi", "hm"),
        ("\n<think>hm</think> hi", "\nhi", "hm"),
        ("a <think>hm</think> b", "a b", "hm"),
        ("a<think>hm</think>b<think>oh</think>c", "abc", "hmoh"),
        ("<thinking a=\"1\">hm</thinking>hi", "hi", "hm"),
        ("<Think>hm</THINK>hi", "hi", "hm"),
        ("<think/>hi", "hi", ""),
        ("[THINK]hm[/THINK]hi", "hi", "hm"),
        ("◁think▷嗯◁/think▷好", "好", "嗯"),
        // Only the end is marked.
        ("hm, hm\n</think>\n\nhi", "hi", "hm, hm"),
        ("```\nhm\n```\n</think>hi", "hi", "```\nhm\n```"),
        ("it's a ` tick\n\n</think>hi", "hi", "it's a ` tick"),
        // A mark inside reasoning.
        (
            "<think>use <think> or not</think>hi",
            "hi",
            "use <think> or not",
        ),
        ("<think>`</think>` ends it</think>hi", "hi", "`` ends it"),
        // Never closed.
        ("hi\n<think>hm", "hi\n", "hm"),
        (" <think>hm\n\nhi", " ", "hm\n\nhi"),
        ("<think>hm </thin", "", "hm </thin"),
        // No marks.
        (
            "1 <2, <thin>, [T], </b> <think",
            "1 <2, <thin>, [T], </b> <think",
            "",
        ),
        ("\\<think> is a tag", "\\<think> is a tag", ""),
    ] {
        assert_eq!(
            everyhow(text),
            (said.to_owned(), thought.to_owned()),
            "{text}"
        );
    }
}

#[test]
fn a_mark_in_a_sentence_that_nothing_closes_is_a_word_of_it() {
    for text in [
        "Use the <think> tag to think. Then done.",
        "hi <think>hm",
        "a [THINK] b </think> c",
        "Use <think> and\n```\n<think>\n```\n",
    ] {
        assert_eq!(everyhow(text), (text.to_owned(), String::new()), "{text}");
    }
    // Nobody explains a mark at such length.
    let long = format!("hi <think>{}", "hm ".repeat(UNCLOSED));
    assert_eq!(sorted([&*long]).0, "hi ");
}

#[test]
fn code_is_left_alone() {
    for text in [
        "`<think>` begins and `</think>` ends it",
        "``a ` <think> b``, `x`",
        "`over\nlines <think>` is code",
        "```xml\n<think>\nhm\n</think>\n```\nso",
        "~~~ <think>\n</think>\n~~~\nso",
        "- list\n  ```\n  <think>\n  ```\n",
        "1. ```\n   </think>\n   ```\nso",
        "> ```\n> <think>\n> ```\nso",
        "````\n```\n<think>\n```\n````\nso",
        "```\nnever closed <think>",
        "``` inline <think> ``` so",
        "a ``` b\n```\n` <think>\n```\n",
    ] {
        assert_eq!(everyhow(text), (text.to_owned(), String::new()), "{text}");
    }
}

#[test]
fn what_is_no_code_hides_no_mark() {
    for (text, said) in [
        ("a ` b\n\n<think>hm</think>c", "a ` b\n\nc"),
        ("```\ncode\n```\n<think>hm</think>c", "```\ncode\n```\nc"),
        ("```\n``` x\n```\n<think>hm</think>c", "```\n``` x\n```\nc"),
        ("`` a ` b\n\n<think>hm</think>c`", "`` a ` b\n\nc`"),
        ("\\` <think>hm</think>c`", "\\` c`"),
    ] {
        assert_eq!(everyhow(text).0, said, "{text}");
    }
}

#[test]
fn an_answer_that_ends_in_code_says_what_closes_it() {
    for (text, fence) in [
        ("a", None),
        ("```\na", Some("```")),
        ("~~~~x", Some("~~~~")),
        ("```\na\n```", None),
        ("`a", None),
    ] {
        let mut sorter = Sorter::default();
        sorter.text(text);
        sorter.end();
        assert_eq!(sorter.open_fence().as_deref(), fence, "{text}");
    }
}

proptest! {
    #[test]
    fn cuts_make_no_difference(parts in prop::collection::vec(prop::sample::select(PARTS), 0..14)) {
        everyhow(&parts.concat());
    }
}

const PARTS: &[&str] = &[
    "<think>", "</think>", "<think", ">", "</", "[THINK]", "[/THINK]", "`", "``", "```", "```\n",
    "~~~", "~~~\n", "\n", "\n\n", " ", "- ", "1. ", "> ", "\\", "a", "好", "b c", "<think/>",
];

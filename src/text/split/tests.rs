//! Cuts, as a table each.

use super::*;

fn texts(text: &str, how: How, limit: usize) -> Vec<String> {
    let chunks = split(text, how, limit);
    let joined: String = chunks
        .iter()
        .map(|chunk| &text[chunk.source.clone()])
        .collect();
    assert_eq!(joined, if chunks.is_empty() { "" } else { text });
    for chunk in &chunks {
        assert!(units(&chunk.text) <= limit, "{:?}", chunk.text);
    }
    chunks.into_iter().map(|chunk| chunk.text).collect()
}

#[test]
fn plain_text_is_cut_where_a_reader_would() {
    for (text, limit, expected) in [
        ("short\n", 16, &["short\n"][..]),
        (
            "First part.\n\nSecond part.",
            20,
            &["First part.", "Second part."],
        ),
        (
            "line one is here\nline two",
            20,
            &["line one is here", "line two"],
        ),
        (
            "One is here. Two is here.",
            20,
            &["One is here.", "Two is here."],
        ),
        (
            "one two three four five",
            16,
            &["one two three", "four five"],
        ),
        (
            "你好世界。这里是第二句话。第三句话在这里。",
            16,
            &["你好世界。这里是第二句话。", "第三句话在这里。"],
        ),
        ("aaaaaaaaaaaaaaaaaaaa", 16, &["aaaaaaaaaaaaaaaa", "aaaa"]),
        ("aaaaaaaaaaaaaa👨‍👩‍👧", 16, &["aaaaaaaaaaaaaa", "👨‍👩‍👧"]),
        ("🇩🇪🇫🇷🇨🇳🇯🇵🇰🇷", 16, &["🇩🇪🇫🇷🇨🇳🇯🇵", "🇰🇷"]),
        ("\n\n  a\n\n\n", 16, &["\n\n  a\n\n\n"]),
        ("", 16, &[]),
        (" \n\u{200b}\n", 16, &[]),
    ] {
        assert_eq!(texts(text, How::Plain, limit), expected, "{text}");
    }
}

#[test]
fn markdown_is_cut_between_its_parts() {
    for (text, limit, expected) in [
        // Code is closed, and opened again with its language.
        (
            "```rust\nlet a = 1;\nlet b = 2;\nlet c = 3;\n```\nend",
            40,
            &[
                "```rust\nlet a = 1;\nlet b = 2;\n```",
                "```rust\nlet c = 3;\n```\nend",
            ][..],
        ),
        (
            "~~~~\naaaaaaaa\n```\nbbbbbbbb\n~~~~",
            24,
            &["~~~~\naaaaaaaa\n```\n~~~~", "~~~~\nbbbbbbbb\n~~~~"],
        ),
        ("```\nnever closed", 24, &["```\nnever closed\n```"]),
        (
            "> ```c\n> int a;\n> int b;\n> int c;\n> ```",
            36,
            &[
                "> ```c\n> int a;\n> int b;\n> ```",
                "> ```c\n> int c;\n> ```",
            ],
        ),
        (
            "- x\n  ```c\n  int a;\n  int b;\n  ```",
            30,
            &["- x\n  ```c\n  int a;\n  ```", "```c\nint b;\n```"],
        ),
        // The header stands in each part of a table.
        (
            "|a|b|\n|-|-|\n|1|2|\n|3|4|\n|5|6|\n",
            24,
            &["|a|b|\n|-|-|\n|1|2|\n|3|4|", "|a|b|\n|-|-|\n|5|6|"],
        ),
        // Items, links and code stay whole.
        (
            "- one two three\n- four five six",
            20,
            &["- one two three", "- four five six"],
        ),
        ("aa [b c d](u) e", 16, &["aa [b c d](u) e"]),
        ("aa aa aa [b c d](u) e", 16, &["aa aa aa", "[b c d](u) e"]),
        ("aaaaaaaa `b c d e` f", 16, &["aaaaaaaa", "`b c d e` f"]),
        ("aaaaaaaaaa **b c d e**", 16, &["aaaaaaaaaa", "**b c d e**"]),
        ("hello world <@0123 x>", 16, &["hello world", "<@0123 x>"]),
        // A line of code that is longer than a message has no empty fence before
        // it or behind.
        (
            "text\n\n```sh\naaaaaaaaaa bbbbbbbbbb cccccccccc dddddddddd\n```",
            34,
            &[
                "text\n\n```sh\naaaaaaaaaa\n```",
                "```sh\nbbbbbbbbbb cccccccccc\n```",
                "```sh\ndddddddddd\n```",
            ],
        ),
        (
            "```\naaaaaaaaaaaaaaaaaaaaaaaaaaaa\nb\n```",
            24,
            &["```\naaaaaaaaaaaaaaaa\n```", "```\naaaaaaaaaaaa\nb\n```"],
        ),
        // Emphasis that is cut goes on.
        (
            "**aaaa bbbb，cccc dddd eeee ffff** gg",
            20,
            &["**aaaa bbbb，cccc**", "**dddd eeee ffff**", "gg"],
        ),
        (
            "a ***bbbb cccc\ndddd eeee ffff*** `g`",
            20,
            &["a ***bbbb cccc***", "***dddd eeee ffff***", "`g`"],
        ),
        (
            "> ~~aaaa bbbb\n> cccc dddd eeee~~",
            20,
            &["> ~~aaaa bbbb~~", "> ~~cccc dddd eeee~~"],
        ),
        (
            "**aaaaaaaaaaaaaaaaaaaaaaaaaaaa**",
            16,
            &["**aaaaaaaaaaaa**", "**aaaaaaaaaaaa**", "**aaaa**"],
        ),
        // What begins inside a list is not indented.
        (
            "- aaaaaaaaaaaa\n    - bbbbbbbb\n    - cccccccc",
            30,
            &["- aaaaaaaaaaaa\n    - bbbbbbbb", "- cccccccc"],
        ),
        (
            "- aaaa\n    - bbbbbbbbbb\n    - cccccccc\n- dd\n    - ee",
            36,
            &["- aaaa\n    - bbbbbbbbbb", "- cccccccc\n- dd\n    - ee"],
        ),
        (
            "- a\n    - bbbbbbbbbbbbbbbb\n        - cccccccccc\n    - dddd\n        - ee",
            44,
            &[
                "- a\n    - bbbbbbbbbbbbbbbb",
                "- cccccccccc\n- dddd\n    - ee",
            ],
        ),
        // A heading stays with its text, a quote remains a quote.
        (
            "a b c d e f g\n\n# Head\n\ntext text",
            24,
            &["a b c d e f g", "# Head\n\ntext text"],
        ),
        ("> one two three four", 16, &["> one two three", "> four"]),
    ] {
        assert_eq!(texts(text, How::Markdown, limit), expected, "{text}");
    }
}

#[test]
fn what_was_sent_before_is_left_out() {
    let text = "one two three\n\nfour five six\n\nseven eight";
    let sent = split(text, How::Plain, 24)[0].source.end;
    let mut rest = Splitter::new(text, How::Plain).starting_at(sent);
    let rest: Vec<_> = std::iter::from_fn(|| rest.next(24)).collect();
    let texts: Vec<&str> = rest.iter().map(|chunk| chunk.text.as_str()).collect();
    assert_eq!(texts, ["four five six", "seven eight"]);
}

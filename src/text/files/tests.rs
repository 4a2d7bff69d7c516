//! What is taken for a file, and what only looks like one.

use super::*;

#[test]
fn files_that_are_announced_are_not_written_out() {
    let file = "iVBORw0KGgo".repeat(6_000);
    let lines = format!("{}\n", "A".repeat(76)).repeat(9);
    for (text, expected) in [
        (
            format!("![x](data:image/png;base64,{file}) y"),
            "![x](data:image/png;base64,…) y",
        ),
        (format!("[IMAGE:base64://{file}]"), "[IMAGE:base64://…]"),
        (
            format!("data:a/b;base64,{lines}end"),
            "data:a/b;base64,…\nend",
        ),
        (
            "data:image/gif;base64,R0lGODlhAQABAAAAACw=".to_owned(),
            "data:image/gif;base64,R0lGODlhAQABAAAAACw=",
        ),
        (
            "base64, base64:// and base64".to_owned(),
            "base64, base64:// and base64",
        ),
    ] {
        let shorter = without_named(&text);
        assert_eq!(shorter.as_deref().unwrap_or(&text), expected);
        assert_eq!(without_named(expected), None, "again");
    }
}

/// Letters as in a file, without an end that shows.
fn letters(count: usize) -> String {
    let letters = b"iVBORw0KGgoAAAANSUhEUgAAAQ8/xCAYt+9aZp1LqXrD7mW";
    let letters = letters.iter().cycle().take(count);
    letters.map(|letter| char::from(*letter)).collect()
}

fn wrapped(count: usize, width: usize, line_break: &str) -> String {
    let letters = letters(count);
    let lines = letters.as_bytes().chunks(width);
    let lines: Vec<_> = lines
        .map(|l| std::str::from_utf8(l).unwrap_or(""))
        .collect();
    lines.join(line_break)
}

#[test]
fn files_without_a_name_are_not_written_out() {
    let file = letters(78_700);
    for (text, expected) in [
        (file.clone(), "…"),
        (format!("看这段：{file}"), "看这段：…"),
        (format!("a {} b", letters(2_048)), "a … b"),
        (format!("\"{}==\",", letters(2_100)), "\"…\","),
        (format!("a\n{}\nb", wrapped(20_000, 76, "\n")), "a\n…\nb"),
        (format!("{}=\nend", wrapped(2_111, 64, "\r\n  ")), "…\nend"),
        (format!("{}\nDone\n", wrapped(2_048, 64, "\n")), "…\nDone\n"),
        (format!("{file} {file}"), "… …"),
        // Longer than somebody reads, though it is code.
        (format!("```\n{file}\n```"), "```\n…\n```"),
        (format!("`{}`", letters(4_097)), "`…`"),
    ] {
        assert_eq!(without_bare(&text, true), expected);
        assert_eq!(without_bare(expected, true), expected, "again");
    }
    let code = format!("```\n{}\n```", letters(2_100));
    assert_eq!(without_bare(&code, false), "```\n…\n```");
}

#[test]
fn what_is_long_and_no_file_stays() {
    for text in [
        letters(2_047),
        wrapped(2_000, 64, "\n"),
        "Donaudampfschifffahrtsgesellschaft".repeat(140),
        "MethionylThreonyl".repeat(140),
        "ACGTACGGT".repeat(300),
        "acgtACGTN".repeat(300),
        "0123456789".repeat(300),
        "A".repeat(3_000),
        "a1B2c3D4".repeat(300),
        format!("0x{}", "a1B2c3D4".repeat(300)),
        "3f9a0c7e".repeat(300),
        "src/Module2/file/Name/".repeat(130),
        "Some-long-Slug-with-2-words-".repeat(110),
        "snake_Case_name_1_".repeat(130),
        format!("https://a.b/c?sign={}", letters(2_100)),
        format!("[t](https://a.b/{}/x)", letters(2_100)),
        format!("```\n{}\n```", letters(4_096)),
        format!("看 `{}`。", letters(2_400)),
        format!("```text\n{}==\n```", wrapped(2_000, 76, "\n")),
        "-".repeat(2_400),
        "中文abC1".repeat(300),
        "One two 3 four. ".repeat(300),
        format!("{}\n", "word ".repeat(110)).repeat(110),
    ] {
        assert_eq!(without_bare(&text, true), text);
    }
}

#[test]
fn what_may_grow_into_a_file_is_known() {
    for (text, expected) in [
        (format!("a {}", letters(40)), Some(2)),
        (format!("a {}\n", wrapped(200, 64, "\n")), Some(2)),
        (format!("a {} ", letters(39)), None),
        (format!("a {} b", letters(200)), None),
        ("word ".repeat(40), None),
    ] {
        assert_eq!(growing(&text), expected, "{text}");
    }
}

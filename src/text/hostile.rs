//! Text made to hurt: none takes long, none panics.

use super::fuzz::check;
use super::markdown::Qq;
use super::split::{How, split};
use super::units;

/// Bytes of each: as many as a debug build does in a second. Ten times as many
/// are as harmless.
const SIZE: usize = 6_000;

/// Repeated to [`SIZE`], alone and behind another line.
const REPEATED: &[&str] = &[
    "`",
    "` ",
    "|",
    "|a",
    "|\n",
    ">",
    "> ",
    ">\n",
    "a<i>b</i>",
    "* ",
    "- ",
    "1. ",
    "*",
    "*a ",
    "**a",
    "_",
    "~",
    "[",
    "![",
    "[a](",
    "](",
    "[]",
    "[a]",
    "<",
    "<a ",
    "<a href=\"",
    "<a href='u'>",
    "</a>",
    "<!--",
    "<!-- ",
    "<b>",
    "<br>",
    "&",
    "&amp;",
    "\\",
    "\n",
    " ",
    "\t",
    "\r",
    "#",
    "# ",
    "### a\n",
    "### **a\n",
    "- a\n",
    "[a]: u\n",
    "[^a]",
    "[^a]: ",
    "```\n",
    "~~~",
    "```a\n```\n",
    ".",
    "a.",
    "a.b",
    "a.com ",
    "[a.b](a.b)",
    "://",
    "a://",
    "http://",
    "@a.b",
    "<@",
    "<@a>",
    "<qqbot-",
    "字",
    "。",
    "👨‍👩‍👧",
    "\u{200d}",
    "🇩🇪",
    "e\u{301}\u{301}",
    "\u{301}",
    "\u{200b}",
    "\u{0}",
    "a",
    "a b. ",
    "(",
    "a.b(",
    "----\n",
    "a\n---\n",
    "|-",
    "|a|\n|-|\n",
    "\"",
    "<img src=a ",
    "$",
    "ـ",
    "ก็็",
    "$a",
    "$a$ ",
    "$$\n",
    "\\(",
    "\\[a=",
    "\\a\\_",
    "\\\\",
    "`a|",
    "a_",
    "__a",
    "a*b*",
    "*a _b ",
    "**《a》**字",
    "~~a",
    "\u{1b}]",
    "\u{1b}[",
    "@everyone",
    "base64,",
    "aB3/",
    "aB3aB3aB3aB3aB3aB3aB3aB3aB3aB3aB3aB3aB3aB3\n",
    "|a|`b|\n",
    "10. a\n   - b\n",
];

fn filled(piece: &str, size: usize) -> String {
    piece.repeat(size / piece.len())
}

#[test]
fn repetition_is_harmless() {
    for piece in REPEATED {
        check(&filled(piece, SIZE), Qq::default(), 2_048);
        let text = format!("x {}\n\ny", filled(piece, SIZE / 4));
        check(&text, Qq::default(), 200);
    }
}

#[test]
fn nesting_is_harmless() {
    let half = SIZE / 2;
    for (open, close) in [
        ("[", "](u)"),
        ("![", "](u)"),
        ("**a ", " b**"),
        ("> ", "\na"),
        ("* ", "\na"),
        ("> ", "\n\n"),
        ("- ", "\n"),
        ("<b>", "</b>"),
        ("<a href='u'>", "</a>"),
        ("(", ")"),
        ("```", "\n"),
        ("|a", "\n|-"),
        ("[a.b](", ")"),
        ("[", "](a.com)"),
    ] {
        let text = filled(open, half) + &filled(close, half);
        check(&text, Qq::default(), 2_048);
    }
    let steps: String = (0..400)
        .map(|depth| format!("{}- a\n", "  ".repeat(depth)))
        .collect();
    check(&(steps + &filled("b\n", half)), Qq::default(), 2_048);
    let table = [
        filled("|a", half / 8),
        filled("|-", half / 8),
        filled("|\n", half),
    ];
    check(&table.join("\n"), Qq::default(), 2_048);
    let ragged = format!("|a|\n|-|\n{}", filled("|`x` \\| ![*y*](z)", SIZE));
    check(&ragged, Qq { tables: true }, 2_048);
}

#[test]
fn a_long_reply_is_cut_into_few_messages() {
    let text = super::corpus::long();
    let chunks = split(&text, How::Markdown, 2_048);
    let fewest = units(&text).div_ceil(2_048);
    assert!(
        chunks.len() <= fewest * 3 / 2,
        "{} for {fewest}",
        chunks.len()
    );
}

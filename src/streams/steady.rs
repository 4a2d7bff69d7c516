//! How far a text that still grows can be shown.
//!
//! What is shown cannot be changed, but what comes may change the meaning of
//! what is there: a second line makes a table of the first, a third star ends
//! what two began. So text without any marks is shown to its last character,
//! other text to its last complete line, and tables, HTML and text whose marks
//! are taken out to the last complete block; a tag that has not ended holds back
//! its line and what follows, and letters that may grow into a file themselves.
//! What slips through is caught later, by comparing with what is shown.

use crate::compose::text::Style;
use crate::text::files::growing;
use crate::text::markdown::open_tag;

/// Bytes behind a tag after which nobody expects its end.
const LONGEST_WAIT: usize = 8 * 1024;

/// What may be part of a mark, anywhere in a line.
const MARKS: &[char] = &[
    '#', '*', '_', '~', '[', ']', '`', '<', '>', '|', '\\', '&', '!', '@', '$',
];

/// Where the part of `written` ends that will stay as it is, in bytes.
pub(crate) fn end(written: &str, style: Style) -> usize {
    let before_file = growing(written).unwrap_or(written.len());
    if style == Style::Verbatim {
        return before_file;
    }
    settled(written, style)
        .min(before_tag(written))
        .min(before_file)
}

/// Where the line of a tag begins that may still end.
fn before_tag(written: &str) -> usize {
    let open = open_tag(written).filter(|open| written.len() - open <= LONGEST_WAIT);
    let before = open.and_then(|open| written.get(..open));
    before.map_or(written.len(), |before| {
        before.rfind('\n').map_or(0, |newline| newline + 1)
    })
}

fn settled(written: &str, style: Style) -> usize {
    let last = Block::last_of(written);
    let block = written.get(last.start..).unwrap_or_default();
    let complete = written.rfind('\n').map_or(0, |newline| newline + 1);
    if !last.is_code && block.lines().all(is_bare) {
        written.len()
    } else if style == Style::Plain || (!last.is_code && block.lines().any(may_be_remade)) {
        last.start
    } else {
        complete.max(last.start)
    }
}

/// The block that still grows.
struct Block {
    start: usize,
    /// Between fences.
    is_code: bool,
}

impl Block {
    fn last_of(written: &str) -> Self {
        let mut block = Self {
            start: 0,
            is_code: false,
        };
        let mut at = 0;
        for line in written.split_inclusive('\n') {
            at += line.len();
            let text = line.trim();
            if text.starts_with("```") || text.starts_with("~~~") {
                block.is_code = !block.is_code;
            } else if text.is_empty() && line.ends_with('\n') && !block.is_code {
                block.start = at;
            }
        }
        block
    }
}

/// No mark, and nothing that may become one: a list, a rule, an underline.
fn is_bare(line: &str) -> bool {
    let first = line.chars().next();
    let begins = |c: char| c.is_whitespace() || c.is_ascii_digit() || "-+=".contains(c);
    !first.is_some_and(begins) && !line.contains(MARKS)
}

fn may_be_remade(line: &str) -> bool {
    line.contains('|') || line.trim_start().starts_with('<')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_change_waits() {
        for (written, markdown, plain) in [
            ("", "", ""),
            ("plain wor", "plain wor", "plain wor"),
            ("one.\ntwo, thr", "one.\ntwo, thr", "one.\ntwo, thr"),
            ("a **bo", "", ""),
            ("one\na **bo", "one\n", ""),
            ("one\n\n- a\n- b", "one\n\n- a\n", "one\n\n"),
            ("one\n\n### T", "one\n\n", "one\n\n"),
            ("one\n\n| a | b |\n|-", "one\n\n", "one\n\n"),
            ("0\n1 <b>x\ny\nz", "0\n", ""),
            ("1 <b>x</b>\ny\nz", "1 <b>x</b>\ny\n", ""),
            ("a\n\n<details>\n\nb\n\nc", "a\n\n", "a\n\n"),
            ("Vec<T>\nx <br>\ny", "Vec<T>\nx <br>\n", ""),
            ("<b>x\ny", "", ""),
            ("```c\na\n\nb |", "```c\na\n\n", ""),
            (
                "```c\na\n```\n\nend",
                "```c\na\n```\n\nend",
                "```c\na\n```\n\nend",
            ),
            ("5 apples", "", ""),
            ("ask @every", "", ""),
        ] {
            for (style, expected) in [(Style::Markdown, markdown), (Style::Plain, plain)] {
                assert_eq!(
                    &written[..end(written, style)],
                    expected,
                    "{style:?} {written}"
                );
            }
            assert_eq!(end(written, Style::Verbatim), written.len());
        }
    }

    #[test]
    fn a_file_that_is_being_written_out_is_never_begun() {
        let file = "iVBORw0KGgo".repeat(30);
        for length in [40, 200, 255, 256, 330] {
            let written = format!("look: {}", file.get(..length).unwrap_or_default());
            for style in [Style::Verbatim, Style::Plain, Style::Markdown] {
                assert_eq!(end(&written, style), 6, "{style:?} {length}");
            }
        }
        let done = format!("look: {file} that was it");
        assert_eq!(end(&done, Style::Markdown), done.len());
    }
}

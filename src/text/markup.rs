//! Markdown as language models write it: CommonMark with GitHub's tables,
//! strikethrough, task lists and footnotes.

use pulldown_cmark::{OffsetIter, Options, Parser};

/// Deeper than any reply, and shallow enough that every line may continue every
/// container.
const DEEPEST: usize = 64;

/// The events of `text` with their places; `None` if it is nested so deep that
/// nobody meant it as Markdown. The parser's time grows with depth times lines.
pub(super) fn events(text: &str) -> Option<OffsetIter<'_>> {
    if text.lines().any(is_too_deep) {
        return None;
    }
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES;
    Some(Parser::new_ext(text, options).into_offset_iter())
}

/// Counts what may open a container at the start of a line.
fn is_too_deep(line: &str) -> bool {
    let mut bytes = line.bytes().peekable();
    let mut depth = 0;
    while let Some(byte) = bytes.next() {
        let spaced = matches!(bytes.peek(), None | Some(b' ' | b'\t'));
        match byte {
            b'>' => depth += 1,
            b'-' | b'*' | b'+' | b'.' | b')' if spaced => depth += 1,
            b' ' | b'\t' | b'-' | b'*' | b'+' | b'0'..=b'9' => {}
            _ => return false,
        }
        if depth > DEEPEST {
            return true;
        }
    }
    false
}

/// Start of the line in which `at` lies.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    let before = text.get(..at).unwrap_or_default();
    before.rfind('\n').map_or(0, |newline| newline + 1)
}

/// End of the line in which `at` lies, behind its line break.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    rest.find('\n')
        .map_or(text.len(), |newline| at + newline + 1)
}

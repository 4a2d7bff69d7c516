//! Markdown as language models write it: CommonMark with GitHub's tables,
//! strikethrough, task lists and footnotes.

use std::ops::Range;

use pulldown_cmark::{Event, OffsetIter, Options, Parser};

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

/// The place of a block without its indentation, of which the parser leaves a
/// part in the range.
pub(super) fn unindented(text: &str, event: &Event<'_>, range: Range<usize>) -> Range<usize> {
    if !matches!(event, Event::Start(_) | Event::End(_) | Event::Rule) {
        return range;
    }
    let block = text.get(range.clone()).unwrap_or_default();
    let indent = block.len() - block.trim_start_matches([' ', '\t']).len();
    range.start + indent..range.end
}

/// Counts what may open a container at the start of a line. A list in lists
/// shows by its indentation.
fn is_too_deep(line: &str) -> bool {
    let mut bytes = line.bytes().peekable();
    let (mut depth, mut indent) = (0, 0);
    while let Some(byte) = bytes.next() {
        let spaced = matches!(bytes.peek(), None | Some(b' ' | b'\t'));
        match byte {
            b'>' => depth += 1,
            b'-' | b'*' | b'+' | b'.' | b')' if spaced => depth += 1,
            b' ' | b'\t' => indent += 1,
            b'-' | b'*' | b'+' | b'0'..=b'9' => {}
            _ => return false,
        }
        if depth > DEEPEST || depth > 0 && indent > 4 * DEEPEST {
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

/// What stands before `at` in its line.
pub(super) fn prefix(text: &str, at: usize) -> &str {
    text.get(line_start(text, at)..at).unwrap_or_default()
}

/// The part of a line's beginning that makes it a quote: `> > `.
pub(super) fn quote_prefix(prefix: &str) -> &str {
    let markers = prefix.len() - prefix.trim_start_matches(['>', ' ']).len();
    let markers = prefix.get(..markers).unwrap_or_default();
    let Some(last) = markers.rfind('>') else {
        return "";
    };
    let spaced = markers.as_bytes().get(last + 1) == Some(&b' ');
    markers
        .get(..last + 1 + usize::from(spaced))
        .unwrap_or_default()
}

/// Fenced code, taken apart.
#[derive(Debug)]
pub(super) struct Fence<'t> {
    /// The backticks or tildes.
    pub(super) fence: &'t str,
    /// Language and more.
    pub(super) info: &'t str,
    /// The lines of code.
    pub(super) inside: Range<usize>,
    /// Whether the text closes it.
    pub(super) is_closed: bool,
}

impl<'t> Fence<'t> {
    /// Reads the block at `range`.
    pub(super) fn read(text: &'t str, range: &Range<usize>) -> Option<Self> {
        let block = text.get(range.clone())?;
        let marker = block.chars().next()?;
        let (opener, code) = block.split_once('\n').unwrap_or((block, ""));
        let info = opener.trim_start_matches(marker);
        let length = opener.len() - info.len();
        let body = code.trim_end_matches(['\n', '\r']);
        let (last, last_start) = match body.rsplit_once('\n') {
            Some((before, last)) => (last, before.len() + 1),
            None => (body, 0),
        };
        let last = last.trim_start_matches([' ', '\t', '>']).trim_end();
        let is_closed = last.len() >= length && last.chars().all(|c| c == marker);
        let start = (range.start + opener.len() + 1).min(range.end);
        let end = if is_closed {
            start + last_start
        } else {
            range.end
        };
        Some(Self {
            fence: opener.get(..length)?,
            info: info.trim_end(),
            inside: start..end,
            is_closed,
        })
    }
}

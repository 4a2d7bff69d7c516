//! Prose with code in it, as Markdown reads it: the places where something begins
//! that matters to reasoning. What may still turn out either way is left open.

use super::tags::{self, BEGINNINGS, Kind, Seen};

/// The next thing of importance in prose, and where it ends.
pub(super) enum Found {
    /// A line, or the rest of the text.
    Line(usize),
    Fence(usize, char, usize),
    Open(usize, usize, Kind),
    Close(usize, usize),
    Empty(usize, usize),
    /// More is needed. The first number of bytes is text whatever comes; what
    /// stands before the second can be shown.
    Undecided(usize, usize),
}

/// The first thing of importance in prose.
pub(super) fn find(text: &str, line_begins: bool, end: bool) -> Found {
    if line_begins && let Some(found) = fence(text, end) {
        return found;
    }
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let mut chars = rest.chars();
        at += match (chars.next(), chars.next()) {
            (Some('\n'), _) => return Found::Line(at + 1),
            (Some('\\'), None) if !end => return Found::Undecided(at, at),
            // What is escaped is text.
            (Some('\\'), Some(c)) if c.is_ascii_punctuation() => 2,
            (Some('`'), _) => match code(rest, end) {
                Some(length) => length,
                None => return Found::Undecided(at, at + candidate(rest)),
            },
            (Some(c), _) if BEGINNINGS.contains(&c) => match tags::at(rest) {
                Seen::Open(kind, length) => return Found::Open(at, at + length, kind),
                Seen::Close(_, length) => return Found::Close(at, at + length),
                Seen::Empty(length) => return Found::Empty(at, at + length),
                Seen::Half if !end => return Found::Undecided(at, at),
                Seen::Half | Seen::Nothing => c.len_utf8(),
            },
            (c, _) => c.map_or(1, char::len_utf8),
        };
    }
    if end {
        Found::Line(text.len())
    } else {
        Found::Undecided(text.len(), text.len())
    }
}

/// The line that opens a code block, also in a list or a quote.
fn fence(text: &str, end: bool) -> Option<Found> {
    let ended = text.find('\n');
    let line = text.get(..ended.unwrap_or(text.len()))?;
    let inner = line
        .trim_start_matches([' ', '\t', '>'])
        .trim_start_matches(|c: char| c.is_ascii_digit())
        .trim_start_matches(['-', '*', '+', '.', ')', ' ', '\t']);
    let mark = inner.chars().next().filter(|c| matches!(c, '`' | '~'));
    let length = inner.chars().take_while(|c| Some(*c) == mark).count();
    let info = inner.get(length..).unwrap_or_default();
    let opens = length >= 3 && (mark == Some('~') || !info.contains('`'));
    match (ended, mark) {
        (Some(to), Some(mark)) if opens => Some(Found::Fence(to + 1, mark, length)),
        (None, Some(mark)) if opens && end => Some(Found::Fence(text.len(), mark, length)),
        (None, _) if !end && (opens || info.is_empty()) => {
            Some(Found::Undecided(0, candidate(text)))
        }
        _ => None,
    }
}

/// Length of what begins with backticks: of the code up to the same number of
/// them, or of themselves if nothing in the paragraph closes it. `None`: that
/// is not known yet.
fn code(rest: &str, end: bool) -> Option<usize> {
    let run = rest.len() - rest.trim_start_matches('`').len();
    let over = paragraph_end(rest);
    let paragraph = rest.get(run..over.unwrap_or(rest.len()))?;
    let mut from = 0;
    while let Some(found) = paragraph.get(from..).and_then(|rest| rest.find('`')) {
        let behind = paragraph.get(from + found..)?;
        let ticks = behind.len() - behind.trim_start_matches('`').len();
        if ticks == run && (ticks < behind.len() || over.is_some() || end) {
            return Some(run + from + found + ticks);
        }
        from += found + ticks;
    }
    (over.is_some() || end).then_some(run)
}

/// Where the paragraph ends, if it does: at a blank line or a code block.
fn paragraph_end(text: &str) -> Option<usize> {
    let over = |(at, _): &(usize, &str)| {
        let next = text.get(at + 1..).unwrap_or_default();
        let next = next.trim_start_matches([' ', '\t', '\r', '>']);
        ["\n", "```", "~~~"].iter().any(|end| next.starts_with(end))
    };
    text.match_indices('\n').find(over).map(|(at, _)| at)
}

/// Where something like a mark begins, or the end: behind an open backtick
/// nobody knows yet whether it is one.
fn candidate(text: &str) -> usize {
    let places = text.match_indices(BEGINNINGS);
    places
        .map(|(at, _)| at)
        .find(|at| {
            text.get(*at..)
                .is_some_and(|rest| tags::at(rest) != Seen::Nothing)
        })
        .unwrap_or(text.len())
}

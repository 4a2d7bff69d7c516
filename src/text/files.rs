//! Files written out as base64: nobody reads them, and one fills all messages that
//! an answer may have.
//!
//! What `base64` announces is one wherever it stands. Where nothing does, the
//! letters tell: words, numbers, hashes and sequences are not made of both cases
//! and digits, paths have many slashes, and what follows `://` is an address.

use std::borrow::Cow;
use std::ops::Range;

use pulldown_cmark::{Event, Tag};

use super::markup;

/// Base64 of this length and more that is announced is a file, not something to
/// read.
const FILE: usize = 256;
/// The same of base64 that nobody announced: keys and tokens are shorter.
const BARE_FILE: usize = 2_048;
/// As code it was asked for, up to two messages of it.
const FILE_IN_CODE: usize = 4_096;
/// A file may be written in lines; shorter ones are text again, but for the last.
const FILE_LINE: usize = 40;
/// Of so many letters one at most is a slash or the like, alone. In base64 it is
/// one of thirty-two.
const SEPARATED: usize = 16;
/// How far back the beginning of an address is looked for.
const LONGEST_ADDRESS: usize = 2_048;

/// `text` without the files it holds, `…` in their places; with Markdown, short
/// ones that are code stay.
pub(crate) fn without_bare(text: &str, markdown: bool) -> Cow<'_, str> {
    let files: Vec<_> = Runs::of(text)
        .filter(|run| run.len() >= BARE_FILE && is_file(text, run))
        .collect();
    if files.is_empty() {
        return Cow::Borrowed(text);
    }
    let code = if markdown { code(text) } else { Vec::new() };
    let is_code = |file: &Range<usize>| {
        let next = code.partition_point(|code| code.end < file.end);
        code.get(next).is_some_and(|code| code.start <= file.start)
    };
    let mut out = String::new();
    let mut from = 0;
    for file in files {
        if file.len() <= FILE_IN_CODE && is_code(&file) {
            continue;
        }
        out.push_str(text.get(from..file.start).unwrap_or_default());
        out.push('…');
        from = file.end;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    Cow::Owned(out)
}

/// The same for files that `base64` announces, as in `data:image/png;base64,…`:
/// what the file is stays. `None` if there is none.
pub(super) fn without_named(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut from = 0;
    for (at, mark) in text.match_indices("base64") {
        let behind = text.get(at + mark.len()..).unwrap_or_default();
        let joint = [",", "://"]
            .into_iter()
            .find(|joint| behind.starts_with(joint));
        let Some(start) = joint.map(|joint| at + mark.len() + joint.len()) else {
            continue;
        };
        let length = named(text.get(start..).unwrap_or_default());
        if start >= from && length >= FILE {
            out.push_str(text.get(from..start)?);
            out.push('…');
            from = start + length;
        }
    }
    out.push_str(text.get(from..)?);
    (from > 0).then_some(out)
}

/// Bytes of base64 at the start of `text`, as it may stand in an address.
fn named(text: &str) -> usize {
    let run = |text: &str| {
        let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=-_%".contains(&byte);
        text.bytes().take_while(|byte| is_base64(*byte)).count()
    };
    let mut length = run(text);
    while let Some(next) = text.get(length..).and_then(|rest| {
        let next = next_line(rest)?;
        let length = run(rest.get(next..)?);
        Some((next, length)).filter(|(_, length)| *length >= FILE_LINE)
    }) {
        length += next.0 + next.1;
    }
    length
}

/// Where something begins that may grow into a file, at the end of a text.
pub(crate) fn growing(text: &str) -> Option<usize> {
    let end = text.trim_end().len();
    let last = Runs::of(text).filter(|run| run.end >= end).last();
    last.map(|run| run.start)
}

/// Rows of base64, of [`FILE_LINE`] letters and more.
struct Runs<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Runs<'t> {
    const fn of(text: &'t str) -> Self {
        Self { text, at: 0 }
    }
}

impl Iterator for Runs<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        loop {
            let rest = self.text.get(self.at..)?;
            let start = self.at + rest.bytes().position(is_base64)?;
            let length = run(self.text.get(start..)?);
            self.at = start + length;
            if length >= FILE_LINE {
                self.at = lines_end(self.text, self.at);
                return Some(start..self.at);
            }
        }
    }
}

/// Where the lines end that follow the line of base64 that ends at `at`.
fn lines_end(text: &str, at: usize) -> usize {
    let mut end = at;
    while let Some(next) = text.get(end..).and_then(next_line) {
        let line = text.get(end + next..).unwrap_or_default();
        let length = run(line);
        let after = line.get(length..).unwrap_or_default();
        let is_whole = after.is_empty() || after.starts_with(['\n', '\r']);
        let words = line.get(..length).unwrap_or_default();
        let is_last = length < FILE_LINE;
        if !is_whole || length == 0 || (is_last && !is_tail(words)) {
            break;
        }
        end += next + length;
        if is_last {
            break;
        }
    }
    end
}

/// Whether a short line ends a file, and is not a word: in groups of four, and with
/// capitals where words have none.
fn is_tail(letters: &str) -> bool {
    let inner = letters.get(1..).unwrap_or_default();
    let capitals = inner.contains(|c: char| c.is_ascii_uppercase());
    let others = letters.contains(|c: char| !c.is_ascii_uppercase());
    let shows = letters.ends_with('=') || is_mixed(letters) || (capitals && others);
    letters.len().is_multiple_of(4) && shows
}

/// Bytes up to the text of the next line, if nothing else stands before it.
fn next_line(rest: &str) -> Option<usize> {
    let line = rest.strip_prefix('\r').unwrap_or(rest).strip_prefix('\n')?;
    let line = line.trim_start_matches([' ', '\t']);
    Some(rest.len() - line.len())
}

/// Bytes of base64 at the start of `text`, in one line.
fn run(text: &str) -> usize {
    let length = text.bytes().take_while(|byte| is_base64(*byte)).count();
    let padding = text.bytes().skip(length).take(2);
    let padding = padding.take_while(|byte| *byte == b'=').count();
    length + if length > 0 { padding } else { 0 }
}

const fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

/// Whether a row of base64 is one, and not a part of an address.
fn is_file(text: &str, run: &Range<usize>) -> bool {
    let letters = text.get(run.clone()).unwrap_or_default();
    let bytes = letters.as_bytes();
    let is_sign = |byte: Option<&u8>| byte.is_some_and(|b| matches!(b, b'+' | b'/' | b'-' | b'_'));
    let alone = |at: &usize| {
        is_sign(bytes.get(*at))
            && !is_sign(bytes.get(at + 1))
            && !is_sign(bytes.get(at.wrapping_sub(1)))
    };
    let separators = (0..bytes.len()).filter(alone).count();
    let hex = letters.trim_start_matches("0x");
    let is_hex = hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_separated = separators * SEPARATED > bytes.len();
    is_mixed(letters) && !is_hex && !is_separated && !in_address(text, run.start)
}

/// Both cases, and digits.
fn is_mixed(letters: &str) -> bool {
    let has = |is: fn(&u8) -> bool| letters.as_bytes().iter().any(is);
    has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_digit)
}

fn in_address(text: &str, at: usize) -> bool {
    let least = text.floor_char_boundary(at.saturating_sub(LONGEST_ADDRESS));
    let before = text.get(least..at).unwrap_or_default();
    let ends = |c: char| c.is_whitespace() || !c.is_ascii() || "<>\"'`()".contains(c);
    let word = before.rsplit(ends).next().unwrap_or_default();
    word.contains("://")
}

/// Where `text` has code, in order.
fn code(text: &str) -> Vec<Range<usize>> {
    let events = markup::events(text).into_iter().flatten();
    let is_code =
        |event: &Event<'_>| matches!(event, Event::Code(_) | Event::Start(Tag::CodeBlock(_)));
    let code = events.filter(|(event, _)| is_code(event));
    code.map(|(_, range)| range).collect()
}

#[cfg(test)]
mod tests;

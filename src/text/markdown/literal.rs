//! What looks like markup and is not: formulas, paths, expressions with
//! backslashes, pipes inside code.
//!
//! The parser reads a copy of the text in which such characters are letters. The
//! copy is as long as the text, so its places are those of the text.

use std::borrow::Cow;
use std::ops::Range;

use super::formulas::{self, inside};
use super::signs;
use super::target::Target;

/// What a backslash in front of it may make of a mark, as language models use
/// it. In front of others it means something else: `\,` is a space in a formula.
const ESCAPED: &[u8] = b"\\`*_[]()#+-.!<>|~&$";

/// Tells an escape from a backslash that is meant, where those are. It does not
/// show.
pub(super) const ESCAPE: char = '\u{200b}';

/// A text as the parser reads it, and what it does not see.
pub(super) struct Mask<'t> {
    text: &'t str,
    masked: Cow<'t, str>,
    /// Backslashes that are meant: where they begin, and how many.
    kept: Vec<(usize, usize)>,
    /// Sorted, without overlaps.
    formulas: Vec<Range<usize>>,
    /// Words whose backslashes are their own, sorted.
    words: Vec<Range<usize>>,
    /// Line breaks in formulas that would begin a list or the like, and what is
    /// behind them.
    pub(super) broken: Vec<(Range<usize>, usize)>,
    /// Signs that would begin an item, sorted.
    signs: Vec<usize>,
}

impl<'t> Mask<'t> {
    pub(super) fn new(text: &'t str, target: Target) -> Self {
        let mut mask = Self {
            text,
            masked: Cow::Borrowed(text),
            kept: Vec::new(),
            formulas: formulas::find(text),
            words: Vec::new(),
            broken: Vec::new(),
            signs: Vec::new(),
        };
        let mut hidden = Vec::new();
        if target != Target::PlainOfQq {
            mask.keep_signs(&mut hidden);
        }
        match target {
            Target::Plain => {
                mask.keep_backslashes(&mut hidden);
                hidden.extend(mask.formulas.iter().cloned().flatten());
            }
            Target::Qq { .. } => {
                mask.keep_backslashes(&mut hidden);
                mask.broken = mask.formulas.iter().flat_map(|f| broken(text, f)).collect();
                hidden.extend(mask.broken.iter().map(|(_, begins)| begins));
            }
            Target::PlainOfQq => {}
        }
        hide_pipes(text, &mut hidden);
        mask.hide(&hidden);
        mask
    }

    pub(super) fn as_str(&self) -> &str {
        &self.masked
    }

    /// Whether the character at `at` is none to judge.
    pub(super) fn is_literal(&self, at: usize) -> bool {
        self.masked.as_bytes().get(at) != self.text.as_bytes().get(at) || inside(&self.formulas, at)
    }

    /// Whether the parser read something else at `range`.
    pub(super) fn hides(&self, range: &Range<usize>) -> bool {
        self.masked.get(range.clone()) != self.text.get(range.clone())
    }

    /// How a mark at `at` is escaped.
    pub(super) fn escape(&self, at: usize) -> &'static str {
        if inside(&self.words, at) || inside(&self.formulas, at) {
            "\u{200b}\\"
        } else {
            "\\"
        }
    }

    /// What the parser read at `range`.
    pub(super) fn slice(&self, range: Range<usize>) -> &str {
        self.masked.get(range).unwrap_or_default()
    }

    /// The backslashes at `range` that are meant.
    pub(super) fn kept(&self, range: &Range<usize>) -> &[(usize, usize)] {
        let first = self.kept.partition_point(|(at, _)| *at < range.start);
        let end = self.kept.partition_point(|(at, _)| *at < range.end);
        self.kept.get(first..end).unwrap_or_default()
    }

    /// Makes letters of the punctuation at these places.
    fn hide(&mut self, places: &[usize]) {
        if places.is_empty() {
            return;
        }
        let mut bytes = self.text.as_bytes().to_vec();
        for at in places {
            if let Some(byte) = bytes.get_mut(*at)
                && byte.is_ascii_punctuation()
            {
                *byte = b'x';
            }
        }
        if let Ok(masked) = String::from_utf8(bytes) {
            self.masked = Cow::Owned(masked);
        }
    }

    fn keep_signs(&mut self, hidden: &mut Vec<usize>) {
        for (sign, marks) in signs::find(self.text) {
            if !inside(&self.formulas, sign) {
                self.signs.push(sign);
                hidden.extend(marks);
            }
        }
    }

    /// The signs at `range` that would begin an item.
    pub(super) fn signs(&self, range: &Range<usize>) -> &[usize] {
        let first = self.signs.partition_point(|at| *at < range.start);
        let end = self.signs.partition_point(|at| *at < range.end);
        self.signs.get(first..end).unwrap_or_default()
    }

    fn keep_backslashes(&mut self, hidden: &mut Vec<usize>) {
        let mut at = 0;
        for token in self.text.split_inclusive(ends_token) {
            if token.contains('\\') {
                let literal = is_literal(token);
                if literal {
                    self.words.push(at..at + token.len());
                }
                for (start, length, next) in runs(token) {
                    let start = at + start;
                    let formula = inside(&self.formulas, start);
                    let before = self.text.get(..start).unwrap_or_default();
                    let escape = before.ends_with(ESCAPE);
                    let mark = length == 1 && next.is_ascii_punctuation() && next != b'|';
                    let ends_line = ends_line(self.text, start, length);
                    let meant = (literal || formula) && (length == 2 || mark);
                    if (meant || ends_line) && !escape {
                        self.kept.push((start, length));
                        hidden.extend(start..=start + 1);
                    }
                }
            }
            at += token.len();
        }
    }
}

/// `docker run \`, or a row of a matrix: behind a word it is a line break.
fn ends_line(text: &str, start: usize, length: usize) -> bool {
    let before = text.get(..start).unwrap_or_default();
    let after = text.get(start + length..).unwrap_or_default();
    let ends = after.starts_with('\n') || after.starts_with("\r\n");
    ends && (length == 2 || length == 1 && before.ends_with([' ', '\t']))
}

/// Where a line of a formula looks like a list, a quote, a heading or a rule: to
/// TeX a space does as well as a line break.
fn broken(text: &str, formula: &Range<usize>) -> Vec<(Range<usize>, usize)> {
    let source = text.get(formula.clone()).unwrap_or_default();
    let mut broken = Vec::new();
    for (line_break, _) in source.match_indices('\n') {
        let line = source.get(line_break + 1..).unwrap_or_default();
        let bare = line.trim_start_matches([' ', '\t', '>']);
        let digits = bare.trim_start_matches(|c: char| c.is_ascii_digit());
        let numbered = digits.len() < bare.len() && digits.starts_with(['.', ')']);
        if bare.starts_with(['-', '+', '*', '#', '=', '|', '_']) || numbered {
            let start = formula.start + line_break;
            let end = formula.start + source.len() - bare.len();
            broken.push((start..end, formula.start + source.len() - digits.len()));
        }
    }
    broken
}

/// White space, and what ends a phrase in Chinese.
fn ends_token(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '`' | '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}')
}

/// Rows of backslashes: where, how many, and the byte behind.
fn runs(token: &str) -> Vec<(usize, usize, u8)> {
    let bytes = token.as_bytes();
    let mut runs = Vec::new();
    let mut at = 0;
    while let Some(found) = token.get(at..).and_then(|rest| rest.find('\\')) {
        let start = at + found;
        let rest = bytes.get(start..).unwrap_or_default();
        let length = rest.iter().take_while(|byte| **byte == b'\\').count();
        runs.push((start, length, rest.get(length).copied().unwrap_or(b' ')));
        at = start + length;
    }
    runs
}

/// Whether the backslashes of a word are its own: a path, an expression, a
/// command of TeX. A link or a footnote has none.
fn is_literal(token: &str) -> bool {
    if token.contains("](") || token.contains("[^") {
        return false;
    }
    let bare = token.trim_start_matches(['*', '_', '(', '[', '<', '"', '\'', '~']);
    let drive = bare.as_bytes().get(..3);
    let drive = drive
        .is_some_and(|d| d.first().is_some_and(u8::is_ascii_alphabetic) && d.ends_with(b":\\"));
    let relative = [".\\", "..\\"]
        .into_iter()
        .any(|start| bare.starts_with(start));
    drive
        || relative
        || runs(token).into_iter().any(|(_, length, next)| {
            let letter = next.is_ascii_alphanumeric() || !next.is_ascii();
            letter || (length == 1 && next.is_ascii_punctuation() && !ESCAPED.contains(&next))
        })
}

/// `|` between backticks separates no cells: everybody writes it so.
fn hide_pipes(text: &str, hidden: &mut Vec<usize>) {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line.contains('|') && line.contains('`') {
            for code in codes(line) {
                let inside = line.get(code.clone()).unwrap_or_default();
                let pipes = inside.match_indices('|').map(|(pipe, _)| code.start + pipe);
                let bytes = line.as_bytes();
                let meant = pipes.filter(|pipe| bytes.get(pipe.wrapping_sub(1)) != Some(&b'\\'));
                hidden.extend(meant.map(|pipe| at + pipe));
            }
        }
        at += line.len();
    }
}

/// What stands between backticks in a line.
fn codes(line: &str) -> Vec<Range<usize>> {
    let bytes = line.as_bytes();
    let mut ticks: Vec<Range<usize>> = Vec::new();
    for (at, _) in line.match_indices('`') {
        match ticks.last_mut() {
            Some(last) if last.end == at => last.end += 1,
            _ => ticks.push(at..at + 1),
        }
    }
    let mut codes = Vec::new();
    // Where the next row of each length stands: the last one seen.
    let mut later: std::collections::BTreeMap<usize, Vec<usize>> =
        std::collections::BTreeMap::new();
    for (nth, tick) in ticks.iter().enumerate().rev() {
        later.entry(tick.len()).or_default().push(nth);
    }
    let mut nth = 0;
    while let Some(tick) = ticks.get(nth) {
        let same = later.entry(tick.len()).or_default();
        while same.last().is_some_and(|other| *other <= nth) {
            same.pop();
        }
        let escaped = bytes.get(tick.start.wrapping_sub(1)) == Some(&b'\\');
        match same
            .last()
            .and_then(|close| Some((*close, ticks.get(*close)?)))
        {
            Some((close, end)) if !escaped => {
                codes.push(tick.end..end.start);
                nth = close + 1;
            }
            _ => nth += 1,
        }
    }
    codes
}

//! Emphasis as readers of Chinese and of code see it.
//!
//! CommonMark asks for spaces or punctuation around its marks, in places where
//! Chinese has neither: `**优点：**快` is bold to everybody who reads it, and to no
//! parser. And it sees emphasis in `2*3*4`, `长*宽*高`, `*.py … ./*` and
//! `__init__`, where code and arithmetic are meant. So the parser says where text
//! is, and `pairing` which of its marks belong together. Where Markdown is sent,
//! both must come to the same: a mark that is text is escaped, and where
//! punctuation hides one from CommonMark, U+200B makes up for it.

use std::collections::BTreeSet;
use std::ops::Range;

use super::joint::JOINT;
use super::marks::{Marks, Pair};
use super::pairing;
use super::walk::Walk;

impl Walk<'_> {
    /// Notes the marks in the text at `range`.
    pub(super) fn note_marks(&mut self, range: Range<usize>) {
        if self.is_html_code() {
            return;
        }
        for (offset, mark) in self.slice(range.clone()).bytes().enumerate() {
            let at = range.start + offset;
            if matches!(mark, b'*' | b'_' | b'~') && !self.mask.is_literal(at) {
                self.marks.push(at, mark);
            }
        }
    }

    /// The parser takes `range` for emphasis.
    pub(super) fn open_emphasis(&mut self, range: &Range<usize>, width: usize) {
        if self.is_html_code() {
            return;
        }
        let width = self.width(range, width);
        self.marks.parsed.insert(Pair {
            open: range.start,
            close: range.end.saturating_sub(width),
            width,
        });
        self.note_marks(range.start..range.start + width);
    }

    pub(super) fn close_emphasis(&mut self, range: &Range<usize>, width: usize) {
        let width = self.width(range, width);
        self.note_marks(range.end.saturating_sub(width)..range.end);
    }

    /// The parser strikes out between single tildes too.
    fn width(&self, range: &Range<usize>, width: usize) -> usize {
        let source = self.slice(range.clone());
        let single = source.starts_with('~') && !source.starts_with("~~");
        if single { 1 } else { width }
    }

    /// A link begins.
    pub(super) fn open_marks(&mut self) {
        if self.marks.frames.is_empty() {
            self.marks.frames.push(Vec::new());
        }
        self.marks.frames.push(Vec::new());
    }

    /// A link ends.
    pub(super) fn close_marks(&mut self) {
        let runs = self.marks.frames.pop().unwrap_or_default();
        for pair in pairing::pairs(self.text, &runs) {
            if self.is_plain() && pairing::is_code(self.text, pair) {
                continue;
            }
            if self.is_plain() || self.is_bold_in_bold(pair) {
                self.take_out(pair);
            } else if !self.marks.parsed.remove(&pair) {
                self.join(pair);
            }
            if !self.is_plain() {
                self.marks.judged.extend(pair.marks());
            }
        }
    }

    /// Takes out the marks, and the joints beside them.
    fn take_out(&mut self, pair: Pair) {
        let inside = pair.open + pair.width;
        let content = self.slice(inside..pair.close);
        let bare = content.trim_start_matches(JOINT);
        let open = content.len() - bare.len();
        let close = bare.len() - bare.trim_end_matches(JOINT).len();
        let before = self.slice(0..pair.open);
        let left = before.len() - before.trim_end_matches(JOINT).len();
        let end = pair.close + pair.width;
        let after = self.slice(end..self.text.len());
        let right = after.len() - after.trim_start_matches(JOINT).len();
        // Each for itself: one joint may stand beside the marks of two pairs.
        self.edits.delete(pair.open - left..pair.open);
        self.edits.delete(pair.open..inside);
        self.edits.delete(inside..inside + open);
        self.edits.delete(pair.close - close..pair.close);
        self.edits.delete(pair.close..end);
        self.edits.delete(end..end + right);
    }

    /// A block ends.
    pub(super) fn finish_marks(&mut self) {
        while !self.marks.frames.is_empty() {
            self.close_marks();
        }
        let marks = std::mem::take(&mut self.marks);
        if self.is_plain() {
            return;
        }
        for at in self.unwanted(marks) {
            let escape = self.mask.escape(at);
            self.edits.replace(at..at, escape);
        }
    }

    /// The marks that the parser alone takes for emphasis, with those beside them:
    /// what is left of a run would be judged anew.
    fn unwanted(&self, marks: Marks) -> BTreeSet<usize> {
        let judged = marks.judged;
        let mark = |at: usize| {
            self.text
                .as_bytes()
                .get(at)
                .filter(|m| matches!(m, b'*' | b'_'))
        };
        let mut unwanted = BTreeSet::new();
        for at in marks.parsed.into_iter().flat_map(Pair::marks) {
            // What is struck out can be read.
            let wanted = |other: usize| {
                mark(other).is_none() || mark(other) != mark(at) || judged.contains(&other)
            };
            let mut forth = at;
            while !wanted(forth) && unwanted.insert(forth) {
                forth += 1;
            }
            let mut back = at.wrapping_sub(1);
            let escaped = |at: usize| self.text.as_bytes().get(at.wrapping_sub(1)) == Some(&b'\\');
            while !wanted(at) && !wanted(back) && !escaped(back) && unwanted.insert(back) {
                back = back.wrapping_sub(1);
            }
        }
        unwanted
    }

    /// A heading that is bold holds nothing that can become bold.
    fn is_bold_in_bold(&self, pair: Pair) -> bool {
        let in_bold = self.heading.as_ref().is_some_and(|heading| heading.bold);
        in_bold && pair.width == 2 && self.slice(pair.open..pair.open + 1) != "~"
    }

    /// Makes CommonMark see emphasis where readers do.
    fn join(&mut self, pair: Pair) {
        let inside = pair.open + pair.width;
        if is_sign(self.after(inside)) && is_word(self.before(pair.open)) {
            self.edits.replace(inside..inside, JOINT.to_string());
        }
        if is_sign(self.before(pair.close)) && is_word(self.after(pair.close + pair.width)) {
            self.edits
                .replace(pair.close..pair.close, JOINT.to_string());
        }
    }

    fn before(&self, at: usize) -> char {
        let before = self
            .text
            .get(..at)
            .and_then(|text| text.chars().next_back());
        before.unwrap_or(' ')
    }

    fn after(&self, at: usize) -> char {
        let after = self.text.get(at..).and_then(|text| text.chars().next());
        after.unwrap_or(' ')
    }
}

/// Punctuation to CommonMark.
fn is_sign(c: char) -> bool {
    !is_word(c) && !c.is_whitespace()
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == JOINT
}

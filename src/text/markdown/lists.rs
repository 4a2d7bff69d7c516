//! Lists: four spaces for each level, a blank line before the first.

use std::ops::Range;

use super::open::Level;
use super::walk::Walk;
use crate::text::markup::{line_end, line_start, quote_prefix};

/// The least that QQ takes for nested.
const NESTING: usize = 4;

impl Walk<'_> {
    /// QQ shows no list right behind a paragraph.
    pub(super) fn open_list(&mut self, range: &Range<usize>) {
        let start = line_start(self.text, range.start);
        let follows = self.paragraph_end == Some(start);
        if self.is_plain() || !self.levels.is_empty() || !follows {
            return;
        }
        let quote = quote_prefix(self.slice(start..range.start)).trim_end();
        self.edits.replace(start..start, format!("{quote}\n"));
    }

    pub(super) fn open_item(&mut self, range: &Range<usize>) {
        let start = line_start(self.text, range.start);
        let alone = self.slice(start..range.start).trim().is_empty();
        let level = self.level(alone, range);
        if let Some(indent) = level.base.map(|_| self.indent()).filter(|_| alone) {
            self.set_indent(start, range.start, indent);
        }
        self.mark_item(range);
        self.levels.push(level);
    }

    /// Columns in front of an item or block here.
    fn indent(&self) -> usize {
        let last = self.levels.last();
        last.and_then(|level| level.base).unwrap_or_default()
    }

    fn level(&self, alone: bool, range: &Range<usize>) -> Level {
        let kept = self.levels.last().is_some_and(|level| level.base.is_none());
        let item = self.slice(range.clone());
        let marker = item.trim_start_matches(|c: char| c.is_ascii_digit());
        let marker = item.len() - marker.len() + 1;
        let after = item.get(marker..).unwrap_or_default();
        let spaces = after.len() - after.trim_start_matches(' ').len();
        let width = marker + if (1..=4).contains(&spaces) { spaces } else { 1 };
        let moves = !self.is_plain() && self.foreign == 0 && alone && !kept;
        Level {
            base: moves.then(|| self.indent() + width.max(NESTING)),
            marker: range.start,
        }
    }

    /// QQ's bullet is `-`, and its numbers end with a dot.
    fn mark_item(&mut self, range: &Range<usize>) {
        let line = self.slice(range.start..line_end(self.text, range.start));
        let digits = line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        // Behind text, an empty item would make a heading of it.
        if line.get(digits + 1..).unwrap_or_default().trim().is_empty() {
            return;
        }
        let mark = range.start + digits..range.start + digits + 1;
        match (self.is_plain(), self.slice(mark.clone())) {
            (true, "-" | "*" | "+") => self.edits.replace(mark, "•"),
            (false, "*" | "+") => self.edits.replace(mark, "-"),
            (false, ")") => self.edits.replace(mark, "."),
            _ => {}
        }
    }

    pub(super) fn task(&mut self, done: bool, range: Range<usize>) {
        let box_ = if done { "☑" } else { "☐" };
        let bullet = self.levels.last().map(|level| level.marker);
        match bullet.filter(|_| self.is_plain()) {
            Some(marker) => {
                // In place of the bullet, which was the last edit.
                let mark = self.edits.mark().saturating_sub(1);
                self.edits.take_from(mark);
                self.edits.replace(marker..range.end, box_);
            }
            None => self.edits.replace(range, box_),
        }
    }

    /// A block of an item moves with it; all its lines, or else the first.
    pub(super) fn indent_block(&mut self, range: &Range<usize>, lines: bool) {
        let start = line_start(self.text, range.start);
        let before = self.slice(start..range.start);
        let Some(base) = self.base().filter(|_| before.trim().is_empty()) else {
            return;
        };
        self.set_indent(start, range.start, base);
        let first = columns(before);
        let mut at = line_end(self.text, range.start);
        while lines && at < range.end {
            let line = self.slice(at..line_end(self.text, at));
            let text = line.trim_start_matches([' ', '\t']);
            let indent = line.len() - text.len();
            let old = columns(line.get(..indent).unwrap_or_default());
            if !text.trim().is_empty() {
                self.set_indent(at, at + indent, base + old.saturating_sub(first));
            }
            at += line.len();
        }
    }

    /// A paragraph of an item goes on in the line at `at`.
    pub(super) fn indent_line(&mut self, at: usize) {
        if let Some(base) = self.base() {
            let rest = self.slice(at..line_end(self.text, at));
            let indent = rest.len() - rest.trim_start_matches([' ', '\t']).len();
            self.set_indent(at, at + indent, base);
        }
    }

    /// Columns of what is inside the item being read, if it is moved.
    pub(super) fn base(&self) -> Option<usize> {
        let base = self.levels.last().and_then(|level| level.base);
        base.filter(|_| self.foreign == 0)
    }

    fn set_indent(&mut self, start: usize, end: usize, columns: usize) {
        let old = self.slice(start..end);
        if old.len() != columns || old.contains('\t') {
            self.edits.replace(start..end, " ".repeat(columns));
        }
    }
}

/// A number that is being read, and how far what is under it must move.
#[derive(Clone, Copy)]
struct Number {
    /// Columns before it.
    indent: usize,
    /// Columns before its text.
    inside: usize,
    shift: Option<usize>,
}

/// Under `10.` models write three spaces as they do under `9.`, where four are
/// needed to belong to it.
pub(super) fn deepened(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut number: Option<Number> = None;
    let mut in_code = false;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_start_matches(' ');
        let indent = line.len() - bare.len();
        if !bare.trim().is_empty() {
            number = number.and_then(|number| number.holding(indent));
            let shift = number.and_then(|number| number.shift).unwrap_or_default();
            out.extend(std::iter::repeat_n(' ', shift));
            if !in_code && shift == 0 {
                number = Number::read(bare, indent).or(number);
            }
            in_code ^= bare.starts_with("```") || bare.starts_with("~~~");
        }
        out.push_str(line);
    }
    out
}

impl Number {
    /// The number of two digits or more that a line begins with.
    fn read(bare: &str, indent: usize) -> Option<Self> {
        let after = bare.trim_start_matches(|c: char| c.is_ascii_digit());
        let digits = bare.len() - after.len();
        let text = after.strip_prefix(['.', ')'])?.strip_prefix(' ')?;
        let is_number = (2..=9).contains(&digits) && !text.trim().is_empty();
        is_number.then_some(Self {
            indent,
            inside: indent + digits + 2,
            shift: None,
        })
    }

    /// With a line of this indentation, if it still belongs under the number.
    fn holding(mut self, indent: usize) -> Option<Self> {
        if indent < self.indent + 2 {
            return None;
        }
        let missing = self.inside.saturating_sub(indent);
        self.shift.get_or_insert(missing);
        Some(self)
    }
}

fn columns(indent: &str) -> usize {
    indent.chars().fold(0, |columns, c| match c {
        '\t' => columns / 4 * 4 + 4,
        _ => columns + 1,
    })
}

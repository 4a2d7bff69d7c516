//! What a cut has to close and to open again: fenced code and tables.

use std::ops::Range;

use crate::text::markup::{Fence, line_end, line_start, prefix, quote_prefix};
use crate::text::units;

/// Longer info strings, fences and prefixes are nobody's.
const LONGEST_INFO: usize = 32;
const LONGEST_FENCE: usize = 32;
const LONGEST_PREFIX: usize = 32;

/// A stretch that needs something around each of its pieces.
#[derive(Debug)]
pub(super) struct Scope {
    /// From the first line inside to behind the last.
    pub(super) inside: Range<usize>,
    /// From behind the start of the fence to its last character.
    outside: Range<usize>,
    /// Stands before a piece, with its line break.
    pub(super) open: String,
    /// Stands behind a piece, on a line of its own.
    close: Option<String>,
    /// Columns before the fence, as far as they are spaces.
    pub(super) indent: usize,
    /// Whether nothing in the text closes it.
    pub(super) unclosed: bool,
}

impl Scope {
    /// Fenced code at `range`; `None` if its fence is not sane.
    pub(super) fn fence(text: &str, range: &Range<usize>) -> Option<Self> {
        let Fence {
            fence,
            info,
            inside,
            is_closed,
        } = Fence::read(text, range)?;
        let prefix = prefix(text, range.start);
        let quote = quote_prefix(prefix);
        if fence.len() > LONGEST_FENCE || quote.len() > LONGEST_PREFIX {
            return None;
        }
        let block = text.get(range.clone())?.trim_end();
        let long = fence.len() + info.len() > LONGEST_INFO;
        let barred = if long { inside.end } else { range.start };
        Some(Self {
            inside,
            outside: barred + 1..range.start + block.len(),
            open: format!("{quote}{fence}{}\n", shortened(info)),
            close: Some(format!("{quote}{fence}")),
            indent: prefix.len() - quote.len(),
            unclosed: !is_closed,
        })
    }

    /// The table at `range`: its header and delimiter row are repeated.
    pub(super) fn table(text: &str, range: &Range<usize>) -> Self {
        let delimiter = line_end(text, range.start);
        let start = line_end(text, delimiter).min(range.end);
        let quote = quote_prefix(prefix(text, range.start));
        let header = text.get(range.start..start).unwrap_or_default();
        let line_break = if header.ends_with('\n') { "" } else { "\n" };
        Self {
            inside: start..range.end,
            outside: 0..0,
            open: format!("{quote}{header}{line_break}"),
            close: None,
            indent: 0,
            unclosed: false,
        }
    }

    /// Whether a piece that ends at `at` must be closed.
    pub(super) fn closes_at(&self, at: usize) -> bool {
        self.close.is_some() && self.inside.start <= at && at <= self.inside.end
    }

    /// Whether a piece that begins at `at` must be opened.
    pub(super) fn opens_at(&self, at: usize) -> bool {
        let closed_behind = self.close.is_some() && !self.unclosed && at == self.inside.end;
        self.inside.contains(&at) || closed_behind
    }

    /// Whether a cut at `at` would leave a fence around nothing.
    pub(super) fn is_empty_before(&self, at: usize) -> bool {
        self.close.is_some() && (at == self.inside.start || at == self.inside.end && !self.unclosed)
    }

    /// Whether it ends before `at`.
    pub(super) fn is_behind(&self, at: usize) -> bool {
        self.inside.end.max(self.outside.end) < at
    }

    /// Whether a cut at `at` would go through a fence.
    pub(super) fn bars(&self, at: usize) -> bool {
        self.close.is_some() && self.outside.contains(&at) && !self.closes_at(at)
    }

    /// Whether its opening is repeated: a header not in the middle of a row.
    pub(super) fn repeats_at(&self, line: bool) -> bool {
        line || self.close.is_some()
    }

    /// What closes a piece in a message whose lines lost `dedent` columns.
    pub(super) fn closer(&self, dedent: usize) -> Option<String> {
        let close = self.close.as_deref()?;
        let indent = " ".repeat(self.indent.saturating_sub(dedent));
        Some(format!("\n{indent}{close}"))
    }

    /// Whether opening and closing leave room for a piece. Else nothing is opened
    /// again or closed.
    pub(super) fn fits(&self, limit: usize) -> bool {
        units(&self.open) + self.close_units() <= limit / 2
    }

    /// Units of the closer, at most.
    pub(super) fn close_units(&self) -> usize {
        let close = self.close.as_deref();
        close.map_or(0, |close| 1 + self.indent + units(close))
    }
}

/// The language at least.
fn shortened(info: &str) -> &str {
    if info.len() <= LONGEST_INFO {
        return info;
    }
    let language = info.split_whitespace().next().unwrap_or_default();
    if language.len() <= LONGEST_INFO {
        language
    } else {
        ""
    }
}

/// Columns before the text of a line: with its marker if the piece begins behind.
pub(super) fn indentation(text: &str, body: usize, line: bool) -> usize {
    let start = line_start(text, body);
    let rest = text.get(start..).unwrap_or_default();
    let indented = rest.trim_start_matches(' ');
    let spaces = rest.len() - indented.len();
    if line {
        return spaces;
    }
    let digits = indented.trim_start_matches(|c: char| c.is_ascii_digit());
    let marker = digits.trim_start_matches(['-', '*', '+', '.', ')']);
    let after = marker.strip_prefix(' ').unwrap_or(indented);
    spaces + indented.len() - after.len()
}

//! Long text as several messages.
//!
//! A chunk ends between paragraphs if it can, else behind a line, a sentence, a
//! word. In Markdown, code that is cut is closed and opened again with its
//! language, a table gets its header again, and items of lists, links, images
//! and code between backticks stay whole as long as they fit into a message.
//!
//! A message that begins inside a list loses the indentation of its first line,
//! or its lines would be taken for code. White space at a cut is not sent.
//!
//! Emphasis that is cut is closed and opened again. Not perfect: a row of a
//! table longer than a message is cut without its header.

mod boundary;
mod layout;
mod piece;
mod reader;
mod scope;

use std::ops::Range;

use super::blank::is_blank;
use super::units;
use layout::Layout;

/// A smaller limit is taken for this one: less holds no word and no fence.
const LEAST_LIMIT: usize = 16;

/// How text is to be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    Plain,
    Markdown,
}

/// One message's part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Chunk {
    /// To be sent; never blank.
    pub(crate) text: String,
    /// Where it comes from, in bytes. The ranges of all chunks join up to the
    /// whole text; what closes or repeats something is in none.
    pub(crate) source: Range<usize>,
}

/// Cuts `text` into chunks of at most `limit` [units]; none if it is blank.
///
/// [units]: super::units
pub(crate) fn split(text: &str, how: How, limit: usize) -> Vec<Chunk> {
    let mut splitter = Splitter::new(text, how);
    std::iter::from_fn(|| splitter.next(limit)).collect()
}

/// Cuts one chunk after the other.
#[derive(Debug)]
pub(crate) struct Splitter<'t> {
    text: &'t str,
    layout: Layout,
    at: usize,
}

impl<'t> Splitter<'t> {
    pub(crate) fn new(text: &'t str, how: How) -> Self {
        let layout = match how {
            How::Plain => Layout::of_plain(text),
            How::Markdown => reader::markdown(text),
        };
        Self {
            text,
            layout,
            at: 0,
        }
    }

    /// Leaves out what was sent before; `at` is where a chunk ended.
    pub(crate) fn starting_at(mut self, at: usize) -> Self {
        self.at = at;
        self
    }

    /// The next chunk; none once only white space is left.
    pub(crate) fn next(&mut self, limit: usize) -> Option<Chunk> {
        let limit = limit.max(LEAST_LIMIT);
        let start = self.at;
        let body = self.skip_blank(start, limit);
        if body >= self.text.len() {
            return None;
        }
        if start == 0 && self.fits_untouched(limit) {
            self.at = self.text.len();
            return Some(Chunk {
                text: self.text.to_owned(),
                source: start..self.at,
            });
        }
        let piece = piece::take(self.text, &self.layout, start, body, limit);
        self.at = self.skip_blank(piece.end, limit);
        Some(Chunk {
            text: piece.text,
            source: start..self.at,
        })
    }

    /// Whether the whole text is a message as it stands.
    fn fits_untouched(&self, limit: usize) -> bool {
        let closed = self.layout.scope_closed_at(self.text.len()).is_none();
        closed && self.text.len() <= limit * 4 && units(self.text) <= limit
    }

    /// Behind white space at `at`, but for the indentation of the next line.
    fn skip_blank(&self, at: usize, limit: usize) -> usize {
        let rest = self.text.get(at..).unwrap_or_default();
        let blank = rest.find(|c| !is_blank(c)).unwrap_or(rest.len());
        let skipped = rest.get(..blank).unwrap_or_default();
        let line = skipped.rfind('\n').map(|newline| newline + 1);
        let starts_line = at == 0 || self.text.as_bytes().get(at - 1) == Some(&b'\n');
        let indented = line.or_else(|| starts_line.then_some(0));
        match indented {
            // Nobody indents that far.
            Some(indented) if blank == rest.len() || blank - indented > limit / 4 => at + blank,
            Some(indented) => at + indented,
            None => at + blank,
        }
    }
}

#[cfg(test)]
mod tests;

//! One pass over the events of a text.

use std::collections::BTreeSet;
use std::ops::Range;

use super::edits::Edits;
use super::html::Html;
use super::literal::Mask;
use super::marks::Marks;
use super::open::{Heading, Image, Level, Link, Table};
use super::target::Target;
use crate::text::markup::{line_end, line_start};

/// What is known while the events pass.
pub(super) struct Walk<'t> {
    pub(super) text: &'t str,
    pub(super) mask: Mask<'t>,
    pub(super) marks: Marks,
    pub(super) target: Target,
    /// Maps a text that stands inside this one, as that of an image.
    pub(super) map: fn(&str, Target) -> String,
    pub(super) edits: Edits,
    /// Definitions of links: their URLs and places.
    definitions: Vec<(String, Range<usize>)>,
    /// The destinations that links by reference used.
    pub(super) references: BTreeSet<String>,
    pub(super) heading: Option<Heading>,
    pub(super) links: Vec<Link>,
    pub(super) image: Option<Image>,
    pub(super) levels: Vec<Level>,
    pub(super) table: Option<Table>,
    pub(super) html: Html,
    /// Open quotes and footnotes.
    pub(super) foreign: usize,
    /// Whether the lines of code are being read.
    pub(super) in_code: bool,
    /// End of the last text, code or break.
    pub(super) inline_end: usize,
    /// End of the last paragraph.
    pub(super) paragraph_end: Option<usize>,
}

impl<'t> Walk<'t> {
    pub(super) fn new(
        text: &'t str,
        mask: Mask<'t>,
        target: Target,
        definitions: Vec<(String, Range<usize>)>,
        html: Html,
        map: fn(&str, Target) -> String,
    ) -> Self {
        Self {
            text,
            mask,
            marks: Marks::default(),
            target,
            map,
            edits: Edits::default(),
            definitions,
            references: BTreeSet::new(),
            heading: None,
            links: Vec::new(),
            image: None,
            levels: Vec::new(),
            table: None,
            html,
            foreign: 0,
            in_code: false,
            inline_end: 0,
            paragraph_end: None,
        }
    }

    pub(super) fn is_plain(&self) -> bool {
        matches!(self.target, Target::Plain | Target::PlainOfQq)
    }

    /// Whether a tag makes code of what is read: what is in backticks has no
    /// escapes.
    pub(super) fn is_html_code(&self) -> bool {
        !self.is_plain() && self.html.in_code()
    }

    pub(super) fn keeps_tables(&self) -> bool {
        self.target == Target::Qq { tables: true }
    }

    pub(super) fn slice(&self, range: Range<usize>) -> &'t str {
        self.text.get(range).unwrap_or_default()
    }

    /// Takes out the definitions that are used, and applies everything.
    pub(super) fn finish(mut self) -> String {
        for (url, span) in std::mem::take(&mut self.definitions) {
            // What nothing refers to may be a sentence: `[Note]: soon`.
            if !self.references.contains(&url) {
                continue;
            }
            let start = line_start(self.text, span.start);
            if self.slice(start..span.start).trim().is_empty() {
                let end = line_end(self.text, span.end.max(start + 1) - 1);
                self.edits.delete(start..end);
            } else {
                self.edits.delete(span);
            }
        }
        for (line_break, _) in std::mem::take(&mut self.mask.broken) {
            self.edits.replace(line_break, " ");
        }
        self.edits.sort();
        self.edits.apply(self.text, 0..self.text.len())
    }
}

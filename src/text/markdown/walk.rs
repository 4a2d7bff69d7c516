//! One pass over the events of a text.

use std::collections::BTreeSet;
use std::ops::Range;

use pulldown_cmark::{Event, Tag, TagEnd};

use super::Target;
use super::closed::Closed;
use super::edits::Edits;
use super::emphasis::Marks;
use super::html::Html;
use super::images::Image;
use super::inlines::Link;
use super::lists::Level;
use super::literal::Mask;
use super::tables::Table;
use crate::text::markup::{line_end, line_start};

/// What is known while the events pass.
pub(super) struct Walk<'t> {
    pub(super) text: &'t str,
    pub(super) mask: Mask<'t>,
    pub(super) marks: Marks,
    pub(super) target: Target,
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

/// A heading that is being read.
pub(super) struct Heading {
    /// Of its text.
    pub(super) content: Option<Range<usize>>,
    /// Whether it becomes bold, so that nothing inside can.
    pub(super) bold: bool,
}

impl<'t> Walk<'t> {
    pub(super) fn new(
        text: &'t str,
        mask: Mask<'t>,
        target: Target,
        definitions: Vec<(String, Range<usize>)>,
        closed: Closed,
    ) -> Self {
        Self {
            text,
            mask,
            marks: Marks::default(),
            target,
            edits: Edits::default(),
            definitions,
            references: BTreeSet::new(),
            heading: None,
            links: Vec::new(),
            image: None,
            levels: Vec::new(),
            table: None,
            html: Html::new(closed),
            foreign: 0,
            in_code: false,
            inline_end: 0,
            paragraph_end: None,
        }
    }

    pub(super) fn is_plain(&self) -> bool {
        matches!(self.target, Target::Plain | Target::PlainOfQq)
    }

    pub(super) fn slice(&self, range: Range<usize>) -> &'t str {
        self.text.get(range).unwrap_or_default()
    }

    pub(super) fn step(&mut self, event: Event<'_>, range: Range<usize>) {
        if self.image.is_some() {
            self.step_in_image(&event, &range);
            return;
        }
        self.note_content(&event, &range);
        let end = range.end;
        match event {
            Event::Start(tag) => {
                self.open(tag, range);
                return;
            }
            Event::End(tag) => {
                self.close(tag, &range);
                return;
            }
            Event::Text(content) => self.words(&content, range),
            Event::Code(content) => self.code(&content, range),
            Event::InlineHtml(_) => self.inline_html(range),
            Event::FootnoteReference(name) => self.edits.replace(range, format!("[{name}]")),
            Event::SoftBreak | Event::HardBreak => self.line_break(range),
            Event::Rule => self.rule(range),
            Event::TaskListMarker(done) => self.task(done, range),
            _ => {}
        }
        self.inline_end = end;
    }

    fn open(&mut self, tag: Tag<'_>, range: Range<usize>) {
        if !is_inline(&tag.to_end()) {
            self.finish_marks();
        }
        self.begin_block(&tag, &range);
        match tag {
            Tag::Heading { level, .. } => self.open_heading(level, &range),
            Tag::CodeBlock(kind) => self.open_code(&kind, &range),
            Tag::HtmlBlock => self.html_block(range),
            Tag::BlockQuote(_) => self.foreign += 1,
            Tag::FootnoteDefinition(name) => self.open_footnote(&name, &range),
            Tag::List(_) => self.open_list(&range),
            Tag::Item => self.open_item(&range),
            Tag::Table(_) => self.open_table(),
            Tag::TableHead | Tag::TableRow => self.open_row(),
            Tag::TableCell => self.cell(range),
            Tag::Emphasis => self.open_emphasis(&range, 1),
            Tag::Strong | Tag::Strikethrough => self.open_emphasis(&range, 2),
            Tag::Link {
                link_type,
                dest_url,
                title,
                ..
            } => self.open_link(link_type, &dest_url, &title, &range),
            Tag::Image {
                link_type,
                dest_url,
                title,
                ..
            } => self.open_image(link_type, &dest_url, &title, &range),
            _ => {}
        }
    }

    fn close(&mut self, tag: TagEnd, range: &Range<usize>) {
        if !is_inline(&tag) {
            self.finish_marks();
        }
        match tag {
            TagEnd::Heading(level) => self.close_heading(level, range),
            TagEnd::Paragraph if self.levels.is_empty() => self.paragraph_end = Some(range.end),
            TagEnd::CodeBlock => self.in_code = false,
            TagEnd::BlockQuote(_) | TagEnd::FootnoteDefinition => {
                self.foreign = self.foreign.saturating_sub(1);
            }
            TagEnd::Item => {
                self.levels.pop();
            }
            TagEnd::TableRow => self.close_row(range),
            TagEnd::Table => self.close_table(range),
            TagEnd::Emphasis => self.close_emphasis(range, 1),
            TagEnd::Strong | TagEnd::Strikethrough => self.close_emphasis(range, 2),
            TagEnd::Link => self.close_link(range),
            _ => {}
        }
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

/// Whether it stands in the middle of text.
const fn is_inline(tag: &TagEnd) -> bool {
    matches!(
        tag,
        TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link | TagEnd::Image
    )
}

//! Reads a text of Markdown into its layout.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Tag, TagEnd};

use super::boundary::Rank;
use super::layout::{Layout, Whole};
use super::scope::Scope;
use crate::text::markup::{self, line_end, line_start};
use crate::text::tags;

/// What stands where in a text of Markdown.
pub(super) fn markdown(text: &str) -> Layout {
    let Some(events) = markup::events(text) else {
        return Layout::of_plain(text);
    };
    let mut reader = Reader::new(text);
    for (event, range) in events {
        let range = markup::unindented(text, &event, range);
        reader.read(event, range);
    }
    let mut layout = reader.layout;
    for tag in tags::find(text) {
        layout.keep(text, Whole::Tag, tag);
    }
    layout.starts.sort_unstable();
    layout.starts.dedup_by_key(|(at, _)| *at);
    layout
}

/// Reads the events of the parser into a layout.
struct Reader<'t> {
    text: &'t str,
    layout: Layout,
    lists: usize,
    quotes: usize,
    emphases: usize,
    inlines: usize,
    /// Start of a heading nothing has followed yet.
    heading: Option<usize>,
    /// Starts of the open items; `None` once a list inside has begun.
    items: Vec<Option<usize>>,
    /// A table whose header is being read.
    table: Option<usize>,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            text,
            layout: Layout::default(),
            lists: 0,
            quotes: 0,
            emphases: 0,
            inlines: 0,
            heading: None,
            items: Vec::new(),
            table: None,
        }
    }

    fn read(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(tag) => self.open(&tag, range),
            Event::End(tag) => self.close(tag, &range),
            Event::Rule => self.begin(range.start),
            Event::Code(_) | Event::InlineHtml(_) | Event::FootnoteReference(_)
                if self.inlines == 0 =>
            {
                self.layout.keep(self.text, Whole::Inline, range);
            }
            _ => {}
        }
    }

    fn open(&mut self, tag: &Tag<'_>, range: Range<usize>) {
        match tag {
            Tag::Paragraph | Tag::Heading { .. } | Tag::HtmlBlock | Tag::FootnoteDefinition(_) => {
                self.begin(range.start);
                self.heading = matches!(tag, Tag::Heading { .. }).then_some(range.start);
            }
            Tag::CodeBlock(kind) => {
                self.begin(range.start);
                if matches!(kind, CodeBlockKind::Fenced(_)) {
                    self.fence(range);
                }
            }
            Tag::BlockQuote(_) => {
                self.begin(range.start);
                if self.quotes == 0 {
                    self.layout.quotes.push(range);
                }
                self.quotes += 1;
            }
            Tag::List(_) => self.open_list(range),
            Tag::Item => {
                self.begin(range.start);
                self.items.push(Some(line_start(self.text, range.start)));
            }
            Tag::Table(_) => {
                self.begin(range.start);
                self.layout.scopes.push(Scope::table(self.text, &range));
                self.table = Some(range.start);
            }
            Tag::TableRow => self.row(range),
            inline => self.open_inline(inline, range),
        }
    }

    fn open_inline(&mut self, tag: &Tag<'_>, range: Range<usize>) {
        match tag {
            Tag::Emphasis | Tag::Strong | Tag::Strikethrough => {
                if self.emphases == 0 {
                    self.layout.keep(self.text, Whole::Emphasis, range);
                }
                self.emphases += 1;
            }
            Tag::Link { .. } | Tag::Image { .. } => {
                if self.inlines == 0 {
                    self.layout.keep(self.text, Whole::Inline, range);
                }
                self.inlines += 1;
            }
            _ => {}
        }
    }

    fn close(&mut self, tag: TagEnd, range: &Range<usize>) {
        match tag {
            TagEnd::BlockQuote(_) => self.quotes = self.quotes.saturating_sub(1),
            TagEnd::List(_) => self.lists = self.lists.saturating_sub(1),
            TagEnd::Item => {
                if let Some(Some(start)) = self.items.pop() {
                    self.layout.keep(self.text, Whole::Item, start..range.end);
                }
            }
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough => {
                self.emphases = self.emphases.saturating_sub(1);
            }
            TagEnd::Link | TagEnd::Image => self.inlines = self.inlines.saturating_sub(1),
            _ => {}
        }
    }

    /// A block begins: a good place to cut.
    fn begin(&mut self, at: usize) {
        let outermost = self.items.is_empty() && self.quotes == 0;
        let rank = if outermost { Rank::Block } else { Rank::Part };
        let line = line_start(self.text, at);
        self.layout.starts.push((line, rank));
        if let Some(heading) = self.heading.take() {
            let first = self.text.get(line..).and_then(|rest| rest.chars().next());
            let end = line + first.map_or(0, char::len_utf8);
            self.layout.keep(self.text, Whole::Heading, heading..end);
        }
    }

    fn open_list(&mut self, range: Range<usize>) {
        self.begin(range.start);
        // An item is kept whole up to the list inside it.
        if let Some(item) = self.items.last_mut()
            && let Some(start) = item.take()
        {
            let end = line_start(self.text, range.start);
            self.layout.keep(self.text, Whole::Item, start..end);
        }
        if self.lists == 0 {
            self.layout.lists.push(range);
        }
        self.lists += 1;
    }

    /// Code is cut between its lines, best behind an empty one.
    fn fence(&mut self, range: Range<usize>) {
        let Some(scope) = Scope::fence(self.text, &range) else {
            return;
        };
        let mut at = scope.inside.start;
        let mut blank = false;
        while at < scope.inside.end {
            let end = line_end(self.text, at);
            let line = self.text.get(at..end).unwrap_or_default();
            if blank {
                self.layout.starts.push((at, Rank::Part));
            }
            blank = line.trim().is_empty();
            // The first and the last line stay with their fences.
            let first = at == scope.inside.start;
            let start = if first { range.start } else { at };
            let last = end >= scope.inside.end;
            let whole = start..if last { range.end } else { end };
            self.layout.keep(self.text, Whole::Row, whole);
            at = end;
        }
        self.layout.scopes.push(scope);
    }

    /// The first row stays with the header.
    fn row(&mut self, range: Range<usize>) {
        let start = self.table.take();
        let start = start.unwrap_or_else(|| line_start(self.text, range.start));
        let end = line_end(self.text, range.start);
        self.layout.keep(self.text, Whole::Row, start..end);
    }
}

//! What stands where in a text: good places to cut, places to keep whole, and
//! what a cut has to close and open again.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Tag, TagEnd};

use super::boundary::Rank;
use super::scope::Scope;
use crate::text::markup::{self, line_end, line_start};
use crate::text::{tags, units};

/// What should stay whole, the least important first. Their order is their
/// weight: a cut through one is worse than cuts through all before it.
#[derive(Clone, Copy, Debug)]
enum Whole {
    /// A heading with the beginning of what is under it.
    Heading,
    Item,
    Emphasis,
    Row,
    /// Links, images, code between backticks.
    Inline,
    /// Tags of QQ.
    Tag,
}

const LAYERS: usize = 6;

/// A text, read once.
#[derive(Debug, Default)]
pub(super) struct Layout {
    /// Lines that begin something, sorted.
    starts: Vec<(usize, Rank)>,
    /// By [`Whole`]: sorted, without overlaps, with their units.
    whole: [Vec<(Range<usize>, usize)>; LAYERS],
    /// Sorted, without overlaps.
    pub(super) scopes: Vec<Scope>,
    /// Whole lists, the outermost ones, sorted.
    lists: Vec<Range<usize>>,
    /// Whole quotes, the outermost ones, sorted.
    quotes: Vec<Range<usize>>,
}

impl Layout {
    /// Paragraphs are all there is.
    pub(super) fn of_plain(text: &str) -> Self {
        let mut layout = Self::default();
        let mut blank = false;
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            if blank {
                layout.starts.push((at, Rank::Block));
            }
            blank = line.trim().is_empty();
            at += line.len();
        }
        layout
    }

    pub(super) fn of_markdown(text: &str) -> Self {
        let Some(events) = markup::events(text) else {
            return Self::of_plain(text);
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

    fn keep(&mut self, text: &str, whole: Whole, range: Range<usize>) {
        let Some(layer) = self.whole.get_mut(whole as usize) else {
            return;
        };
        let units = units(text.get(range.clone()).unwrap_or_default());
        if !range.is_empty() && layer.last().is_none_or(|(last, _)| last.end <= range.start) {
            layer.push((range, units));
        }
    }

    /// The rank of the start of a line.
    pub(super) fn line_rank(&self, at: usize) -> Rank {
        match self.starts.binary_search_by_key(&at, |(start, _)| *start) {
            Ok(found) => self.starts.get(found).map_or(Rank::Line, |(_, rank)| *rank),
            Err(_) => Rank::Line,
        }
    }

    /// How bad a cut at `at` is; 0 if it leaves everything whole. What does not
    /// fit into a message anyway is not spared.
    pub(super) fn damage(&self, at: usize, limit: usize) -> u8 {
        let mut damage = 0;
        for (bit, layer) in self.whole.iter().enumerate() {
            let next = layer.partition_point(|(range, _)| range.start < at);
            let cut = next.checked_sub(1).and_then(|last| layer.get(last));
            if cut.is_some_and(|(range, units)| at < range.end && *units <= limit) {
                damage |= 1 << bit;
            }
        }
        damage
    }

    /// What a piece that begins at `at` must open again.
    pub(super) fn scope_opened_at(&self, at: usize) -> Option<&Scope> {
        let next = self.scopes.partition_point(|scope| scope.inside.end < at);
        self.scopes.get(next).filter(|scope| scope.opens_at(at))
    }

    /// What a piece that ends at `at` must close.
    pub(super) fn scope_closed_at(&self, at: usize) -> Option<&Scope> {
        let next = self.scopes.partition_point(|scope| scope.inside.end < at);
        self.scopes.get(next).filter(|scope| scope.closes_at(at))
    }

    /// The marks of the emphasis that a cut at `at` goes through; empty if none.
    pub(super) fn stress_at<'t>(&self, text: &'t str, at: usize) -> &'t str {
        let Some(stress) = self.stress_around(at) else {
            return "";
        };
        marks(text.get(stress).unwrap_or_default())
    }

    /// Whether a cut at `at` would go through the marks of emphasis, or leave
    /// nothing between them.
    pub(super) fn bars_stress(&self, text: &str, at: usize) -> bool {
        let Some(stress) = self.stress_around(at) else {
            return false;
        };
        let width = self.stress_at(text, at).len();
        at <= stress.start + width || at + width >= stress.end
    }

    /// The emphasis that a cut at `at` goes through.
    fn stress_around(&self, at: usize) -> Option<Range<usize>> {
        let layer = self.whole.get(Whole::Emphasis as usize)?;
        let next = layer.partition_point(|(range, _)| range.start < at);
        let (range, _) = layer.get(next.checked_sub(1)?)?;
        (at < range.end).then(|| range.clone())
    }

    pub(super) fn in_list(&self, at: usize) -> bool {
        inside(&self.lists, at)
    }

    pub(super) fn in_quote(&self, at: usize) -> bool {
        inside(&self.quotes, at)
    }
}

/// The marks that emphasis begins with.
fn marks(stress: &str) -> &str {
    let mark = stress.chars().next().unwrap_or_default();
    let length = stress.len() - stress.trim_start_matches(mark).len();
    stress.get(..length.min(3)).unwrap_or_default()
}

/// Whether a cut at `at` goes through one of the sorted ranges.
fn inside(ranges: &[Range<usize>], at: usize) -> bool {
    let next = ranges.partition_point(|range| range.start < at);
    let last = next.checked_sub(1).and_then(|last| ranges.get(last));
    last.is_some_and(|range| at < range.end)
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

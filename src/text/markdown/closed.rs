//! Which tags of HTML are used as such: those that begin and end something, and
//! those that stand alone. In `a<b>c` nothing ends.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use pulldown_cmark::{Event, Tag as Block};

use super::tag::{Tag, after_comment, is_known};

/// Tags that stand alone.
const VOID: &[&str] = &["br", "col", "hr", "img", "wbr"];

/// Where the tags of a text stand that are used as such, and where one stands
/// that waits for its end.
#[derive(Debug, Default)]
pub(super) struct Closed {
    whole: BTreeSet<usize>,
    open: Option<usize>,
}

impl Closed {
    /// Among `events` of `text`: what is code holds no tags.
    pub(super) fn find(text: &str, events: &[(Event<'_>, Range<usize>)]) -> Self {
        let mut open: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        let mut whole = BTreeSet::new();
        let html = |event: &Event<'_>| {
            matches!(event, Event::InlineHtml(_) | Event::Start(Block::HtmlBlock))
        };
        let places = events.iter().filter(|(event, _)| html(event));
        for (at, tag) in places.flat_map(|(_, range)| tags(text, range)) {
            if VOID.contains(&tag.name) {
                whole.insert(at);
            } else if !tag.closing {
                open.entry(tag.name).or_default().push(at);
            } else if let Some(start) = open.get_mut(tag.name).and_then(Vec::pop) {
                whole.extend([start, at]);
            }
        }
        let open = open.into_iter().filter(|(name, _)| is_known(name));
        let open = open.flat_map(|(_, places)| places).min();
        Self { whole, open }
    }

    pub(super) fn holds(&self, at: usize) -> bool {
        self.whole.contains(&at)
    }

    /// The first that has not ended, if what it is called is known.
    pub(super) const fn open(&self) -> Option<usize> {
        self.open
    }
}

/// The tags at `range`, with their places.
fn tags<'t>(text: &'t str, range: &Range<usize>) -> Vec<(usize, Tag<'t>)> {
    let source = text.get(range.clone()).unwrap_or_default();
    let mut tags = Vec::new();
    let mut rest = source;
    let mut endless = false;
    while let Some(open) = rest.find('<') {
        rest = rest.get(open..).unwrap_or_default();
        if let Some(after) = after_comment(rest, &mut endless) {
            rest = after;
            continue;
        }
        let at = range.start + source.len() - rest.len();
        let tag = Tag::read(rest);
        let length = tag.as_ref().map_or(1, |tag| tag.length);
        tags.extend(tag.map(|tag| (at, tag)));
        rest = rest.get(length..).unwrap_or_default();
    }
    tags
}

//! What stands where in a text: good places to cut, places to keep whole, and
//! what a cut has to close and open again.

use std::ops::Range;

use super::boundary::Rank;
use super::scope::Scope;
use crate::text::units;

/// What should stay whole, the least important first. Their order is their
/// weight: a cut through one is worse than cuts through all before it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Whole {
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
    pub(super) starts: Vec<(usize, Rank)>,
    /// By [`Whole`]: sorted, without overlaps, with their units.
    pub(super) whole: [Vec<(Range<usize>, usize)>; LAYERS],
    /// Sorted, without overlaps.
    pub(super) scopes: Vec<Scope>,
    /// Whole lists, the outermost ones, sorted.
    pub(super) lists: Vec<Range<usize>>,
    /// Whole quotes, the outermost ones, sorted.
    pub(super) quotes: Vec<Range<usize>>,
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

    pub(super) fn keep(&mut self, text: &str, whole: Whole, range: Range<usize>) {
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
pub(super) fn inside(ranges: &[Range<usize>], at: usize) -> bool {
    let next = ranges.partition_point(|range| range.start < at);
    let last = next.checked_sub(1).and_then(|last| ranges.get(last));
    last.is_some_and(|range| at < range.end)
}

//! Changes to a text, collected first and applied at once: what nobody changes
//! stays byte for byte.

use std::ops::Range;

#[derive(Debug)]
struct Edit {
    range: Range<usize>,
    with: String,
}

/// Replacements in one text.
#[derive(Debug, Default)]
pub(super) struct Edits(Vec<Edit>);

impl Edits {
    /// Of two that overlap, the one that begins first counts; of two at one
    /// place, insertions come first.
    pub(super) fn replace(&mut self, range: Range<usize>, with: impl Into<String>) {
        debug_assert!(range.start <= range.end, "{range:?}");
        let with = with.into();
        self.0.push(Edit { range, with });
    }

    pub(super) fn delete(&mut self, range: Range<usize>) {
        if !range.is_empty() {
            self.replace(range, "");
        }
    }

    /// How many there are: for [`Self::take_from`].
    pub(super) fn mark(&self) -> usize {
        self.0.len()
    }

    /// Takes back those made since `mark`.
    pub(super) fn take_from(&mut self, mark: usize) -> Self {
        Self(self.0.split_off(mark.min(self.0.len())))
    }

    pub(super) fn sort(&mut self) {
        self.0
            .sort_by_key(|edit| (edit.range.start, edit.range.end));
    }

    /// The part of `text` at `range`, changed. The edits must be sorted.
    pub(super) fn apply(&self, text: &str, range: Range<usize>) -> String {
        let mut out = String::with_capacity(range.len());
        let mut at = range.start;
        let first = self
            .0
            .partition_point(|edit| edit.range.start < range.start);
        for edit in self.0.get(first..).unwrap_or_default() {
            if edit.range.start > range.end {
                break;
            }
            if (at..=range.end).contains(&edit.range.start) && edit.range.end <= range.end {
                out.push_str(text.get(at..edit.range.start).unwrap_or_default());
                out.push_str(&edit.with);
                at = edit.range.end;
            }
        }
        out.push_str(text.get(at..range.end).unwrap_or_default());
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_applied_in_their_places() {
        let text = "one two three";
        let mut edits = Edits::default();
        edits.replace(8..13, "3");
        edits.delete(0..4);
        edits.replace(9..10, "overlaps");
        edits.replace(8..8, ">");
        edits.sort();
        assert_eq!(edits.apply(text, 0..text.len()), "two >3");
        assert_eq!(edits.apply(text, 4..7), "two");
        let later = edits.take_from(1);
        assert_eq!(edits.apply(text, 0..text.len()), "two three");
        assert_eq!(later.apply(text, 0..text.len()), "one two >3");
    }
}

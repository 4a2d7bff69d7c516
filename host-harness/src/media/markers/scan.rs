//! Where markers stand in a text: not in code, and not behind a backslash.

use super::notation::{Seen, seen};
use crate::media::code::Code;

/// The markers of a text and what may become one, in order.
pub(super) struct Markers<'t> {
    text: &'t str,
    at: usize,
    code: Option<Code>,
}

impl<'t> Markers<'t> {
    pub(super) const fn of(text: &'t str) -> Self {
        Self {
            text,
            at: 0,
            code: None,
        }
    }

    /// Whether something else than words may begin at `at`.
    fn is_open(&self, at: usize) -> bool {
        let before = self
            .text
            .get(..at)
            .and_then(|text| text.chars().next_back());
        let is_bare = self.text.as_bytes().get(at) == Some(&b'd');
        before.is_none_or(|c| c != '\\' && !(is_bare && c.is_alphanumeric()))
    }
}

impl Iterator for Markers<'_> {
    type Item = (usize, Seen);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let rest = self.text.get(self.at..)?;
            let start = self.at + rest.find(['[', '!', '<', 'd'])?;
            self.at = start + 1;
            let seen = seen(self.text.get(start..).unwrap_or_default());
            if matches!(seen, Seen::Nothing) || !self.is_open(start) {
                continue;
            }
            let code = self.code.get_or_insert_with(|| Code::of(self.text));
            if let Some(end) = code.end_at(start) {
                self.at = end;
                continue;
            }
            if let Seen::Whole(length, _) = &seen {
                self.at = start + length;
            }
            return Some((start, seen));
        }
    }
}

//! `active_tags`: which of QQ's tags an agent may write.

use super::table::{Table, did_you_mean};
use crate::text::tags::{Guard, TagKind};

const KEY: &str = "active_tags";

/// What the key may list.
pub(super) fn names() -> [&'static str; 4] {
    TagKind::NAMES.map(|(name, _)| name)
}

impl Table<'_> {
    /// Without the key, none.
    pub(super) fn guard(&mut self) -> Guard {
        let mut guard = Guard::default();
        for (index, word) in self.strings(KEY) {
            match TagKind::NAMES.into_iter().find(|(name, _)| *name == word) {
                Some((_, kind)) => guard = guard.allowing(kind),
                None => self.problems.error(
                    &format!("{KEY}[{index}]"),
                    format!("{word:?} is not a kind of tag"),
                    did_you_mean(word, &names()),
                ),
            }
        }
        guard
    }
}

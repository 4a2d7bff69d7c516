//! Marks of emphasis: stars, underscores, tildes, and the pairs they make.

use std::collections::BTreeSet;

/// Marks of one kind that stand side by side.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    pub(super) at: usize,
    pub(super) length: usize,
    pub(super) mark: u8,
}

impl Run {
    /// The characters before and behind.
    pub(super) fn around(self, text: &str) -> (char, char) {
        let before = text
            .get(..self.at)
            .and_then(|text| text.chars().next_back());
        let after = text.get(self.at + self.length..);
        let after = after.and_then(|text| text.chars().next());
        (before.unwrap_or(' '), after.unwrap_or(' '))
    }
}

/// Two marks of `width` characters, and what they enclose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Pair {
    pub(super) open: usize,
    pub(super) close: usize,
    pub(super) width: usize,
}

impl Pair {
    /// Where its marks stand.
    pub(super) fn marks(self) -> impl Iterator<Item = usize> {
        let open = self.open..self.open + self.width;
        open.chain(self.close..self.close + self.width)
    }
}

/// The marks of the block that is being read.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// Of the block, and of each link open in it: no emphasis begins outside a
    /// link and ends inside.
    pub(super) frames: Vec<Vec<Run>>,
    /// What the parser takes for emphasis.
    pub(super) parsed: BTreeSet<Pair>,
    /// Where marks of emphasis stand.
    pub(super) judged: BTreeSet<usize>,
}

impl Marks {
    pub(super) fn push(&mut self, at: usize, mark: u8) {
        if self.frames.is_empty() {
            self.frames.push(Vec::new());
        }
        let Some(runs) = self.frames.last_mut() else {
            return;
        };
        match runs.last_mut() {
            Some(last) if last.mark == mark && last.at + last.length == at => last.length += 1,
            _ => runs.push(Run {
                at,
                length: 1,
                mark,
            }),
        }
    }
}

//! Tells what a model says from what it thinks aloud.
//!
//! Reasoning stands between marks in the text, or before a closing mark that was
//! never opened: then everything said so far was reasoning. What is never closed
//! is reasoning to the end if it began a line; in the middle of a sentence such a
//! mark is a word of it. In code, fenced or inline, marks are text. How the text
//! is cut into pieces makes no difference.

use super::prose::{Found, find};
use super::tags::{self, BEGINNINGS, Kind, Seen};

/// Longest reasoning that is kept, bytes.
const THOUGHT: usize = 256 * 1024;
/// More behind a mark in the middle of a line is reasoning, closed or not, bytes.
const UNCLOSED: usize = 64 * 1024;

/// Where the text stands.
#[derive(Debug)]
enum Mode {
    Prose,
    /// In a block fenced with so many of this character.
    Fence(char, usize),
    Reasoning(Kind),
}

/// What stands behind an opening mark, and what it is if nothing closes it.
#[derive(Debug)]
enum Unclosed {
    Thought,
    /// The mark stands in the middle of a line: it was said, with all behind it.
    Said {
        mark: String,
        behind: String,
    },
}

/// Takes an answer in pieces.
#[derive(Debug)]
pub(super) struct Sorter {
    mode: Mode,
    /// What is said, as far as it is sure.
    said: String,
    /// What was thought.
    thought: String,
    unclosed: Unclosed,
    /// Text behind `said` of which nobody knows yet what it is.
    tail: String,
    /// The tail begins a line.
    line_begins: bool,
    /// Bytes of the tail that were looked at.
    looked: usize,
    /// Bytes of the tail that can be shown already.
    shown: usize,
    /// Reasoning ended just now: white space does not begin a text.
    fresh: bool,
    /// How often what had been said turned out to be reasoning.
    led: usize,
    marked: bool,
}

impl Default for Sorter {
    fn default() -> Self {
        Self {
            mode: Mode::Prose,
            said: String::new(),
            thought: String::new(),
            unclosed: Unclosed::Thought,
            tail: String::new(),
            line_begins: true,
            looked: 0,
            shown: 0,
            fresh: false,
            led: 0,
            marked: false,
        }
    }
}

impl Sorter {
    /// The next piece of the answer's text.
    pub(super) fn text(&mut self, piece: &str) {
        self.tail.push_str(piece);
        // Looking again at a long open code for each of its characters would take
        // ever longer.
        if self.tail.len() - self.looked > self.looked / 64 {
            self.sort(false);
        }
    }

    /// The next piece of reasoning; also what came apart from the text.
    pub(super) fn reasoning(&mut self, piece: &str) {
        let room = THOUGHT.saturating_sub(self.thought.len());
        let piece = piece.get(..piece.floor_char_boundary(room));
        self.thought.push_str(piece.unwrap_or_default());
    }

    /// No more comes.
    pub(super) fn end(&mut self) {
        self.sort(true);
        if let Unclosed::Said { mark, behind } = self.take_unclosed() {
            self.said.extend([mark, behind]);
            self.mode = Mode::Prose;
        }
    }

    /// What can be shown of the answer, in two pieces.
    pub(super) fn said(&self) -> (&str, &str) {
        (&self.said, self.tail.get(..self.shown).unwrap_or_default())
    }

    /// The reasoning so far.
    pub(super) fn thought(&self) -> &str {
        self.thought.trim()
    }

    /// Bytes kept of the answer.
    pub(super) fn len(&self) -> usize {
        self.said.len() + self.tail.len()
    }

    /// How often reasoning came without an opening mark.
    pub(super) fn led(&self) -> usize {
        self.led
    }

    /// Reasoning was marked properly.
    pub(super) fn marked(&self) -> bool {
        self.marked
    }

    /// What closes the code block in which the text ends.
    pub(super) fn open_fence(&self) -> Option<String> {
        match self.mode {
            Mode::Fence(mark, length) => Some(String::from(mark).repeat(length)),
            Mode::Prose | Mode::Reasoning(_) => None,
        }
    }

    fn sort(&mut self, end: bool) {
        while match self.mode {
            Mode::Prose => self.prose(end),
            Mode::Fence(mark, length) => self.fence(mark, length, end),
            Mode::Reasoning(kind) => self.unseen(kind, end),
        } {}
        self.looked = self.tail.len();
    }

    /// One step in prose; false if the next one needs more text.
    fn prose(&mut self, end: bool) -> bool {
        if self.fresh
            && self
                .said
                .chars()
                .next_back()
                .is_none_or(char::is_whitespace)
        {
            let blank = self.tail.len() - self.tail.trim_start().len();
            self.tail.drain(..blank);
        }
        self.shown = 0;
        if self.tail.is_empty() {
            return false;
        }
        self.fresh = false;
        match find(&self.tail, self.line_begins, end) {
            Found::Undecided(sure, shown) => {
                let line_begins = self.line_begins && sure == 0;
                self.say(sure);
                self.line_begins = line_begins;
                self.shown = shown - sure;
                return false;
            }
            Found::Line(to) => self.say(to),
            Found::Fence(to, mark, length) => {
                self.say(to);
                self.mode = Mode::Fence(mark, length);
            }
            Found::Open(at, to, kind) => {
                self.say(at);
                self.unclosed = self.open(to - at);
                self.drop(to - at);
                self.mode = Mode::Reasoning(kind);
                self.marked = true;
            }
            Found::Close(at, to) => {
                self.say(at);
                self.drop(to - at);
                self.was_reasoning();
            }
            Found::Empty(at, to) => {
                self.say(at);
                self.drop(to - at);
            }
        }
        true
    }

    /// One line of a code block.
    fn fence(&mut self, mark: char, length: usize, end: bool) -> bool {
        let Some(at) = self.tail.find('\n') else {
            self.shown = self.tail.len();
            if end {
                self.leave_fence(mark, length, self.tail.len());
                self.say(self.tail.len());
            }
            return false;
        };
        self.leave_fence(mark, length, at);
        self.say(at + 1);
        true
    }

    fn leave_fence(&mut self, mark: char, length: usize, line: usize) {
        let line = self.tail.get(..line).unwrap_or_default();
        let closing = line.trim_start_matches([' ', '\t', '>']).trim_end();
        if closing.chars().count() >= length && closing.chars().all(|c| c == mark) {
            self.mode = Mode::Prose;
        }
    }

    /// Reasoning up to its closing mark.
    fn unseen(&mut self, kind: Kind, end: bool) -> bool {
        self.shown = 0;
        let places = self.tail.match_indices(BEGINNINGS);
        for (at, _) in places {
            match tags::at(self.tail.get(at..).unwrap_or_default()) {
                Seen::Close(closed, length) if closed == kind => {
                    self.think(at);
                    self.thinks();
                    self.drop(length);
                    self.mode = Mode::Prose;
                    return true;
                }
                Seen::Half if !end => {
                    self.think(at);
                    return false;
                }
                _ => {}
            }
        }
        self.think(self.tail.len());
        false
    }

    fn say(&mut self, to: usize) {
        self.said.extend(self.tail.drain(..to));
        self.shown = 0;
        self.line_begins = true;
    }

    fn think(&mut self, to: usize) {
        let thought: String = self.tail.drain(..to).collect();
        match &mut self.unclosed {
            Unclosed::Said { behind, .. } if behind.len() + thought.len() <= UNCLOSED => {
                behind.push_str(&thought);
            }
            _ => {
                self.thinks();
                self.reasoning(&thought);
            }
        }
    }

    /// What stands behind the mark is reasoning, wherever the mark stands.
    fn thinks(&mut self) {
        if let Unclosed::Said { behind, .. } = self.take_unclosed() {
            self.reasoning(&behind);
        }
    }

    fn take_unclosed(&mut self) -> Unclosed {
        std::mem::replace(&mut self.unclosed, Unclosed::Thought)
    }

    /// An opening mark of this length stands behind what was said.
    fn open(&self, length: usize) -> Unclosed {
        let before = self.said.trim_end_matches([' ', '\t']);
        if before.is_empty() || before.ends_with('\n') {
            return Unclosed::Thought;
        }
        Unclosed::Said {
            mark: self.tail.get(..length).unwrap_or_default().to_owned(),
            behind: String::new(),
        }
    }

    fn drop(&mut self, length: usize) {
        self.tail.drain(..length);
        self.fresh = true;
    }

    fn was_reasoning(&mut self) {
        let said = std::mem::take(&mut self.said);
        self.reasoning(&said);
        self.led += 1;
    }
}

#[cfg(test)]
mod tests;

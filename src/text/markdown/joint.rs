//! Marks made of tags. `<b>c</b>d` is bold to whoever wrote it, and `**c**d` a
//! power to `pairing`: U+200B beside such a mark tells that it is one.

use super::closed::Closed;
use super::pairing::{can_begin, can_end};
use super::tag::{DROPPED, LONGEST, Tag};

/// Neither white space nor punctuation, and it does not show.
pub(super) const JOINT: char = '\u{200b}';

/// Tags that become marks.
const MARKS: &[&str] = &[
    "b", "code", "del", "em", "i", "kbd", "s", "samp", "strike", "strong", "tt",
];

/// Tags side by side that are looked at.
const MOST_TAGS: usize = 8;

/// What `tag`, at `at` in `text`, becomes as `mark`.
pub(super) fn mark(text: &str, closed: &Closed, at: usize, tag: &Tag<'_>, mark: &str) -> String {
    let around = Around { text, closed };
    let left = around.before(at, tag.closing);
    let right = around.after(at + tag.length, !tag.closing);
    if tag.closing {
        let (outside, inside) = joints(mark, right, left, true);
        format!("{inside}{mark}{outside}")
    } else {
        let (outside, inside) = joints(mark, left, right, false);
        format!("{outside}{mark}{inside}")
    }
}

/// What a mark between these characters needs on either side to show.
fn joints(mark: &str, outside: char, inside: char, ends: bool) -> (&'static str, &'static str) {
    let sign = mark.as_bytes().first().copied().unwrap_or_default();
    let shows = |(outside, inside): &(char, char)| match (sign, ends) {
        (b'`', _) => true,
        (_, true) => can_end(sign, mark.len(), *inside, *outside),
        (_, false) => can_begin(sign, mark.len(), *outside, *inside),
    };
    let ways = [
        (outside, inside),
        (outside, JOINT),
        (JOINT, inside),
        (JOINT, JOINT),
    ];
    let (left, right) = ways.into_iter().find(shows).unwrap_or((outside, inside));
    // The marks of two tags side by side would be one.
    let apart = !ends && outside == ENDED;
    let joint = |wanted: bool| if wanted { "\u{200b}" } else { "" };
    (joint(left != outside || apart), joint(right != inside))
}

/// Stand for the marks of another tag, where it begins and where it ends.
const BEGUN: char = '*';
const ENDED: char = '~';

/// What a reader finds beside a tag: other tags may stand between.
struct Around<'t> {
    text: &'t str,
    closed: &'t Closed,
}

impl Around<'_> {
    /// The character before `at`; on the inside of a tag that of its words, on
    /// the outside that of the next mark.
    fn before(&self, mut at: usize, inside: bool) -> char {
        for _ in 0..MOST_TAGS {
            let before = self.text.get(..at).unwrap_or_default();
            let Some((start, tag)) = self.tag_before(before) else {
                return before.chars().next_back().unwrap_or(' ');
            };
            match shown(&tag) {
                Some(c) if !(inside && c == ENDED) => return c,
                _ => at = start,
            }
        }
        ' '
    }

    /// The same of what follows.
    fn after(&self, mut at: usize, inside: bool) -> char {
        for _ in 0..MOST_TAGS {
            let after = self.text.get(at..).unwrap_or_default();
            let Some(tag) = Tag::read(after).filter(|_| self.closed.holds(at)) else {
                return after.chars().next().unwrap_or(' ');
            };
            match shown(&tag) {
                Some(c) if !(inside && c == BEGUN) => return c,
                _ => at += tag.length,
            }
        }
        ' '
    }

    /// The tag that ends where `before` does, and its place.
    fn tag_before<'a>(&self, before: &'a str) -> Option<(usize, Tag<'a>)> {
        if !before.ends_with('>') {
            return None;
        }
        let least = before.floor_char_boundary(before.len().saturating_sub(LONGEST));
        let start = least + before.get(least..)?.rfind('<')?;
        let tag = Tag::read(before.get(start..)?)?;
        let whole = start + tag.length == before.len() && self.closed.holds(start);
        whole.then_some((start, tag))
    }
}

/// What stands in the place of a tag, if anything does.
fn shown(tag: &Tag<'_>) -> Option<char> {
    match (tag.name, tag.closing) {
        (name, false) if MARKS.contains(&name) => Some(BEGUN),
        (name, true) if MARKS.contains(&name) => Some(ENDED),
        ("a", false) => Some('['),
        ("a", true) => Some(')'),
        ("img", _) => Some('!'),
        (name, _) if DROPPED.contains(&name) => None,
        _ => Some(' '),
    }
}

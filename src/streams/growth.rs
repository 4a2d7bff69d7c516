//! What a growing message shows next, and what is left over at its end.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::compose::part::Part;
use crate::compose::text;
use crate::compose::text::Style;
use crate::config::Limits;
use crate::streams::steady;
use crate::text::units;

/// What one frame shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Frame {
    /// The agent's words behind the first `solid` bytes of `text`.
    source: String,
    solid: usize,
    pub(crate) text: String,
}

/// How a message goes on.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Growth {
    /// Nothing new yet that will stay as it is.
    Nothing,
    More(Frame),
    /// This is all it can hold.
    Full(Frame),
    /// What is shown was taken back.
    Rewritten,
}

/// The next frame of at most `most` units, beginning with what `floor` shows.
pub(crate) fn next(written: &str, floor: &Frame, style: Style, most: usize) -> Growth {
    if !written.starts_with(&floor.source) {
        return Growth::Rewritten;
    }
    let steady = written.get(..steady::end(written, style));
    let steady = steady.unwrap_or_default();
    let shown = text::shown(steady, style);
    let text = shown.trim_end();
    if text.len() <= floor.text.len() || !text.starts_with(&floor.text) {
        return Growth::Nothing;
    }
    if units(text) > most {
        return Growth::Full(cut(&shown, floor, style, most));
    }
    Growth::More(Frame::new(steady, text))
}

/// The last frame: as much of the whole text as it can hold.
pub(crate) fn last(written: &str, floor: &Frame, style: Style, most: usize) -> Frame {
    match whole(written, floor, style) {
        None => floor.clone(),
        Some(shown) if units(shown.trim_end()) > most => cut(&shown, floor, style, most),
        Some(shown) => Frame::new(written, shown.trim_end()),
    }
}

/// The messages of what `frame` does not show: nothing of it is repeated, unless
/// it was taken back.
pub(crate) fn rest(written: &str, frame: &Frame, style: Style, limits: &Limits) -> VecDeque<Part> {
    if let Some(shown) = whole(written, frame, style) {
        return text::behind(&shown, frame.text.len(), style, limits);
    }
    let rest = written.strip_prefix(&frame.source).unwrap_or(written);
    text::behind(&text::shown(rest, style), 0, style, limits)
}

/// All of the text as it is shown; absent when it does not go on from `floor`.
/// If only the mapping changed its mind, what is shown stays, and what follows
/// is mapped by itself.
fn whole(written: &str, floor: &Frame, style: Style) -> Option<String> {
    let shown = text::shown(written, style);
    if shown.starts_with(&floor.text) {
        return Some(shown);
    }
    let rest = written.strip_prefix(&floor.source)?;
    let solid = floor.text.get(..floor.solid)?;
    let joined = format!("{solid}{}", text::shown(rest, style));
    joined.starts_with(&floor.text).then_some(joined)
}

/// The first message of `shown`, unless less than `floor` would be left of it.
fn cut(shown: &str, floor: &Frame, style: Style, most: usize) -> Frame {
    let end = text::first_end(shown, style, most);
    let text = shown.get(..end).unwrap_or_default().trim_end();
    let mut frame = floor.clone();
    if text.starts_with(&floor.text) && units(text) <= most {
        text.clone_into(&mut frame.text);
    }
    frame
}

impl Frame {
    /// White space at the end may still change.
    fn new(source: &str, text: &str) -> Self {
        Self {
            source: source.trim_end().to_owned(),
            solid: text.len(),
            text: text.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARKDOWN: Style = Style::Markdown;

    fn frame(text: &str) -> Frame {
        Frame::new(text, text)
    }

    fn texts(parts: &VecDeque<Part>) -> Vec<&str> {
        parts.iter().map(Part::text).collect()
    }

    #[test]
    fn a_frame_begins_with_what_is_shown() {
        let floor = frame("one");
        let next = |written, most| next(written, &floor, MARKDOWN, most);
        assert_eq!(next("one two ", 100), Growth::More(frame("one two")));
        assert_eq!(next("one", 100), Growth::Nothing);
        assert_eq!(next("one\n\n**tw", 100), Growth::Nothing);
        assert_eq!(next("another", 100), Growth::Rewritten);
        assert_eq!(next("on", 100), Growth::Rewritten);
    }

    #[test]
    fn what_does_not_fit_comes_as_messages_and_nothing_twice() {
        let limits = Limits::default();
        let written = "first words here\n\nsecond paragraph";
        let full = Growth::Full(Frame {
            text: "first words here".to_owned(),
            ..frame("first")
        });
        assert_eq!(next(written, &frame("first"), MARKDOWN, 20), full);
        for (floor, shown, left) in [
            ("first", "first words here", vec!["second paragraph"]),
            (
                "first words here\n\nsec",
                "first words here\n\nsec",
                vec!["ond paragraph"],
            ),
        ] {
            let last = last(written, &frame(floor), MARKDOWN, 20);
            assert_eq!(last.text, shown);
            assert_eq!(texts(&rest(written, &last, MARKDOWN, &limits)), left);
        }
        let last = last(written, &frame("first"), MARKDOWN, 100);
        assert_eq!(last, frame(written));
        assert!(rest(written, &last, MARKDOWN, &limits).is_empty());
    }

    #[test]
    fn what_was_taken_back_is_said_again_whole() {
        let shown = frame("one");
        assert_eq!(last("two", &shown, MARKDOWN, 100), shown);
        let rest = rest("two", &shown, MARKDOWN, &Limits::default());
        assert_eq!(texts(&rest), ["two"]);
    }

    #[test]
    fn a_mapping_that_changes_its_mind_changes_nothing_that_is_shown() {
        // Half of a mark was shown as it stood; plain text has none.
        let shown = frame("one **two");
        let last = last("one **two** three", &shown, Style::Plain, 100);
        assert_eq!(last.text, "one **two** three");
        assert!(rest("one **two** three", &last, Style::Plain, &Limits::default()).is_empty());
    }
}

//! Markdown as QQ shows it, or taken out for those who cannot read it.
//!
//! QQ documents a subset: `#` and `##`, emphasis, links, images with sizes,
//! lists, quotes, `***`. See QQ docs, server-inter/message/type/markdown. What
//! language models write beyond is mapped to it or to readable text; what is in
//! it, and all other text, stays byte for byte.
//!
//! What is emphasis is judged here and not by the parser (`pairing`); formulas,
//! paths and expressions are left alone (`literal`).
//!
//! Known limits: whether QQ decodes entities is not documented, so in Markdown
//! those for punctuation stay. Lists in quotes and in footnotes keep their
//! indentation, as does code that is only indented.

mod beside;
mod blocks;
mod closed;
mod destination;
mod edits;
mod emphasis;
mod formulas;
mod html;
mod images;
mod inlines;
mod joint;
mod lists;
mod literal;
mod marks;
mod open;
mod pairing;
mod picture;
mod signs;
mod step;
mod tables;
mod tag;
mod target;
mod walk;

use super::markup;
use closed::Closed;
use html::Html;
use literal::Mask;
use target::Target;
use walk::Walk;

/// Mapping makes HTML to Markdown, which is mapped again, until nothing changes.
/// Two passes are usual; more than these is a text made to exhaust them.
const PASSES: usize = 6;

/// How Markdown is written for QQ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Qq {
    /// Keeps tables, which the desktop client shows and others may not. Without,
    /// each row becomes lines `header: value`.
    pub(crate) tables: bool,
}

/// Markdown for QQ. Doing it again changes nothing.
pub(crate) fn to_qq(text: &str, how: Qq) -> String {
    let target = Target::Qq { tables: how.tables };
    let mut mapped = text.to_owned();
    for _ in 0..PASSES {
        // A tag may have become the line break before a number.
        let next = map(&lists::deepened(&mapped), target);
        let done = next == mapped;
        mapped = next;
        if done {
            break;
        }
    }
    mapped
}

/// Markdown as text to read: no marks of emphasis, links with their URLs.
pub(crate) fn to_plain(text: &str) -> String {
    map(text, Target::Plain)
}

/// What [`to_qq`] made, as text to read.
pub(crate) fn qq_to_plain(text: &str) -> String {
    map(text, Target::PlainOfQq)
}

fn map(text: &str, target: Target) -> String {
    // Most messages have nothing to map.
    if !has_markup(text) {
        return text.to_owned();
    }
    let mask = Mask::new(text, target);
    let masked = mask.as_str().to_owned();
    let Some(events) = markup::events(&masked) else {
        return text.to_owned();
    };
    let definitions = events.reference_definitions().iter();
    let definitions = definitions
        .map(|(_, definition)| (definition.dest.to_string(), definition.span.clone()))
        .collect();
    let events: Vec<_> = events.collect();
    let closed = Closed::find(text, &events);
    let html = Html::new(closed);
    let mut walk = Walk::new(text, mask, target, definitions, html, map);
    for (event, range) in events {
        let range = markup::unindented(text, &event, range);
        walk.step(event, range);
    }
    walk.finish()
}

/// Where a tag of HTML stands that waits for its end: what comes may change how
/// it shows.
pub(crate) fn open_tag(text: &str) -> Option<usize> {
    let events = text.contains('<').then(|| markup::events(text))??;
    let events: Vec<_> = events.collect();
    Closed::find(text, &events).open()
}

/// Whether anything in the text may mean something.
fn has_markup(text: &str) -> bool {
    const MARKS: &[char] = &[
        '#', '*', '_', '~', '[', '`', '<', '>', '|', '\\', '&', '-', '+', '=', '.', ')',
    ];
    text.contains(MARKS)
}

#[cfg(test)]
mod tests;

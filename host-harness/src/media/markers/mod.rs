//! PRX's notation for files in text, `[KIND:PLACE]`, and pictures that models write
//! into it as base64: `![x](data:…)`, `<img src="data:…">` or the bare address.
//! Code is left alone, and so is a bracket behind a backslash.

mod kind;
mod notation;
mod scan;

use std::ops::Range;

pub use kind::{Marker, MarkerKind};
use notation::Seen;
use scan::Markers;

/// A run of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Piece {
    /// Words.
    Words(Range<usize>),
    /// A marker, and where it stands.
    Marker(Range<usize>, Marker),
}

/// Cuts `text` at its markers. The pieces cover it.
pub fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut from = 0;
    for (start, seen) in Markers::of(text) {
        let Seen::Whole(length, marker) = seen else {
            continue;
        };
        if from < start {
            pieces.push(Piece::Words(from..start));
        }
        from = start + length;
        pieces.push(Piece::Marker(start..from, marker));
    }
    if from < text.len() {
        pieces.push(Piece::Words(from..text.len()));
    }
    pieces
}

/// The text before the first marker, or before what may become one: as much of a
/// growing text as can be shown without showing a marker.
#[must_use]
pub fn lead(text: &str) -> &str {
    let first = Markers::of(text).next();
    match first.and_then(|(at, _)| text.get(..at)) {
        Some(before) => before.trim_end(),
        None => text,
    }
}

#[cfg(test)]
mod tests;

//! PRX's notation for files in text, `[KIND:PLACE]`, and pictures that models write
//! into it as base64: `![x](data:…)`, `<img src="data:…">` or the bare address.
//! Code is left alone, and so is a bracket behind a backslash.

use std::ops::Range;

use super::code::Code;
use super::inline;
use crate::contract::AttachmentKind;

/// Bytes of a path or an address.
const LONGEST_PLACE: usize = 4_096;
/// Bytes of what stands around an inline picture: its words, its other attributes.
const LONGEST_FRAME: usize = 1_000;
/// What a picture stands in that broke off with its text.
const BROKEN: &str = "data:,";

/// What a marker calls its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MarkerKind {
    /// `IMAGE`.
    Image,
    /// `DOCUMENT`.
    Document,
    /// `AUDIO`.
    Audio,
    /// `VOICE`.
    Voice,
    /// `VIDEO`.
    Video,
}

impl MarkerKind {
    const ALL: [Self; 5] = [
        Self::Image,
        Self::Document,
        Self::Audio,
        Self::Voice,
        Self::Video,
    ];

    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Image => "IMAGE",
            Self::Document => "DOCUMENT",
            Self::Audio => "AUDIO",
            Self::Voice => "VOICE",
            Self::Video => "VIDEO",
        }
    }

    /// As the contract calls it.
    pub const fn attachment(self) -> AttachmentKind {
        match self {
            Self::Image => AttachmentKind::Image,
            Self::Document => AttachmentKind::File,
            Self::Audio | Self::Voice => AttachmentKind::Voice,
            Self::Video => AttachmentKind::Video,
        }
    }

    /// The marker of an attachment.
    pub const fn of(kind: AttachmentKind) -> Self {
        match kind {
            AttachmentKind::Image => Self::Image,
            AttachmentKind::File => Self::Document,
            AttachmentKind::Voice => Self::Voice,
            AttachmentKind::Video => Self::Video,
        }
    }

    /// What `data:TYPE` holds.
    fn of_data(place: &str) -> Self {
        let is = |kind: &str| place.get(5..).is_some_and(|mime| mime.starts_with(kind));
        match () {
            () if is("image/") => Self::Image,
            () if is("audio/") => Self::Voice,
            () if is("video/") => Self::Video,
            () => Self::Document,
        }
    }
}

/// A file named in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Marker {
    /// What it is called.
    pub kind: MarkerKind,
    /// A path, an address, or the bytes: `data:…` or `base64://…`.
    pub place: String,
}

impl Marker {
    fn data(place: &str) -> Self {
        let kind = MarkerKind::of_data(place);
        let place = place.to_owned();
        Self { kind, place }
    }
}

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

/// What may stand at a place of a text.
enum Seen {
    /// A marker of so many bytes.
    Whole(usize, Marker),
    /// The beginning of one, if the text goes on so.
    Begun,
    Nothing,
}

/// The markers of a text and what may become one, in order.
struct Markers<'t> {
    text: &'t str,
    at: usize,
    code: Option<Code>,
}

impl<'t> Markers<'t> {
    const fn of(text: &'t str) -> Self {
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

/// What `text` begins with.
fn seen(text: &str) -> Seen {
    match text.as_bytes() {
        [b'[', ..] => bracket(text),
        [b'!', ..] => picture(text),
        [b'<', ..] => tag(text),
        _ => bare(text),
    }
}

/// How a text goes on.
enum After<'t> {
    /// With the word, and then with this.
    With(&'t str),
    /// It ends within the word.
    Within,
    Otherwise,
}

fn after<'t>(text: &'t str, word: &str) -> After<'t> {
    match text.strip_prefix(word) {
        Some(rest) => After::With(rest),
        None if word.starts_with(text) => After::Within,
        None => After::Otherwise,
    }
}

/// `[KIND:PLACE]`.
fn bracket(text: &str) -> Seen {
    let inner = text.get(1..).unwrap_or_default();
    let mut begun = Seen::Nothing;
    for kind in MarkerKind::ALL {
        match after(inner, kind.name()) {
            After::With("") | After::Within => begun = Seen::Begun,
            After::With(rest) => {
                let Some(place) = rest.strip_prefix(':') else {
                    continue;
                };
                return bracketed(text.len() - place.len(), kind, place);
            }
            After::Otherwise => {}
        }
    }
    begun
}

/// The rest of a bracket behind its first `before` bytes.
fn bracketed(before: usize, kind: MarkerKind, place: &str) -> Seen {
    let whole = |end: usize, place: &str| match place.trim() {
        "" => Seen::Nothing,
        place => {
            let place = place.to_owned();
            Seen::Whole(before + end, Marker { kind, place })
        }
    };
    if inline::is_inline(place.trim_start()) {
        return match place.find(['[', ']']) {
            Some(end) if place.as_bytes().get(end) == Some(&b']') => {
                whole(end + 1, place.get(..end).unwrap_or_default())
            }
            Some(_) => Seen::Nothing,
            None => unclosed(before + place.len(), place, kind),
        };
    }
    let near = first(place, LONGEST_PLACE);
    match near.find(['[', ']', '\n']) {
        Some(end) if near.as_bytes().get(end) == Some(&b']') => {
            whole(end + 1, near.get(..end).unwrap_or_default())
        }
        Some(_) => Seen::Nothing,
        None => begun_if(near.len() == place.len()),
    }
}

/// A place that breaks off with the text: of a long run of bytes nothing else can
/// be meant.
fn unclosed(length: usize, place: &str, kind: MarkerKind) -> Seen {
    let tail = place.bytes().rev().take_while(u8::is_ascii_graphic);
    if tail.count() < inline::SHORTEST {
        return Seen::Begun;
    }
    let place = BROKEN.to_owned();
    Seen::Whole(length, Marker { kind, place })
}

/// `![x](data:…)`, perhaps with a title.
fn picture(text: &str) -> Seen {
    let After::With(alt) = after(text, "![") else {
        return begun_if(text.len() < 2);
    };
    let near = first(alt, LONGEST_FRAME);
    let Some(end) = near.find(['[', ']']) else {
        return begun_if(near.len() == alt.len());
    };
    let behind = alt.get(end..).unwrap_or_default();
    let After::With(place) = after(behind, "](") else {
        return begun_if(behind.len() < 2);
    };
    let place = place.trim_start();
    let place = place.strip_prefix('<').unwrap_or(place);
    match after(place, "data:") {
        After::Within => return Seen::Begun,
        After::Otherwise => return Seen::Nothing,
        After::With(_) => {}
    }
    match place.find([')', '(', '[', ']']) {
        Some(end) if place.as_bytes().get(end) == Some(&b')') => {
            let address = place.get(..end).unwrap_or_default();
            let address = address.split(['>', '"', '\'']).next().unwrap_or_default();
            Seen::Whole(
                text.len() - place.len() + end + 1,
                Marker::data(address.trim()),
            )
        }
        Some(_) => Seen::Nothing,
        None => unclosed(text.len(), place, MarkerKind::of_data(place)),
    }
}

/// At most so many bytes: what is looked for further on is not found, and no text
/// is looked through once for each of its brackets.
fn first(text: &str, bytes: usize) -> &str {
    let near = text.get(..text.floor_char_boundary(bytes));
    near.unwrap_or(text)
}

const fn begun_if(ends: bool) -> Seen {
    if ends { Seen::Begun } else { Seen::Nothing }
}

/// `<img src="data:…">`.
fn tag(text: &str) -> Seen {
    let word = text.get(..text.len().min(4)).unwrap_or_default();
    if !"<img".starts_with(&word.to_ascii_lowercase()) {
        return Seen::Nothing;
    }
    let frame = first(text, LONGEST_FRAME);
    let Some(at) = frame.find("data:") else {
        return begun_if(frame.len() == text.len() && !frame.contains('>'));
    };
    let (before, place) = text.split_at(at);
    let Some(quote) = before
        .chars()
        .next_back()
        .filter(|c| matches!(c, '"' | '\''))
    else {
        return Seen::Nothing;
    };
    if before.contains('>') {
        return Seen::Nothing;
    }
    let Some(end) = place.find(quote) else {
        return unclosed(text.len(), place, MarkerKind::of_data(place));
    };
    let (place, behind) = place.split_at(end);
    let near = first(behind, LONGEST_FRAME);
    match near.find('>') {
        Some(more) => Seen::Whole(at + end + more + 1, Marker::data(place)),
        None => begun_if(near.len() == behind.len()),
    }
}

/// `data:image/png;base64,…`, nothing around it.
fn bare(text: &str) -> Seen {
    match (after(text, "data:"), inline::run(text)) {
        (After::Within, _) => Seen::Begun,
        (After::Otherwise, _) | (_, None) => Seen::Nothing,
        (After::With(_), Some(inline::Run::Begun)) => Seen::Begun,
        (After::With(_), Some(inline::Run::Whole(end))) => {
            Seen::Whole(end, Marker::data(text.get(..end).unwrap_or_default()))
        }
    }
}

#[cfg(test)]
#[path = "tests/markers.rs"]
mod tests;

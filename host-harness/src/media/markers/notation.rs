//! What a text may begin with: `[KIND:PLACE]`, `![x](data:…)`, `<img src="data:…">`
//! or the bare address; whole, or cut off by the end of the text.

use super::kind::{Marker, MarkerKind};
use crate::media::inline;

/// Bytes of a path or an address.
const LONGEST_PLACE: usize = 4_096;
/// Bytes of what stands around an inline picture: its words, its other attributes.
const LONGEST_FRAME: usize = 1_000;
/// What a picture stands in that broke off with its text.
const BROKEN: &str = "data:,";

/// What may stand at a place of a text.
pub(super) enum Seen {
    /// A marker of so many bytes.
    Whole(usize, Marker),
    /// The beginning of one, if the text goes on so.
    Begun,
    Nothing,
}

/// What `text` begins with.
pub(super) fn seen(text: &str) -> Seen {
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

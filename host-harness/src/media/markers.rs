//! PRX's notation for files in text: `[KIND:PLACE]`.

use std::ops::Range;

use crate::contract::AttachmentKind;

/// What a marker calls its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
}

/// A file named in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marker {
    /// What it is called.
    pub kind: MarkerKind,
    /// A path or an address.
    pub place: String,
}

/// A run of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Words.
    Words(Range<usize>),
    /// A marker, and where it stands.
    Marker(Range<usize>, Marker),
}

/// Cuts `text` at its markers. The pieces cover it.
pub fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let (mut from, mut at) = (0, 0);
    while let Some(open) = text.get(at..).and_then(|rest| rest.find('[')) {
        let start = at + open;
        at = start + 1;
        let Some((length, marker)) = text.get(start..).and_then(marker) else {
            continue;
        };
        if from < start {
            pieces.push(Piece::Words(from..start));
        }
        from = start + length;
        at = from;
        pieces.push(Piece::Marker(start..from, marker));
    }
    if from < text.len() {
        pieces.push(Piece::Words(from..text.len()));
    }
    pieces
}

/// The marker `text` begins with, and its length.
fn marker(text: &str) -> Option<(usize, Marker)> {
    let inner = text.strip_prefix('[')?;
    let end = inner.find([']', '\n'])?;
    let inner = inner
        .get(..end)
        .filter(|_| text.as_bytes().get(end + 1) == Some(&b']'))?;
    let (name, place) = inner.split_once(':')?;
    let kind = MarkerKind::ALL
        .into_iter()
        .find(|kind| kind.name() == name)?;
    let place = place.trim();
    if place.is_empty() {
        return None;
    }
    let marker = Marker {
        kind,
        place: place.to_owned(),
    };
    Some((end + 2, marker))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words as they are, markers as `<KIND place>`.
    fn shown(text: &str) -> String {
        let show = |piece: &Piece| match piece {
            Piece::Words(range) => text.get(range.clone()).unwrap_or("!").to_owned(),
            Piece::Marker(_, m) => format!("<{} {}>", m.kind.name(), m.place),
        };
        pieces(text).iter().map(show).collect()
    }

    #[test]
    fn markers_are_found_and_other_brackets_are_words() {
        for (text, expected) in [
            ("a [IMAGE:/x/a.png] b", "a <IMAGE /x/a.png> b"),
            ("[VIDEO: https://a/b?c=1 ]", "<VIDEO https://a/b?c=1>"),
            ("[AUDIO:a][VOICE:b]", "<AUDIO a><VOICE b>"),
            ("[[DOCUMENT:a b.pdf]]", "[<DOCUMENT a b.pdf>]"),
            (
                "[image:x] [IMAGE] [IMAGE:] [IMAGE: ]",
                "[image:x] [IMAGE] [IMAGE:] [IMAGE: ]",
            ),
            ("[IMAGE:a\nb]", "[IMAGE:a\nb]"),
            ("[IMAGE:a", "[IMAGE:a"),
            ("[x](y) [图片:z]", "[x](y) [图片:z]"),
            ("", ""),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    /// Every text of up to five of these, put together: no text is lost, whatever
    /// stands around a marker.
    #[test]
    fn the_pieces_are_the_text() {
        let bits = [
            "[",
            "]",
            "[IMAGE:",
            "[VOICE:x]",
            "图",
            "\n",
            ":",
            "a]",
            "[DOCUMENT:é]",
        ];
        let mut texts = vec![String::new()];
        for _ in 0..5 {
            let longer = texts
                .iter()
                .flat_map(|text| bits.map(|bit| format!("{text}{bit}")));
            texts = longer.collect();
            for text in &texts {
                let range = |piece: &Piece| match piece {
                    Piece::Words(range) | Piece::Marker(range, _) => range.clone(),
                };
                let joined: String = pieces(text)
                    .iter()
                    .filter_map(|piece| text.get(range(piece)))
                    .collect();
                assert_eq!(joined, *text);
            }
        }
    }
}

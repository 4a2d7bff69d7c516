//! A file named in a text, and what it is called.

use crate::contract::AttachmentKind;

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
    pub(super) const ALL: [Self; 5] = [
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
    pub(super) fn of_data(place: &str) -> Self {
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
    pub(super) fn data(place: &str) -> Self {
        let kind = MarkerKind::of_data(place);
        let place = place.to_owned();
        Self { kind, place }
    }
}

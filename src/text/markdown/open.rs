//! What is open while the events of a text pass: begun, and not ended.

use std::ops::Range;

use pulldown_cmark::LinkType;

/// A heading that is being read.
pub(super) struct Heading {
    /// Of its text.
    pub(super) content: Option<Range<usize>>,
    /// Whether it becomes bold, so that nothing inside can.
    pub(super) bold: bool,
}

/// A link that is being read.
pub(super) struct Link {
    pub(super) url: String,
    pub(super) kind: LinkType,
    pub(super) titled: bool,
    /// Its text as it is read.
    pub(super) label: String,
    /// End of what is inside.
    pub(super) end: usize,
    pub(super) mark: usize,
}

/// An image that is being read. Images inside its text are nothing but text.
pub(super) struct Image {
    pub(super) kind: LinkType,
    pub(super) url: String,
    /// Whether QQ would not know it as it is written.
    pub(super) foreign: bool,
    pub(super) label: String,
    /// Where its text is.
    pub(super) inside: Range<usize>,
    pub(super) depth: usize,
}

/// An item that is being read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Level {
    /// Columns before what is inside. `None` if it keeps its indentation.
    pub(super) base: Option<usize>,
    pub(super) marker: usize,
}

/// A table that is being read.
pub(super) struct Table {
    /// The header first.
    pub(super) rows: Vec<Vec<Range<usize>>>,
    /// A row has more cells than the header.
    pub(super) is_ragged: bool,
    pub(super) mark: usize,
}

//! What Markdown is mapped to.

/// What Markdown becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Qq {
        tables: bool,
    },
    Plain,
    /// The same, of what was written for QQ: every backslash in front of a mark
    /// is an escape there.
    PlainOfQq,
}

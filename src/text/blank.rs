//! What shows nothing.

/// White space, and what is as invisible alone. A joiner is not: it belongs to
/// the emoji around it.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}' | '\u{2060}' | '\u{feff}')
}

/// Whether a reader would see an empty message.
pub(super) fn all_blank(text: &str) -> bool {
    text.chars().all(is_blank)
}

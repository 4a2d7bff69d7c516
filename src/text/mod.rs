//! Everything done to text before it is sent, as pure functions.
//!
//! `split` cuts long text into messages, `markdown` fits Markdown to what QQ
//! shows or takes it out, `links` finds URLs and disarms them, `guild` escapes,
//! `clean` takes out what cannot be seen, `files` what nobody reads, `tags` what
//! pings or presses. None of them asks whether the text may be sent.

mod blank;
pub(crate) mod clean;
pub(crate) mod files;
pub(crate) mod fuzz;
pub(crate) mod guild;
pub(crate) mod links;
pub(crate) mod markdown;
mod markup;
pub(crate) mod split;
pub(crate) mod tags;

/// UTF-16 code units of `text`.
///
/// QQ publishes no limit and does not say what it counts. UTF-16 never counts
/// less than characters do, so what fits in these units fits in characters too.
pub(crate) fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

#[cfg(test)]
mod corpus;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod properties;

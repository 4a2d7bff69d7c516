//! What a link leads to, and whether it is one: `arr[i](x)` is code.

use pulldown_cmark::LinkType;

use crate::text::links;

/// Schemes that need no `//`.
const SCHEMES: &[&str] = &["mailto", "tel", "sms", "data", "file", "magnet", "mqqapi"];

/// What `[label](url)` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Link,
    /// A label alone: what it led to nobody can open, or it was taken out.
    Label,
    /// No markup at all.
    Text,
}

/// Judged by where it leads, and by what stands around it: a word in front is
/// called or indexed, `[this]() {` begins a function.
pub(super) fn meaning(before: &str, url: &str, after: &str) -> Meaning {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_indexed = before.ends_with(is_word);
    let is_function = after.trim_start().starts_with(['{', '-']);
    match url {
        _ if is_file(url) => Meaning::Label,
        "" if is_indexed || is_function => Meaning::Text,
        "" => Meaning::Label,
        _ if has_scheme(url) => Meaning::Link,
        _ if !is_indexed && is_place(url) => Meaning::Link,
        _ => Meaning::Text,
    }
}

/// Written out in the address itself.
pub(super) fn is_file(url: &str) -> bool {
    let scheme = url.get(..5).unwrap_or_default();
    scheme.eq_ignore_ascii_case("data:")
}

pub(super) fn has_scheme(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once(':') else {
        return false;
    };
    let is_letter = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    let known = SCHEMES
        .iter()
        .any(|known| known.eq_ignore_ascii_case(scheme));
    known || (!scheme.is_empty() && scheme.chars().all(is_letter) && rest.starts_with("//"))
}

/// Whether the platform can fetch it: QQ docs, server-inter/message/type/markdown.
pub(super) fn is_web(url: &str) -> bool {
    let scheme = url.split_once("://").map_or("", |(scheme, _)| scheme);
    scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http")
}

/// A URL that may stand in parentheses.
pub(super) fn target(url: &str) -> String {
    let url = url.replace(' ', "%20").replace('(', "%28");
    url.replace(')', "%29").replace(['<', '\n'], "")
}

pub(super) fn is_reference(kind: LinkType) -> bool {
    matches!(
        kind,
        LinkType::Reference
            | LinkType::ReferenceUnknown
            | LinkType::Collapsed
            | LinkType::CollapsedUnknown
            | LinkType::Shortcut
            | LinkType::ShortcutUnknown
    )
}

/// A path, a part of a page, a domain.
fn is_place(url: &str) -> bool {
    let domain = || {
        links::find(url)
            .first()
            .is_some_and(|found| found.start == 0)
    };
    url.starts_with('#') || url.contains('/') || domain()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_somewhere_and_stands_behind_no_name() {
        use Meaning::{Label, Link, Text};
        for (before, url, after, expected) in [
            ("", "https://a.b/c", "", Link),
            ("Python", "https://a.b", "", Link),
            ("见", "docs/a.md", "", Link),
            ("", "/a", "", Link),
            ("", "#part", "", Link),
            ("", "README.md", "", Link),
            ("(", "MAILTO:a@b.c", "", Link),
            ("", "x", "", Text),
            ("", "a, b", "", Text),
            ("", "std::move", "", Text),
            ("arr", "/x", "", Text),
            ("f", "1", "", Text),
            ("a_", "", "", Text),
            ("", "", " {", Text),
            ("= ", "", " -> int {", Text),
            ("", "", "。", Label),
            ("", "data:application/zip;base64,…", "", Label),
            ("word", "Data:,", "", Label),
        ] {
            let found = meaning(before, url, after);
            assert_eq!(found, expected, "{before}[]({url}){after}");
        }
    }
}

//! Tags of HTML as they are read, and which of them mean something.

/// Longer tags are none.
pub(super) const LONGEST: usize = 2_048;

/// Tags that only group or style: they go, their content stays.
pub(super) const DROPPED: &[&str] = &[
    "abbr",
    "article",
    "big",
    "blockquote",
    "caption",
    "center",
    "cite",
    "col",
    "colgroup",
    "details",
    "dd",
    "dfn",
    "dl",
    "figcaption",
    "figure",
    "font",
    "footer",
    "header",
    "ins",
    "label",
    "main",
    "mark",
    "nav",
    "ol",
    "pre",
    "section",
    "small",
    "span",
    "sub",
    "sup",
    "table",
    "tbody",
    "tfoot",
    "thead",
    "u",
    "ul",
    "wbr",
];

/// Tags that become something, one way or another.
pub(super) const MAPPED: &[&str] = &[
    "a", "b", "code", "del", "div", "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6", "i", "kbd",
    "li", "p", "s", "samp", "strike", "strong", "summary", "td", "th", "tr", "tt",
];

/// Whether a tag of this name, with its end, is taken for HTML.
pub(super) fn is_known(name: &str) -> bool {
    MAPPED.contains(&name) || DROPPED.contains(&name)
}

/// `<name attributes>` or `</name>`.
#[derive(Debug)]
pub(super) struct Tag<'t> {
    pub(super) name: &'t str,
    attributes: &'t str,
    pub(super) closing: bool,
    pub(super) length: usize,
}

/// What follows the comment at the start of `text`; `endless` once none ends.
pub(super) fn after_comment<'t>(text: &'t str, endless: &mut bool) -> Option<&'t str> {
    let inner = text.strip_prefix("<!--").filter(|_| !*endless)?;
    let end = inner.find("-->");
    *endless = end.is_none();
    inner.get(end? + 3..)
}

impl<'t> Tag<'t> {
    /// Reads the tag at the start of `text`.
    pub(super) fn read(text: &'t str) -> Option<Self> {
        let inner = text.strip_prefix('<')?;
        let (closing, inner) = match inner.strip_prefix('/') {
            Some(inner) => (true, inner),
            None => (false, inner),
        };
        let name = inner.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let (name, attributes) = inner.split_at_checked(name)?;
        // Capitals are types: `<T>`.
        if name.is_empty() || name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return None;
        }
        let end = end_of_tag(attributes)?;
        Some(Self {
            name,
            attributes: attributes.get(..end)?,
            closing,
            length: text.len() - attributes.len() + end + 1,
        })
    }

    pub(super) fn attribute(&self, name: &str) -> Option<&'t str> {
        let mut rest = self.attributes;
        while let Some(found) = rest.find(name) {
            let (before, after) = rest.split_at(found);
            rest = after.get(name.len()..)?;
            let value = rest.trim_start().strip_prefix('=').map(str::trim_start);
            let starts = before.ends_with(|c: char| c.is_ascii_whitespace());
            if let Some(value) = value.filter(|_| starts) {
                return unquoted(value);
            }
        }
        None
    }
}

/// Where the `>` stands that ends a tag.
fn end_of_tag(attributes: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in attributes.bytes().enumerate().take(LONGEST) {
        match (quote, byte) {
            (None, b'>') => return Some(at),
            (None, b'<') => return None,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}

fn unquoted(value: &str) -> Option<&str> {
    for quote in ['"', '\''] {
        if let Some(value) = value.strip_prefix(quote) {
            return value.split_once(quote).map(|(value, _)| value);
        }
    }
    value
        .split(|c: char| c.is_ascii_whitespace() || c == '/')
        .next()
}

//! HTML as Markdown or plain text. Tags nobody knows stay: in prose about code,
//! `Vec<String>` is no HTML. So do those that end nothing and are not ended
//! (`closed`).

use super::closed::Closed;
use super::images::{is_web, plain_image};
use super::targets::{has_scheme, is_file};

/// Longer tags are none.
const LONGEST: usize = 2_048;

/// Tags that only group or style: they go, their content stays.
const DROPPED: &[&str] = &[
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
const MAPPED: &[&str] = &[
    "a", "b", "code", "del", "div", "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6", "i", "kbd",
    "li", "p", "s", "samp", "strike", "strong", "summary", "td", "th", "tr", "tt",
];

/// Whether a tag of this name, with its end, is taken for HTML.
pub(super) fn is_known(name: &str) -> bool {
    MAPPED.contains(&name) || DROPPED.contains(&name)
}

/// What is remembered between the tags of a text.
pub(super) struct Html {
    /// What stands behind the text of the open `<a>`s.
    links: Vec<String>,
    closed: Closed,
    /// Whether a comment was met that never ends.
    endless_comment: bool,
}

/// `<name attributes>` or `</name>`.
#[derive(Debug)]
pub(super) struct Tag<'t> {
    pub(super) name: &'t str,
    attributes: &'t str,
    pub(super) closing: bool,
    pub(super) length: usize,
}

impl Html {
    pub(super) const fn new(closed: Closed) -> Self {
        Self {
            links: Vec::new(),
            closed,
            endless_comment: false,
        }
    }

    /// `source` stands at `offset` in the text and holds tags and text.
    pub(super) fn map(&mut self, source: &str, offset: usize, plain: bool) -> String {
        let mut out = String::with_capacity(source.len());
        let mut rest = source;
        while let Some(open) = rest.find('<') {
            let (before, tag) = rest.split_at(open);
            out.push_str(before);
            if let Some(after) = after_comment(tag, &mut self.endless_comment) {
                rest = after;
                continue;
            }
            let at = offset + (source.len() - tag.len());
            let known = Tag::read(tag).filter(|_| self.closed.holds(at));
            let known = known.and_then(|tag| Some((self.words(&tag, plain)?, tag.length)));
            let length = known.as_ref().map_or(1, |(_, length)| *length);
            let (tag, after) = tag.split_at(length);
            out.push_str(known.as_ref().map_or(tag, |(words, _)| words));
            rest = after;
        }
        out.push_str(rest);
        out
    }

    /// What a tag means; `None` if it is unknown.
    fn words(&mut self, tag: &Tag<'_>, plain: bool) -> Option<String> {
        let mark = |mark: &str| {
            if plain {
                String::new()
            } else {
                mark.to_owned()
            }
        };
        Some(match (tag.name, tag.closing) {
            ("br", _) => "\n".to_owned(),
            ("b" | "strong", _) => mark("**"),
            ("i" | "em", _) => mark("*"),
            ("s" | "del" | "strike", _) => mark("~~"),
            ("code" | "kbd" | "samp" | "tt", _) => mark("`"),
            ("h1", false) => mark("# "),
            ("h2", false) => mark("## "),
            ("h3" | "h4" | "h5" | "h6", false) => mark("**"),
            ("h3" | "h4" | "h5" | "h6", true) => mark("**") + "\n",
            ("summary", false) => mark("**"),
            ("summary", true) => mark("**") + "\n",
            ("hr", _) if plain => "\n———\n".to_owned(),
            ("hr", _) => "\n\n***\n\n".to_owned(),
            ("li", false) if plain => "• ".to_owned(),
            ("li", false) => "- ".to_owned(),
            ("td" | "th", true) => " ".to_owned(),
            ("h1" | "h2" | "p" | "div" | "tr" | "dt", true) => "\n".to_owned(),
            ("p" | "div" | "tr" | "dt", false) | ("li" | "td" | "th", _) => String::new(),
            ("img", _) => image(tag, plain)?,
            ("a", false) => self.open_link(tag, plain),
            ("a", true) => self.links.pop().unwrap_or_default(),
            (name, _) if DROPPED.contains(&name) => String::new(),
            _ => return None,
        })
    }

    fn open_link(&mut self, tag: &Tag<'_>, plain: bool) -> String {
        let url = tag.attribute("href").unwrap_or_default();
        let is_link = !plain && has_scheme(url) && !is_file(url);
        self.links.push(match url {
            _ if is_link => format!("]({url})"),
            _ if url.is_empty() || url.starts_with('#') || is_file(url) => String::new(),
            _ => format!(" ({url})"),
        });
        if is_link {
            "[".to_owned()
        } else {
            String::new()
        }
    }
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

    fn attribute(&self, name: &str) -> Option<&'t str> {
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

fn image(tag: &Tag<'_>, plain: bool) -> Option<String> {
    let url = tag.attribute("src")?;
    let label = tag.attribute("alt").unwrap_or_default();
    if plain || !is_web(url) {
        return Some(plain_image(label, url));
    }
    let pixels = |name| {
        let value = tag.attribute(name)?;
        value.trim_end_matches("px").parse::<u16>().ok()
    };
    let size = match (pixels("width"), pixels("height")) {
        (Some(width), Some(height)) => format!(" #{width}px #{height}px"),
        _ => String::new(),
    };
    Some(format!("![{label}{size}]({url})"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::markdown::{open_tag, to_plain};

    #[test]
    fn what_is_known_is_taken_out_with_its_end_alone() {
        for name in MAPPED.iter().chain(DROPPED) {
            let pair = format!("1 <{name}>x</{name}> 2");
            assert!(!to_plain(&pair).contains('<'), "{pair}");
            assert_eq!(open_tag(&pair), None, "{pair}");
            if matches!(*name, "col" | "wbr") {
                continue;
            }
            for lone in [format!("1 <{name}>x 2"), format!("1 x</{name}> 2")] {
                assert_eq!(to_plain(&lone), lone);
            }
            assert_eq!(open_tag(&format!("1 <{name}>x")), Some(2), "{name}");
        }
        assert_eq!(open_tag("<T>x, Vec<string>, `<b>`, <br>"), None);
    }
}

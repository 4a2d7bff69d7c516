//! HTML as Markdown or plain text. Tags nobody knows stay: in prose about code,
//! `Vec<String>` is no HTML.

use super::images::{is_web, plain_image};

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

/// What is remembered between the tags of a text.
pub(super) struct Html {
    /// Of the open `<a>`s.
    urls: Vec<String>,
    /// Where the last `</a>` stands.
    last_close: Option<usize>,
    /// Whether a comment was met that never ends.
    endless_comment: bool,
}

/// `<name attributes>` or `</name>`.
struct Tag<'t> {
    name: &'t str,
    attributes: &'t str,
    closing: bool,
    length: usize,
}

impl Html {
    pub(super) fn new(text: &str) -> Self {
        Self {
            urls: Vec::new(),
            last_close: text.rfind("</a>"),
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
            if let Some(after) = self.skip_comment(tag) {
                rest = after;
                continue;
            }
            let at = offset + (source.len() - tag.len());
            let known = Tag::read(tag);
            let known = known.and_then(|tag| Some((self.words(&tag, at, plain)?, tag.length)));
            let length = known.as_ref().map_or(1, |(_, length)| *length);
            let (tag, after) = tag.split_at(length);
            out.push_str(known.as_ref().map_or(tag, |(words, _)| words));
            rest = after;
        }
        out.push_str(rest);
        out
    }

    /// What follows the comment at the start of `text`.
    fn skip_comment<'t>(&mut self, text: &'t str) -> Option<&'t str> {
        let inner = text
            .strip_prefix("<!--")
            .filter(|_| !self.endless_comment)?;
        let end = inner.find("-->");
        self.endless_comment = end.is_none();
        inner.get(end? + 3..)
    }

    /// What a tag means; `None` if it is unknown.
    fn words(&mut self, tag: &Tag<'_>, at: usize, plain: bool) -> Option<String> {
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
            ("a", false) => self.open_link(tag, at, plain),
            ("a", true) => self.close_link(plain),
            (name, _) if DROPPED.contains(&name) => String::new(),
            _ => return None,
        })
    }

    fn open_link(&mut self, tag: &Tag<'_>, at: usize, plain: bool) -> String {
        let closes = self.last_close.is_some_and(|close| close > at);
        match tag.attribute("href").filter(|_| closes) {
            Some(url) => {
                self.urls.push(url.to_owned());
                if plain { String::new() } else { "[".to_owned() }
            }
            None => String::new(),
        }
    }

    fn close_link(&mut self, plain: bool) -> String {
        match self.urls.pop() {
            Some(url) if plain => format!(" ({url})"),
            Some(url) => format!("]({url})"),
            None => String::new(),
        }
    }
}

impl<'t> Tag<'t> {
    /// Reads the tag at the start of `text`.
    fn read(text: &'t str) -> Option<Self> {
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

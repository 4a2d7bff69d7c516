//! HTML as Markdown or plain text. Tags nobody knows stay: in prose about code,
//! `Vec<String>` is no HTML. So do those that end nothing and are not ended
//! (`closed`).

use std::ops::Range;

use super::closed::Closed;
use super::destination::{has_scheme, is_file, is_web};
use super::joint;
use super::picture::plain_image;
use super::tag::{DROPPED, Tag, after_comment};

/// What is remembered between the tags of a text.
pub(super) struct Html {
    /// What stands behind the text of the open `<a>`s.
    links: Vec<String>,
    closed: Closed,
    /// Whether a comment was met that never ends.
    endless_comment: bool,
    /// Whether a tag of code is open.
    in_code: bool,
}

impl Html {
    pub(super) const fn new(closed: Closed) -> Self {
        Self {
            links: Vec::new(),
            closed,
            endless_comment: false,
            in_code: false,
        }
    }

    pub(super) const fn in_code(&self) -> bool {
        self.in_code
    }

    /// Maps what stands at `range` in `text`, tags and text.
    pub(super) fn map(&mut self, text: &str, range: Range<usize>, plain: bool) -> String {
        let source = text.get(range.clone()).unwrap_or_default();
        let mut out = String::with_capacity(source.len());
        let mut rest = source;
        while let Some(open) = rest.find('<') {
            let (before, tag) = rest.split_at(open);
            out.push_str(before);
            if let Some(after) = after_comment(tag, &mut self.endless_comment) {
                rest = after;
                continue;
            }
            let at = range.start + (source.len() - tag.len());
            let known = Tag::read(tag).filter(|_| self.closed.holds(at));
            let known =
                known.and_then(|tag| Some((self.words(text, at, &tag, plain)?, tag.length)));
            let length = known.as_ref().map_or(1, |(_, length)| *length);
            let (tag, after) = tag.split_at(length);
            out.push_str(known.as_ref().map_or(tag, |(words, _)| words));
            rest = after;
        }
        out.push_str(rest);
        out
    }

    /// What the tag at `at` means; `None` if it is unknown.
    fn words(&mut self, text: &str, at: usize, tag: &Tag<'_>, plain: bool) -> Option<String> {
        let mark = |mark: &str| {
            if plain {
                String::new()
            } else {
                mark.to_owned()
            }
        };
        let emphasis = |mark: &str| {
            if plain {
                String::new()
            } else {
                joint::mark(text, &self.closed, at, tag, mark)
            }
        };
        Some(match (tag.name, tag.closing) {
            ("br", _) => "\n".to_owned(),
            ("b" | "strong", _) => emphasis("**"),
            ("i" | "em", _) => emphasis("*"),
            ("s" | "del" | "strike", _) => emphasis("~~"),
            ("code" | "kbd" | "samp" | "tt", closing) => {
                self.in_code = !closing;
                emphasis("`")
            }
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

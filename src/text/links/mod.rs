//! URLs, as the platform sees them, and text without any.
//!
//! QQ refuses a message with the URL of a domain that is not registered for the
//! bot, and takes bare domains for URLs: `example.com`, `file.name`, also in
//! targets of Markdown links. See QQ docs, server-inter/message/overview, codes
//! 40054010 and 304003. What exactly it looks for is not documented; this finds
//! rather too much.

mod find;
mod tld;

use std::ops::Range;

pub(crate) use find::find;

/// Text that is still readable when no dot may look like one.
const DOT: char = '。';

/// Rewriting may join what was apart; this often is enough for any text.
const PASSES: usize = 4;

/// How far back the text of a Markdown link may begin.
const LONGEST_LABEL: usize = 1_024;

/// `text` without URLs: `https://a.b/c` becomes `a。b/c`, and
/// `[text](https://a.b)` becomes `text (a。b)`. Text without URLs stays.
pub(crate) fn neutralise(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..PASSES {
        match pass(&text) {
            Some(next) => text = next,
            None => break,
        }
    }
    text
}

/// `None` if there is nothing to do.
fn pass(text: &str) -> Option<String> {
    let links = links(text);
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for link in &links {
        out.push_str(text.get(at..link.whole.start)?);
        let url = disarmed(text.get(link.url.clone())?);
        // Its text may hold links too.
        let label = pass(link.label).unwrap_or_else(|| link.label.to_owned());
        if label.trim().is_empty() || label == url {
            out.push_str(&url);
        } else {
            out.push_str(&format!("{label} ({url})"));
        }
        at = link.whole.end;
    }
    out.push_str(text.get(at..)?);
    (!links.is_empty()).then_some(out)
}

/// The URLs of a text, the outermost if one stands in the text of another.
fn links(text: &str) -> Vec<Link<'_>> {
    let mut links: Vec<Link<'_>> = Vec::new();
    for url in find(text) {
        let link = Link::around(text, &url).unwrap_or_else(|| Link::bare(text, &url));
        while links
            .last()
            .is_some_and(|last| last.whole.start >= link.whole.start)
        {
            links.pop();
        }
        if links
            .last()
            .is_none_or(|last| last.whole.end <= link.whole.start)
        {
            links.push(link);
        }
    }
    links
}

/// A URL with what belongs to it.
struct Link<'t> {
    whole: Range<usize>,
    url: Range<usize>,
    label: &'t str,
}

impl<'t> Link<'t> {
    /// The Markdown link whose target is `url`.
    fn around(text: &'t str, url: &Range<usize>) -> Option<Self> {
        let before = text.get(..url.start)?;
        let before = before.strip_suffix('<').unwrap_or(before);
        let label = before.strip_suffix("](")?;
        let open = opening(label)?;
        let image = label.get(..open)?.ends_with('!');
        let after = text.get(url.end..)?;
        let after = after.strip_prefix('>').unwrap_or(after);
        let after = untitled(after).strip_prefix(')')?;
        Some(Self {
            whole: open - usize::from(image)..text.len() - after.len(),
            url: url.clone(),
            label: label.get(open + 1..)?,
        })
    }

    /// The URL, and the angles around it.
    fn bare(text: &str, url: &Range<usize>) -> Self {
        let open = text
            .get(..url.start)
            .is_some_and(|before| before.ends_with('<'));
        let close = text
            .get(url.end..)
            .is_some_and(|after| after.starts_with('>'));
        let angle = usize::from(open && close);
        Self {
            whole: url.start - angle..url.end + angle,
            url: url.clone(),
            label: "",
        }
    }
}

/// Where the bracket stands that is closed behind `label`.
fn opening(label: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in label.bytes().enumerate().rev().take(LONGEST_LABEL) {
        match byte {
            b'[' if depth == 0 => return Some(at),
            b'[' => depth -= 1,
            b']' => depth += 1,
            b'\n' => return None,
            _ => {}
        }
    }
    None
}

/// What follows the title of a link.
fn untitled(after: &str) -> &str {
    let title = after.trim_start_matches(' ').strip_prefix('"');
    let rest = title.and_then(|title| title.split_once(['"', '\n']));
    rest.map_or(after, |(_, rest)| rest)
}

/// A URL that is none any more. Only the web's schemes go without saying.
fn disarmed(url: &str) -> String {
    let mut url = url;
    while let Some((scheme, rest)) = url.split_once("://") {
        if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
            break;
        }
        url = rest;
    }
    let url = url.replace("://", "：//");
    let mut out = String::with_capacity(url.len());
    let mut rest = url.chars().peekable();
    while let Some(c) = rest.next() {
        let inner = rest.peek().is_some_and(|next| next.is_alphanumeric());
        out.push(if c == '.' && inner { DOT } else { c });
    }
    out
}

#[cfg(test)]
mod tests;

//! Finds URLs and bare domains.

use std::ops::Range;

use super::tld;

/// Marks that end a sentence rather than a URL.
const TRAILING: &[char] = &[
    '.', ',', ';', ':', '!', '?', '\'', '"', '(', '[', '{', '}', '*', '_', '~', '`', '|',
];

/// Where `text` has URLs, with what they have in front and behind: scheme, port,
/// path. In order, without overlaps.
pub(crate) fn find(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    while let Some(mark) = next_mark(text, at) {
        let least = found.last().map_or(0, |last| last.end);
        let (url, seen) = at_mark(text, mark, least);
        at = seen.max(mark + 1);
        found.extend(url);
    }
    found
}

/// The next place where a URL shows: `.` or `://`.
fn next_mark(text: &str, at: usize) -> Option<usize> {
    let rest = text.as_bytes().get(at..)?;
    let is_mark = |i: usize, byte: u8| match byte {
        b'.' => true,
        b':' => rest.get(i + 1..i + 3) == Some(b"//"),
        _ => false,
    };
    let found = rest
        .iter()
        .enumerate()
        .find(|(i, byte)| is_mark(*i, **byte));
    found.map(|(i, _)| at + i)
}

/// The URL around a mark, and how far the text is known then.
fn at_mark(text: &str, mark: usize, least: usize) -> (Option<Range<usize>>, usize) {
    let before = text.get(least..mark).unwrap_or_default();
    let after = text.get(mark..).unwrap_or_default();
    if let Some(host) = after.strip_prefix("://") {
        let scheme = before.len() - before.trim_end_matches(is_scheme).len();
        let starts = host.starts_with(|c: char| c.is_alphanumeric() || c == '[');
        let end = mark + 3 + if starts { path_end(host) } else { 0 };
        return ((scheme > 0 && starts).then(|| mark - scheme..end), end);
    }
    let start = mark - (before.len() - before.trim_end_matches(is_label).len());
    let host = text.get(start..).unwrap_or_default();
    if start == mark {
        return (None, mark);
    }
    let (domain, seen) = domain_end(host);
    let Some(end) = domain.or_else(|| address_end(host)) else {
        return (None, start + seen);
    };
    let rest = host.get(end..).unwrap_or_default();
    let goes_on = rest.starts_with(['/', ':', '?', '#']);
    let end = start + end + if goes_on { path_end(rest) } else { 0 };
    (Some(mailbox(text, least, start)..end), end)
}

/// Where the mailbox begins whose domain begins at `start`, if there is one.
fn mailbox(text: &str, least: usize, start: usize) -> usize {
    let before = text.get(least..start).unwrap_or_default();
    let name = before.strip_suffix('@');
    name.map_or(start, |name| {
        least + name.trim_end_matches(is_mailbox).len()
    })
}

/// Where a domain ends, behind the last label that is a top-level domain; and
/// where the labels end.
fn domain_end(host: &str) -> (Option<usize>, usize) {
    let mut at = host.find(|c| !is_label(c)).unwrap_or(host.len());
    let mut end = None;
    while let Some(label) = host.get(at..).and_then(|rest| rest.strip_prefix('.')) {
        if let Some(length) = tld::local(label) {
            end = Some(at + 1 + length);
        }
        let ascii = label.find(|c| !is_ascii_label(c)).unwrap_or(label.len());
        if tld::is_known(label.get(..ascii).unwrap_or_default()) {
            end = Some(at + 1 + ascii);
        }
        let length = label.find(|c| !is_label(c)).unwrap_or(label.len());
        if length == 0 {
            break;
        }
        at += 1 + length;
    }
    (end, at)
}

/// Where an address like `192.0.2.1` ends.
fn address_end(host: &str) -> Option<usize> {
    let end = host.find(|c: char| !c.is_ascii_digit() && c != '.');
    let address = host.get(..end.unwrap_or(host.len()))?.trim_end_matches('.');
    let is_address = address.parse::<std::net::Ipv4Addr>().is_ok();
    is_address.then_some(address.len())
}

/// Where the rest of a URL ends.
fn path_end(rest: &str) -> usize {
    let ends = |c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, '<' | '>' | '"' | '`' | '|' | '\u{200b}')
            || ('\u{3000}'..='\u{303f}').contains(&c)
            || ('\u{ff00}'..='\u{ff60}').contains(&c)
            || ('\u{2018}'..='\u{201f}').contains(&c)
    };
    let url = rest.get(..rest.find(ends).unwrap_or(rest.len()));
    let url = unparenthesised(url.unwrap_or_default());
    url.trim_end_matches(TRAILING).len()
}

/// A bracket that nothing opened ends the URL: it belongs to the text around.
fn unparenthesised(url: &str) -> &str {
    let (mut round, mut square) = (0_usize, 0_usize);
    for (at, byte) in url.bytes().enumerate() {
        match byte {
            b'(' => round += 1,
            b'[' => square += 1,
            b')' if round > 0 => round -= 1,
            b']' if square > 0 => square -= 1,
            b')' | b']' => return url.get(..at).unwrap_or_default(),
            _ => {}
        }
    }
    url
}

fn is_scheme(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.')
}

fn is_mailbox(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.' | '_')
}

fn is_label(c: char) -> bool {
    c.is_alphanumeric() || c == '-' || c == '_'
}

fn is_ascii_label(c: char) -> bool {
    c.is_ascii() && is_label(c)
}

//! What no text may hold on its way out, whatever it says: control characters,
//! a terminal's escape codes, marks that turn the direction of what follows, and
//! files written out as base64.
//!
//! Files without `base64` in front are `files`' matter, which knows what is code.
//!
//! Line breaks and tabs stay, and so do joiners and the marks (U+200E, U+200F,
//! U+061C) that Arabic and Hebrew need.

use std::borrow::Cow;

use super::files;

/// No escape code is longer.
const LONGEST_CODE: usize = 2_048;

/// `text` without what may not go out. Doing it again changes nothing.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    let text = if text.contains(is_stray) {
        Cow::Owned(without_strays(text))
    } else {
        Cow::Borrowed(text)
    };
    match files::without_named(&text) {
        Some(shorter) => Cow::Owned(shorter),
        None => text,
    }
}

/// Shows nothing of its own, or changes how other characters show.
fn is_stray(c: char) -> bool {
    let control = c.is_control() && !matches!(c, '\n' | '\t');
    control
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            | '\u{2028}' | '\u{2029}' | '\u{fff9}'..='\u{fffb}')
}

fn without_strays(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, stray)) = rest.find(is_stray).and_then(|at| rest.split_at_checked(at)) {
        out.push_str(before);
        let mut after = stray.chars();
        let c = after.next();
        rest = after.as_str();
        match c {
            Some('\r') if rest.starts_with('\n') => {}
            Some('\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}') => out.push('\n'),
            Some('\u{1b}') => rest = behind_code(rest),
            Some('\u{9b}') => rest = behind_parameters(rest),
            _ => {}
        }
    }
    out.push_str(rest);
    out
}

/// What follows the escape code whose first character was read (ECMA-48).
fn behind_code(code: &str) -> &str {
    let mut inner = code.chars();
    match inner.next() {
        Some('[') => behind_parameters(inner.as_str()),
        Some(']' | 'P' | 'X' | '^' | '_') => behind_string(inner.as_str()),
        Some('(' | ')' | '*' | '+' | '#' | '%') => {
            let mut designated = inner.clone();
            match designated.next() {
                Some(c) if c.is_ascii_alphanumeric() => designated.as_str(),
                _ => inner.as_str(),
            }
        }
        Some('0'..='~') => inner.as_str(),
        _ => code,
    }
}

/// Numbers, and the letter that says what they are for.
fn behind_parameters(code: &str) -> &str {
    let rest = code.trim_start_matches(|c| matches!(c, ' '..='?'));
    let mut last = rest.chars();
    match last.next() {
        Some('@'..='~') => last.as_str(),
        _ => rest,
    }
}

/// A title or an address, up to the bell or the code that ends it.
fn behind_string(code: &str) -> &str {
    let end = code
        .bytes()
        .take(LONGEST_CODE)
        .position(|byte| matches!(byte, 0x07 | 0x1b | b'\n'));
    let ended = end.and_then(|end| code.get(end..));
    match ended {
        Some(ended) if ended.starts_with('\u{7}') => ended.trim_start_matches('\u{7}'),
        Some(ended) => ended.strip_prefix("\u{1b}\\").unwrap_or(code),
        None => code,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_goes_out_that_shows_nothing_or_turns_what_shows() {
        for (text, expected) in [
            ("a\0b\u{7}c\u{8}d\u{7f}e\u{9f}f", "abcdef"),
            ("\u{1b}[1;31m红\u{1b}[0m \u{1b}[2K\u{9b}4mx", "红 x"),
            ("\u{1b}]8;;https://a.b\u{1b}\\t\u{1b}]8;;\u{7}", "t"),
            ("\u{1b}(Bx\u{1b}=y\u{1b}", "xy"),
            ("\u{1b}]never ended", "never ended"),
            ("\u{1b}[38;5", ""),
            ("\u{1b}[红", "红"),
            ("\u{202e}gnp.exe\u{202c} \u{2066}a\u{2069}", "gnp.exe a"),
            ("a\r\nb\rc\u{2028}d\te", "a\nb\nc\nd\te"),
            // What languages and emoji need.
            (
                "👨‍👩‍👧 ❤️ \u{200f}שלום\u{200e} می‌خواهم \u{61c}",
                "👨‍👩‍👧 ❤️ \u{200f}שלום\u{200e} می‌خواهم \u{61c}",
            ),
            (
                "🏴\u{e0067}\u{e0062}\u{e007f} e\u{301}\u{200b}",
                "🏴\u{e0067}\u{e0062}\u{e007f} e\u{301}\u{200b}",
            ),
        ] {
            assert_eq!(clean(text), expected, "{text:?}");
            assert_eq!(clean(expected), expected, "again");
        }
    }
}

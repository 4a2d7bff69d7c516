//! Finds formulas of TeX: `$…$`, `$$…$$`, `\(…\)`, `\[…\]`. QQ shows none, so
//! they are read as they are written, stars, underscores and backslashes.

use std::ops::Range;

/// Longer ones are text between two dollar signs.
const LONGEST: usize = 4_000;

/// What a formula begins and ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Dollar,
    Display,
    Round,
    Square,
}

/// Where `text` has formulas, sorted, without overlaps. Each is read once.
pub(super) fn find(text: &str) -> Vec<Range<usize>> {
    let mut finder = Finder {
        text,
        open: [None; 4],
        found: Vec::new(),
    };
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        at += match byte {
            b'`' => finder.forget(),
            b'\n' => finder.line_break(at),
            b'\\' => finder.backslash(at),
            b'$' => finder.dollars(at),
            _ => 1,
        };
    }
    finder.found
}

/// Whether one of the sorted ranges holds `at`.
pub(super) fn inside(ranges: &[Range<usize>], at: usize) -> bool {
    let next = ranges.partition_point(|range| range.end <= at);
    ranges.get(next).is_some_and(|range| range.contains(&at))
}

struct Finder<'t> {
    text: &'t str,
    /// By [`Kind`]: where one began that may end.
    open: [Option<usize>; 4],
    found: Vec<Range<usize>>,
}

impl Finder<'_> {
    /// No formula holds code. What looks like one inside code is not asked for.
    fn forget(&mut self) -> usize {
        self.open = [None; 4];
        1
    }

    /// A formula ends with its paragraph, one between single dollars with its
    /// line.
    fn line_break(&mut self, at: usize) -> usize {
        let next = self.text.get(at + 1..).unwrap_or_default();
        let line = next.split('\n').next().unwrap_or_default().trim();
        if line.is_empty() || line.starts_with("~~~") {
            self.forget();
        }
        self.set(Kind::Dollar, None);
        1
    }

    fn backslash(&mut self, at: usize) -> usize {
        match self.text.as_bytes().get(at + 1) {
            Some(b'(') => self.set(Kind::Round, Some(at)),
            Some(b'[') => self.set(Kind::Square, Some(at)),
            Some(b')') => self.close(Kind::Round, at, 2),
            Some(b']') => self.close(Kind::Square, at, 2),
            _ => {}
        }
        // `\\[2pt]` is a line break, and `\$` is not a dollar.
        2
    }

    fn dollars(&mut self, at: usize) -> usize {
        let rest = self.text.get(at..).unwrap_or_default();
        let length = rest.len() - rest.trim_start_matches('$').len();
        let (kind, width) = match length {
            1 => (Kind::Dollar, 1),
            2 => (Kind::Display, 2),
            // Decoration, or prices.
            _ => return length,
        };
        if kind == Kind::Dollar && self.open(Kind::Display).is_some() {
            return length;
        }
        let before = self
            .text
            .get(..at)
            .and_then(|before| before.chars().next_back());
        let after = rest.get(width..).and_then(|after| after.chars().next());
        let word = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        let blank = |c: Option<char>| c.is_none_or(char::is_whitespace);
        let single = kind == Kind::Dollar;
        let ends = self.open(kind).is_some() && !(single && (blank(before) || word(after)));
        if ends {
            self.close(kind, at, width);
        } else if !single || (!blank(after) && !word(before)) {
            self.set(kind, Some(at));
        }
        length
    }

    fn open(&self, kind: Kind) -> Option<usize> {
        self.open.get(kind as usize).copied().flatten()
    }

    fn set(&mut self, kind: Kind, at: Option<usize>) {
        if let Some(open) = self.open.get_mut(kind as usize) {
            *open = at;
        }
    }

    /// What began with this kind ends at `at`, with `width` characters.
    fn close(&mut self, kind: Kind, at: usize, width: usize) {
        let Some(start) = self.open(kind) else {
            return;
        };
        let content = self.text.get(start + width..at).unwrap_or_default();
        if is_formula(content, kind) {
            self.found.push(start..at + width);
            self.forget();
        } else {
            self.set(kind, None);
        }
    }
}

/// Whether somebody calculates: money, shell variables and prose do not.
fn is_formula(content: &str, kind: Kind) -> bool {
    let has_command = content.contains('\\');
    let has_sign = has_command || content.contains(['^', '_', '=', '+', '{']);
    let is_prose = !has_command && (content.contains(is_chinese) || has_words(content));
    let is_link = content.contains("](") || content.contains("://");
    let lines = content.contains('\n');
    let is_whole = !lines || kind == Kind::Round || content.starts_with(['\n', '\r']);
    let is_possible = !content.trim().is_empty() && content.len() <= LONGEST;
    is_possible && !is_prose && !is_link && is_whole && (kind != Kind::Square || has_sign)
}

fn is_chinese(c: char) -> bool {
    matches!(c, '\u{3001}'..='\u{9fff}' | '\u{ff00}'..='\u{ffef}')
}

/// Two words of prose, one after the other.
fn has_words(content: &str) -> bool {
    let is_word =
        |word: &str| word.len() > 2 && word.bytes().all(|byte| byte.is_ascii_alphabetic());
    let words = content.split_whitespace().filter(|word| is_word(word));
    words.take(2).count() == 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_found_and_prices_are_not() {
        for (text, expected) in [
            (
                "$a_1*b_1$ 与 $\\{1,2\\}$。",
                &["$a_1*b_1$", "$\\{1,2\\}$"][..],
            ),
            (
                "设 $x$，$$\na &= b \\\\\n- c\n$$",
                &["$x$", "$$\na &= b \\\\\n- c\n$$"],
            ),
            (
                "\\(a_1\\) \\[x = 1\\] \\[\n\\frac{1}{2}\n\\]",
                &["\\(a_1\\)", "\\[x = 1\\]", "\\[\n\\frac{1}{2}\n\\]"],
            ),
            ("$\\text{价格 } * 2$", &["$\\text{价格 } * 2$"]),
            ("$5 和 $6，$价格*数量$，US$5 to 6$", &[]),
            ("$HOME/*_x and $PATH, $a and more than $b", &[]),
            ("\\[1\\] \\[note\\] \\$5 and 6$", &[]),
            ("$a\nb$ $a\n\nb$ $$ x\n- y $$ $$$ a $$$", &[]),
            ("[$a](https://a.b/$c)", &[]),
        ] {
            let found: Vec<&str> = find(text).into_iter().map(|range| &text[range]).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}

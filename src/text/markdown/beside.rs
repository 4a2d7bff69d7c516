//! Marks that what stands beside them makes text, or emphasis: `'*'`, `>_<`,
//! `高/**低**`.

use super::marks::Run;

/// Longer words in quotes are looked at in part.
const LONGEST_QUOTED: usize = 64;

/// Whether the run is text, whatever stands farther away.
pub(super) fn is_text(text: &str, run: Run) -> bool {
    let (before, after) = run.around(text);
    let quoted = is_quote(after) && (before == after || ends_quoted(text, run, after));
    quoted || is_face(text, run)
}

/// `(*^▽^*)`, `_(:з」∠)_`, `-_-`, `>_<`.
fn is_face(text: &str, run: Run) -> bool {
    let (before, after) = run.around(text);
    let rest = text.get(run.at + run.length..).unwrap_or_default();
    let second = rest.chars().nth(1).unwrap_or(' ');
    let eyes = "<>^-=@;.*".contains(before) && (before == after || "<>".contains(after));
    let cheek = matches!(before, '(' | '（') && is_drawn(after);
    let arm = after == '(' && (is_drawn(second) || second == ':');
    run.length == 1 && (cheek || run.mark == b'_' && (eyes || arm))
}

/// What faces are made of and sentences do not begin with.
const fn is_drawn(c: char) -> bool {
    matches!(c, '^' | '￣' | '\u{a8}'..='\u{b8}' | '\u{2200}'..='\u{25ff}')
}

/// Whether the run is the last thing in quotes that begin with such a mark.
fn ends_quoted(text: &str, run: Run, quote: char) -> bool {
    let least = text.floor_char_boundary(run.at.saturating_sub(LONGEST_QUOTED));
    let before = text.get(least..run.at).unwrap_or_default();
    let quoted = before.rsplit_once(quote).map(|(_, quoted)| quoted);
    let begins = quoted.and_then(|quoted| quoted.as_bytes().first());
    run.length == 1 && begins == Some(&run.mark)
}

/// Whether the run is the first thing in quotes, as in `"*y*"`. Two stars there
/// are bold to everybody.
pub(super) fn begins_quoted(before: char, run: Run) -> bool {
    run.length == 1 && is_quote(before)
}

/// `**高**/**低**`: a slash between words is not that of a path.
pub(super) fn is_listed(text: &str, run: Run, after: char) -> bool {
    let before = text.get(..run.at).and_then(|text| text.strip_suffix('/'));
    let word = before.and_then(|before| before.chars().next_back());
    let prose = word.is_some_and(|c| c == '*' || !c.is_ascii() && c.is_alphanumeric());
    run.mark == b'*' && run.length == 2 && after.is_alphanumeric() && prose
}

const fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\'')
}

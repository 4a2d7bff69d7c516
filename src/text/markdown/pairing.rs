//! Which marks of emphasis belong together.
//!
//! Unlike CommonMark's, these rules know that Chinese has no spaces, that code
//! and arithmetic are made of stars and underscores, and that nothing is lost by
//! a star too many.

use super::beside;
use super::marks::{Pair, Run};

/// Longer rows of marks are lines to fill in, or decoration.
const LONGEST_RUN: usize = 4;
/// Longer names are looked at in part.
const LONGEST_NAME: usize = 64;

/// The pairs among the marks of one block, in no order. Each mark is looked at
/// once: what is open is kept by kind, and dropped once something around it ends.
pub(super) fn pairs(text: &str, runs: &[Run]) -> Vec<Pair> {
    let mut pairing = Pairing {
        text,
        open: Default::default(),
        opened: Vec::new(),
        at: runs.first().map_or(0, |first| start(text, first.at)),
        depth: 0,
        pairs: Vec::new(),
    };
    for run in runs {
        pairing.pass_brackets(run.at);
        let is_text = is_name(text, *run) || beside::is_text(text, *run);
        if run.length <= LONGEST_RUN && !is_text {
            pairing.read(*run);
        }
    }
    pairing.pairs
}

/// Where brackets that stand open at `at` may begin, on the same line.
fn start(text: &str, at: usize) -> usize {
    let least = text.floor_char_boundary(at.saturating_sub(LONGEST_NAME));
    let before = text.get(least..at).unwrap_or_default();
    before
        .rfind('\n')
        .map_or(least, |line_break| least + line_break)
}

/// What has begun and not ended: which run it was, as a place in `opened`.
type Stack = Vec<usize>;

struct Pairing<'t> {
    text: &'t str,
    /// By kind: mark, and width.
    open: [Stack; 6],
    /// Every run that may begin something; `length` is what is left of it.
    opened: Vec<(Run, usize)>,
    /// How far the text was searched for brackets, and how many are open there.
    at: usize,
    depth: usize,
    pairs: Vec<Pair>,
}

impl Pairing<'_> {
    /// `f(*args), \d*`: a single mark in brackets ends in them or not at all.
    fn pass_brackets(&mut self, to: usize) {
        let passed = self.text.get(self.at..to).unwrap_or_default();
        for c in passed.chars() {
            match c {
                '(' | '[' | '{' | '（' => self.depth += 1,
                ')' | ']' | '}' | '）' => {
                    self.depth = self.depth.saturating_sub(1);
                    self.leave_brackets();
                }
                _ => {}
            }
        }
        self.at = to;
    }

    fn leave_brackets(&mut self) {
        for mark in [b'*', b'_'] {
            let Some(stack) = self.open.get_mut(kind(mark, 1)) else {
                continue;
            };
            let inner = |nth: &usize| self.opened.get(*nth).is_some_and(|(_, d)| *d > self.depth);
            while stack.last().is_some_and(inner) {
                stack.pop();
            }
        }
    }

    fn read(&mut self, run: Run) {
        let mut run = run;
        if can_close(self.text, run) {
            // From the inside: what began last ends first.
            while let Some(width) = self.innermost(run) {
                self.close(&mut run, width);
            }
        }
        if run.length > 0 && can_open(self.text, run) {
            self.push(run);
        }
    }

    fn push(&mut self, run: Run) {
        let nth = self.opened.len();
        self.opened.push((run, self.depth));
        let widths: &[usize] = match (run.mark, run.length) {
            (b'~', 2) | (_, 2) => &[2],
            (b'~', _) => &[],
            (_, 1) => &[1],
            (_, 3) => &[1, 2],
            _ => &[2, 2],
        };
        for width in widths {
            if let Some(stack) = self.open.get_mut(kind(run.mark, *width)) {
                stack.push(nth);
            }
        }
    }

    /// The width of the last thing open that this run can end.
    fn innermost(&self, run: Run) -> Option<usize> {
        let last = |width: usize| {
            let stack = self.open.get(kind(run.mark, width))?;
            Some((*stack.last()?, width))
        };
        let fits = |width: &usize| match run.length {
            1 => *width == 1,
            2 | 4 => *width == 2,
            _ => *width <= run.length,
        };
        let found = [1, 2].into_iter().filter(fits).filter_map(last).max();
        found.map(|(_, width)| width)
    }

    fn close(&mut self, run: &mut Run, width: usize) {
        let stack = self.open.get_mut(kind(run.mark, width));
        let Some(nth) = stack.and_then(Vec::pop) else {
            return;
        };
        // What began inside and did not end is text.
        for stack in &mut self.open {
            while stack.last().is_some_and(|later| *later > nth) {
                stack.pop();
            }
        }
        let Some((opener, _)) = self.opened.get_mut(nth) else {
            return;
        };
        opener.length -= width;
        let pair = Pair {
            open: opener.at + opener.length,
            close: run.at,
            width,
        };
        run.at += width;
        run.length -= width;
        if encloses_words(self.text, pair) {
            self.pairs.push(pair);
        }
    }
}

/// The place of a kind of emphasis in [`Pairing::open`].
const fn kind(mark: u8, width: usize) -> usize {
    let mark = match mark {
        b'*' => 0,
        b'_' => 2,
        _ => 4,
    };
    mark + width - 1
}

/// Whether what a pair encloses is said with stress: not `**/folder/**`, `*_*`.
fn encloses_words(text: &str, pair: Pair) -> bool {
    let content = text.get(pair.open + pair.width..pair.close);
    let content = content.unwrap_or_default();
    let is_path = content.len() > 1 && content.starts_with('/') && content.ends_with('/');
    !is_path && content != "_"
}

/// Whether underscores may belong to what they enclose: to a name, or to the
/// first and last name of a statement. Where emphasis shows, the writer's marks
/// decide; where it does not, taking them out would change the name.
pub(super) fn is_code(text: &str, pair: Pair) -> bool {
    let content = text.get(pair.open + pair.width..pair.close);
    let content = content.unwrap_or_default();
    let in_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let is_name = content.bytes().all(in_name);
    let underscored = text.as_bytes().get(pair.open) == Some(&b'_');
    underscored && (is_name || content.contains(['=', ';', '{', '}']))
}

/// Whether the run begins or ends a name like `__init__`.
fn is_name(text: &str, run: Run) -> bool {
    let in_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let bytes = text.as_bytes();
    let before = bytes.get(..run.at).unwrap_or_default().iter().rev();
    let before = before.take(LONGEST_NAME).take_while(|b| in_name(b)).count();
    let after = bytes.get(run.at + run.length..).unwrap_or_default();
    let after = after
        .iter()
        .take(LONGEST_NAME)
        .take_while(|b| in_name(b))
        .count();
    let name = text.get(run.at - before..run.at + run.length + after);
    let inner = name.and_then(|name| name.strip_prefix("__")?.strip_suffix("__"));
    run.mark == b'_' && inner.is_some_and(|inner| inner.trim_matches('_').len() > 1)
}

fn can_open(text: &str, run: Run) -> bool {
    let (before, after) = run.around(text);
    let may_begin = can_begin(run.mark, run.length, before, after);
    !beside::begins_quoted(before, run) && (may_begin || beside::is_listed(text, run, after))
}

/// Whether `length` marks between these characters may begin emphasis.
pub(super) fn can_begin(mark: u8, length: usize, before: char, after: char) -> bool {
    if after.is_whitespace() || ends_bracket(after) {
        return false;
    }
    match (mark, length) {
        (b'_', _) => {
            !before.is_alphanumeric() && !".\\/$@-=)]#".contains(before) && !is_sign(after)
        }
        (b'~', _) => length == 2 && !before.is_alphanumeric(),
        (_, 1) => {
            let operand = before.is_alphanumeric() || ends_bracket(before);
            !operand && before != '/' && before != '\\' && !is_sign(after)
        }
        _ => !(ends_operand(before) && begins_operand(after)) && before != '/',
    }
}

fn can_close(text: &str, run: Run) -> bool {
    let (before, after) = run.around(text);
    can_end(run.mark, run.length, before, after) && !(run.mark == b'_' && goes_on(text, run))
}

/// Whether `length` marks between these characters may end emphasis.
pub(super) fn can_end(mark: u8, length: usize, before: char, after: char) -> bool {
    if before.is_whitespace() || begins_bracket(before) {
        return false;
    }
    match (mark, length) {
        (b'_', _) => !after.is_alphanumeric() && !"([=/\\@".contains(after),
        (b'~', _) => length == 2,
        (_, 1) => {
            let product = ends_operand(before) && begins_operand(after);
            !product
                && !after.is_alphanumeric()
                && ![before, after].contains(&'/')
                && before != '\\'
        }
        // Two ends, or an end and a beginning.
        (_, LONGEST_RUN) => true,
        _ => !(ends_operand(before) && after.is_ascii_alphanumeric()),
    }
}

/// `__init__.py`: what stands behind belongs to the same name.
fn goes_on(text: &str, run: Run) -> bool {
    let rest = text.get(run.at + run.length..).unwrap_or_default();
    let word = rest.trim_start_matches(['.', '-', ':']);
    word.len() < rest.len() && word.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
}

/// What a power may stand behind: `2**3`, `(a)**2`.
fn ends_operand(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, ')' | ']' | '}')
}

fn begins_operand(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '(' | '[' | '{')
}

/// `*.rs`, `*/`, `*=`: nobody stresses that.
fn is_sign(c: char) -> bool {
    ".,;:!?/-+=|%".contains(c)
}

fn begins_bracket(c: char) -> bool {
    "([{（【「『《〈〔“‘".contains(c)
}

fn ends_bracket(c: char) -> bool {
    ")]}）】」』》〉〕”’".contains(c)
}

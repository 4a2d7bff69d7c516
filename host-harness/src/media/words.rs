//! What is left of a text when its markers are taken out.

/// A text that is put together again, with the places where something was taken
/// out of it.
#[derive(Default)]
pub(super) struct Words {
    text: String,
    gaps: Vec<usize>,
}

impl Words {
    pub(super) fn push(&mut self, words: &str) {
        self.text.push_str(words);
    }

    /// Something stood here.
    pub(super) fn gap(&mut self) {
        self.gaps.push(self.text.len());
    }

    /// The text as if nothing had stood there: no double space, no space before a
    /// comma, and a line that held nothing else is gone. Other lines stay as they
    /// are.
    pub(super) fn closed(self) -> String {
        if self.gaps.is_empty() {
            return self.text;
        }
        let mut closed = String::with_capacity(self.text.len());
        let mut gaps = self.gaps.into_iter().peekable();
        let mut from = 0;
        for line in self.text.split_inclusive('\n') {
            let end = from + line.len() - usize::from(line.ends_with('\n'));
            let mut here = Vec::new();
            while let Some(gap) = gaps.next_if(|gap| *gap <= end) {
                here.push(gap - from);
            }
            match without(line, &here) {
                Some(line) => closed.push_str(&line),
                None => close_line(&mut closed),
            }
            from += line.len();
        }
        closed.trim_matches('\n').trim_end().to_owned()
    }
}

/// The paragraphs around a line that is gone are one blank line apart.
fn close_line(before: &mut String) {
    if before.ends_with("\n\n") {
        before.pop();
    }
}

/// The line without its gaps; absent if nothing else stood in it.
fn without(line: &str, gaps: &[usize]) -> Option<String> {
    if gaps.is_empty() {
        return Some(line.to_owned());
    }
    let bare = |c: char| c.is_whitespace() || c.is_ascii_digit() || "-*+>.)".contains(c);
    if line.chars().all(bare) {
        return None;
    }
    let ends = gaps.iter().copied().skip(1).chain([line.len()]);
    let first = gaps.first().and_then(|first| line.get(..*first));
    let mut left = first.unwrap_or_default().to_owned();
    for (from, end) in gaps.iter().zip(ends) {
        join(&mut left, line.get(*from..end).unwrap_or_default());
    }
    Some(left)
}

/// Adds what stood behind a gap.
fn join(left: &mut String, right: &str) {
    let blank = |c: char| matches!(c, ' ' | '\t');
    let is_indent = left.chars().all(blank);
    let right = match left.chars().next_back() {
        Some(c) if blank(c) => right.trim_start_matches(blank),
        Some(_) => right,
        None => right.trim_start_matches(blank),
    };
    if right.starts_with(|c: char| c == '\n' || ",.;:!?)，。；：！？、）".contains(c)) && !is_indent
    {
        left.truncate(left.trim_end_matches(blank).len());
    }
    left.push_str(right);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `#` stands for a marker.
    fn closed(text: &str) -> String {
        let mut words = Words::default();
        for (n, part) in text.split('#').enumerate() {
            if n > 0 {
                words.gap();
            }
            words.push(part);
        }
        words.closed()
    }

    #[test]
    fn nothing_shows_where_a_marker_stood() {
        for (text, expected) in [
            ("look # here", "look here"),
            ("look # # here", "look here"),
            ("look #", "look"),
            ("# look", "look"),
            ("#", ""),
            ("见图 #。再见", "见图。再见"),
            ("see #, and # (it)", "see, and (it)"),
            ("a#b", "ab"),
            ("look\n#", "look"),
            ("look\n\n#\n\nand", "look\n\nand"),
            ("look\n# #\nand", "look\nand"),
            ("- #\n- #\nand", "and"),
            ("1. #\n2. b", "2. b"),
            ("- a #\n- b", "- a\n- b"),
            ("  - # a", "  - a"),
            ("    # a", "    a"),
            ("#\nfirst", "first"),
        ] {
            assert_eq!(closed(text), expected, "{text:?}");
        }
    }

    #[test]
    fn other_lines_stay_as_they_are() {
        for text in ["  a  b \n\n\n c ", "\n\n    code\n", "- \n1. ", ""] {
            assert_eq!(closed(text), text);
        }
        assert_eq!(closed("a  b\n    c ,d\n\n\ne #"), "a  b\n    c ,d\n\n\ne");
    }
}

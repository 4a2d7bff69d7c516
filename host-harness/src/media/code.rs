//! Where code stands in a text: nothing in it is a marker.

use std::ops::Range;

use pulldown_cmark::{Event, Parser, Tag};

/// The runs of a text that are code: fenced, indented, between backticks.
pub(super) struct Code(Vec<Range<usize>>);

impl Code {
    pub(super) fn of(text: &str) -> Self {
        let code = Parser::new(text).into_offset_iter();
        let code = code.filter_map(|(event, range)| match event {
            Event::Code(_) | Event::Start(Tag::CodeBlock(_)) => Some(range),
            _ => None,
        });
        Self(code.collect())
    }

    /// Where the code ends that `at` stands in.
    pub(super) fn end_at(&self, at: usize) -> Option<usize> {
        let after = self.0.partition_point(|range| range.end <= at);
        let range = self.0.get(after)?;
        range.contains(&at).then_some(range.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_told_from_words() {
        for (text, expected) in [
            ("a `X` b", true),
            ("a ``x ` X`` b", true),
            ("```\nX\n```", true),
            ("~~~~md\n```\nX\n```\n~~~~", true),
            ("- a\n  ```\n  X\n  ```", true),
            ("> ```\n> X\n> ```", true),
            ("```\nnever closed X", true),
            ("a\n\n    X", true),
            ("X", false),
            ("a\n    X", false),
            ("- a\n\n    X", false),
            ("`a` X `b`", false),
            ("a ` X", false),
            ("```\na\n```\nX", false),
            ("\\`X\\`", false),
        ] {
            let at = text.find('X').unwrap_or_default();
            assert_eq!(Code::of(text).end_at(at).is_some(), expected, "{text}");
        }
    }
}

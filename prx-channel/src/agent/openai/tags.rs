//! The marks that models put round their reasoning.

/// Names of tags, as in `<think>`; attributes may follow.
const NAMES: &[&str] = &["think", "thinking", "thought", "reasoning", "seed:think"];
/// Marks of other shapes.
const MARKS: &[(&str, &str)] = &[
    ("[THINK]", "[/THINK]"),
    ("◁think▷", "◁/think▷"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
];
/// Characters a mark begins with.
pub(super) const BEGINNINGS: [char; 3] = ['<', '[', '◁'];
/// Longest attributes, bytes.
const ATTRIBUTES: usize = 256;

/// Which marks belong together. Tags are closed by any tag of the list: models
/// mix their names up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Tag,
    Mark(usize),
}

/// What stands at the beginning of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    Nothing,
    /// It may become a mark.
    Half,
    /// Of so many bytes.
    Open(Kind, usize),
    Close(Kind, usize),
    /// `<think/>`.
    Empty(usize),
}

/// Is there a mark at the very beginning of `text`?
pub(super) fn at(text: &str) -> Seen {
    match tag(text) {
        Seen::Nothing => mark(text),
        seen => seen,
    }
}

fn mark(text: &str) -> Seen {
    for (kind, (open, close)) in MARKS.iter().enumerate() {
        let kind = Kind::Mark(kind);
        if text.starts_with(open) {
            return Seen::Open(kind, open.len());
        }
        if text.starts_with(close) {
            return Seen::Close(kind, close.len());
        }
        if !text.is_empty() && (open.starts_with(text) || close.starts_with(text)) {
            return Seen::Half;
        }
    }
    Seen::Nothing
}

fn tag(text: &str) -> Seen {
    let Some(inside) = text.strip_prefix('<') else {
        return Seen::Nothing;
    };
    let (closes, inside) = match inside.strip_prefix('/') {
        Some(inside) => (true, inside),
        None => (false, inside),
    };
    let (name, behind) = inside.split_at(name_end(inside));
    if behind.is_empty() {
        return half(NAMES.iter().any(|known| begins(known, name)));
    }
    if !NAMES.iter().any(|known| known.eq_ignore_ascii_case(name)) {
        return Seen::Nothing;
    }
    let Some(end) = tag_end(behind) else {
        return half(behind.len() <= ATTRIBUTES && !behind.contains('<'));
    };
    let length = text.len() - behind.len() + end + 1;
    let attributes = behind.get(..end).unwrap_or_default();
    match attributes.strip_suffix('/').unwrap_or(attributes) {
        own if !own.is_empty() && !own.starts_with(char::is_whitespace) => Seen::Nothing,
        _ if closes => Seen::Close(Kind::Tag, length),
        own if own.len() < attributes.len() => Seen::Empty(length),
        _ => Seen::Open(Kind::Tag, length),
    }
}

fn half(may: bool) -> Seen {
    if may { Seen::Half } else { Seen::Nothing }
}

fn name_end(inside: &str) -> usize {
    inside
        .find(|c: char| !c.is_ascii_alphabetic() && c != ':')
        .unwrap_or(inside.len())
}

fn begins(known: &str, name: &str) -> bool {
    known
        .get(..name.len())
        .is_some_and(|beginning| beginning.eq_ignore_ascii_case(name))
}

/// Where the `>` behind a name and its attributes stands.
fn tag_end(behind: &str) -> Option<usize> {
    let end = behind.find(['<', '>'])?;
    (end <= ATTRIBUTES && behind.get(end..)?.starts_with('>')).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_known_in_their_spellings() {
        let (tag, mark) = (Kind::Tag, Kind::Mark);
        for (text, seen) in [
            ("<think>a", Seen::Open(tag, 7)),
            ("</think>", Seen::Close(tag, 8)),
            ("<Thinking>", Seen::Open(tag, 10)),
            ("</REASONING >x", Seen::Close(tag, 13)),
            ("<think time=\"3\"\n>", Seen::Open(tag, 17)),
            ("<think/>", Seen::Empty(8)),
            ("<seed:think>", Seen::Open(tag, 12)),
            ("[THINK]", Seen::Open(mark(0), 7)),
            ("◁/think▷", Seen::Close(mark(1), "◁/think▷".len())),
            ("<|end_of_thought|>", Seen::Close(mark(2), 18)),
        ] {
            assert_eq!(at(text), seen, "{text}");
            for (cut, _) in text.char_indices().skip(1) {
                let whole = matches!(seen, Seen::Open(_, length) | Seen::Close(_, length) | Seen::Empty(length) if length <= cut);
                let half = &text[..cut];
                assert_eq!(at(half), if whole { seen } else { Seen::Half }, "{half}");
            }
        }
    }

    #[test]
    fn what_only_looks_like_a_mark_is_none() {
        let far = format!("<think {}>", "a".repeat(300));
        for text in [
            "",
            "think>",
            "<thinker>",
            "<th ",
            "<b>",
            "<think-x>",
            "<think<",
            "< think>",
            "[T ",
            "[think]",
            "<|x|>",
            &far,
        ] {
            assert_eq!(at(text), Seen::Nothing, "{text}");
        }
    }
}

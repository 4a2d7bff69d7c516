//! Tags that QQ understands in the text of a bot, and the guard that takes the
//! life out of them.
//!
//! See QQ docs, server-inter/message/trans/text-chain. A tag that is written
//! pings people or puts a command under the user's finger. An agent repeats what
//! it has read, so none of its tags goes out alive unless the operator says so.

use std::ops::Range;

/// What tags begin with.
const OPENERS: [&str; 4] = ["qqbot-", "@", "#", "emoji:"];
/// Longer ones are none: the longest text in a tag is 100 characters, encoded.
const LONGEST: usize = 1_024;
/// Stands in a tag that is none any more. It does not show.
const DEFUSED: char = '\u{200b}';

/// What a tag does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TagKind {
    /// Pings a member: `<@id>`, `<@!id>`, `<qqbot-at-user …>`.
    Mention,
    /// Pings all of them: `@everyone`, `<qqbot-at-everyone />`.
    Everyone,
    /// Leads into a channel: `<#id>`.
    Channel,
    /// Writes or sends words for the user: `<qqbot-cmd-input …>`,
    /// `<qqbot-cmd-enter …>`, `mqqapi:` and tags nobody knows yet.
    Command,
}

impl TagKind {
    /// As the configuration names them.
    pub(crate) const NAMES: [(&'static str, Self); 4] = [
        ("mention", Self::Mention),
        ("everyone", Self::Everyone),
        ("channel", Self::Channel),
        ("command", Self::Command),
    ];
}

/// Which kinds of tags may be written; none as a rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Guard(u8);

impl Guard {
    /// Lets tags of this kind pass too.
    pub(crate) const fn allowing(self, kind: TagKind) -> Self {
        Self(self.0 | 1 << kind as u8)
    }

    /// `text` with U+200B in every tag that may not pass. Doing it again changes
    /// nothing.
    pub(crate) fn defuse(self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut from = 0;
        for at in self.defused(text) {
            out.push_str(text.get(from..at).unwrap_or_default());
            out.push(DEFUSED);
            from = at;
        }
        out.push_str(text.get(from..).unwrap_or_default());
        out
    }

    /// How many characters [`Self::defuse`] adds.
    pub(crate) fn growth(self, text: &str) -> usize {
        self.defused(text).count()
    }

    fn defused(self, text: &str) -> impl Iterator<Item = usize> {
        let starts = text.match_indices(['<', '@', 'm', 'M', '&']);
        starts.filter_map(move |(at, _)| {
            let (kind, head) = live(text.get(at..)?)?;
            (self.0 & 1 << kind as u8 == 0).then_some(at + head)
        })
    }
}

/// What the tag at the start of `text` does, and behind how many bytes of it
/// something invisible makes it text.
fn live(text: &str) -> Option<(TagKind, usize)> {
    let starts = |head: &str| starts_with(text, head);
    if starts("<qqbot-at-everyone") {
        Some((TagKind::Everyone, 1))
    } else if starts("<qqbot-at-user") {
        Some((TagKind::Mention, 1))
    } else if starts("<qqbot-") {
        // Alive or not when it is cut off: nobody says.
        Some((TagKind::Command, 1))
    } else if starts("@everyone") {
        Some((TagKind::Everyone, 1))
    } else if starts("mqqapi:") {
        Some((TagKind::Command, "mqqapi".len()))
    } else if starts("<@") && end(text, 1).is_some() {
        Some((TagKind::Mention, 1))
    } else if starts("<#") && end(text, 1).is_some() {
        Some((TagKind::Channel, 1))
    } else if hides_ascii(text) {
        Some((TagKind::Command, 1))
    } else {
        None
    }
}

/// Whether it writes a visible ASCII character as a number (`&#64;`, `&#x40;`), as
/// nobody does who does not hide a tag. Clients of QQ that read Markdown may read
/// such numbers.
fn hides_ascii(text: &str) -> bool {
    let Some(number) = text.strip_prefix("&#") else {
        return false;
    };
    let (digits, radix) = match number.strip_prefix(['x', 'X']) {
        Some(digits) => (digits, 16),
        None => (number, 10),
    };
    let end = digits.find(|c: char| !c.is_digit(radix));
    let digits = digits.get(..end.unwrap_or(digits.len()).min(8));
    let code = digits.and_then(|digits| u32::from_str_radix(digits, radix).ok());
    code.is_some_and(|code| (0x21..0x7f).contains(&code))
}

fn starts_with(text: &str, head: &str) -> bool {
    let start = text.as_bytes().get(..head.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(head.as_bytes()))
}

/// Where the tag ends whose `<` stands before `inner`.
fn end(text: &str, inner: usize) -> Option<usize> {
    let rest = text.as_bytes().get(inner..)?;
    let length = rest
        .iter()
        .take(LONGEST)
        .position(|byte| matches!(byte, b'>' | b'<' | b'\n'))?;
    (rest.get(length) == Some(&b'>')).then_some(inner + length + 1)
}

/// Where `text` has tags: `<qqbot-…>`, `<@…>`, `<#…>`, `<emoji:…>`.
pub(super) fn find(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.match_indices('<').filter_map(|(start, _)| {
        let inner = text.get(start + 1..)?;
        let known = OPENERS.iter().any(|opener| starts_with(inner, opener));
        let end = end(text, start + 1).filter(|_| known)?;
        Some(start..end)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_found_and_other_angles_are_not() {
        let text = "a < b <@AB> <@ <#12> <emoji:4> <QQBOT-at-user id=\"X\" /> <b> <qqbot- <@\n>";
        let found: Vec<&str> = find(text).map(|range| &text[range]).collect();
        assert_eq!(
            found,
            ["<@AB>", "<#12>", "<emoji:4>", "<QQBOT-at-user id=\"X\" />"]
        );
    }

    #[test]
    fn nothing_pings_or_presses() {
        let none = Guard::default();
        for (text, expected) in [
            ("@everyone 大家好", "@|everyone 大家好"),
            ("x@EveryOne", "x@|EveryOne"),
            ("<@everyone>", "<|@|everyone>"),
            ("<@!12345><@AB> <@张三>", "<|@!12345><|@AB> <|@张三>"),
            ("<qqbot-at-everyone />", "<|qqbot-at-everyone />"),
            (
                "<QQBot-cmd-enter text=\"a\"/>",
                "<|QQBot-cmd-enter text=\"a\"/>",
            ),
            ("<qqbot-cmd-input", "<|qqbot-cmd-input"),
            ("<qqbot-new-thing>", "<|qqbot-new-thing>"),
            ("<#12>", "<|#12>"),
            (
                "[a](mqqapi://aio/inlinecmd?command=x)",
                "[a](mqqapi|://aio/inlinecmd?command=x)",
            ),
            ("[x](mqq&#97;pi://x)", "[x](mqq&|#97;pi://x)"),
            (
                "&#64;everyone &#x3C;@1&#62;",
                "&|#64;everyone &|#x3C;@1&|#62;",
            ),
            ("@e&#118eryone", "@e&|#118eryone"),
            // What does neither.
            (
                "&#20013;&#x4e2d; &#; &#x; &# 64; &lt;@1&gt;",
                "&#20013;&#x4e2d; &#; &#x; &# 64; &lt;@1&gt;",
            ),
            ("<emoji:4> <b> a <@ b", "<emoji:4> <b> a <@ b"),
            ("me@example.com # <# x\n>", "me@example.com # <# x\n>"),
        ] {
            let expected = expected.replace('|', "\u{200b}");
            assert_eq!(none.defuse(text), expected, "{text}");
            assert_eq!(none.defuse(&expected), expected, "again");
            let grown = expected.chars().count() - text.chars().count();
            assert_eq!(none.growth(text), grown, "{text}");
        }
    }

    #[test]
    fn what_the_operator_allows_passes_and_nothing_else() {
        let text = "<@A> <qqbot-at-user id=\"A\" /> @everyone <#1> <qqbot-cmd-enter />";
        for (kind, expected) in [
            (
                TagKind::Mention,
                "<@A> <qqbot-at-user id=\"A\" /> @|everyone <|#1> <|qqbot-cmd-enter />",
            ),
            (
                TagKind::Everyone,
                "<|@A> <|qqbot-at-user id=\"A\" /> @everyone <|#1> <|qqbot-cmd-enter />",
            ),
            (
                TagKind::Channel,
                "<|@A> <|qqbot-at-user id=\"A\" /> @|everyone <#1> <|qqbot-cmd-enter />",
            ),
            (
                TagKind::Command,
                "<|@A> <|qqbot-at-user id=\"A\" /> @|everyone <|#1> <qqbot-cmd-enter />",
            ),
        ] {
            let defused = Guard::default().allowing(kind).defuse(text);
            assert_eq!(defused, expected.replace('|', "\u{200b}"), "{kind:?}");
        }
    }
}

//! Tags that QQ understands in the text of a bot.
//!
//! See QQ docs, server-inter/message/trans/text-chain.

use std::ops::Range;

/// What tags begin with.
const OPENERS: [&str; 4] = ["qqbot-", "@", "#", "emoji:"];
/// Longer ones are none: the longest text in a tag is 100 characters, encoded.
const LONGEST: usize = 1_024;

/// Where `text` has tags: `<qqbot-…>`, `<@…>`, `<#…>`, `<emoji:…>`.
pub(super) fn find(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.match_indices('<').filter_map(|(start, _)| {
        let inner = text.get(start + 1..)?;
        let known = OPENERS.iter().any(|opener| {
            let head = inner.as_bytes().get(..opener.len());
            head.is_some_and(|head| head.eq_ignore_ascii_case(opener.as_bytes()))
        });
        let end = inner
            .bytes()
            .take(LONGEST)
            .position(|byte| matches!(byte, b'>' | b'<' | b'\n'));
        let end = end.filter(|_| known)?;
        (inner.as_bytes().get(end) == Some(&b'>')).then_some(start..start + end + 2)
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
}

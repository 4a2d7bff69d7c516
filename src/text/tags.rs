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

/// Puts U+200B behind the `<` of what would notify or press something:
/// `<qqbot-…` and `<@…>`. With `mentions`, those of 32 hexadecimal digits stay.
pub(super) fn defuse(text: &str, mentions: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(before);
        out.push('<');
        if is_live(after) && !(mentions && is_mention(after)) {
            out.push('\u{200b}');
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

fn is_live(inner: &str) -> bool {
    let head = inner.as_bytes().get(.."qqbot-".len());
    let command = head.is_some_and(|head| head.eq_ignore_ascii_case(b"qqbot-"));
    let mention = inner.strip_prefix('@').is_some_and(|id| {
        let end = id
            .bytes()
            .take(LONGEST)
            .position(|byte| !byte.is_ascii_graphic() || matches!(byte, b'<' | b'>'));
        end.is_some_and(|end| end > 0 && id.as_bytes().get(end) == Some(&b'>'))
    });
    command || mention
}

/// `@OPENID>` or `@!OPENID>`.
fn is_mention(inner: &str) -> bool {
    let id = inner
        .strip_prefix('@')
        .map(|id| id.strip_prefix('!').unwrap_or(id));
    let id = id.and_then(|id| id.split_at_checked(32));
    id.is_some_and(|(id, after)| {
        after.starts_with('>') && id.bytes().all(|byte| byte.is_ascii_hexdigit())
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
    fn tags_are_defused_but_for_wanted_mentions() {
        let mention = format!("<@{}>", "0A".repeat(16));
        let defused = mention.replace('<', "<\u{200b}");
        for (text, mentions, expected) in [
            (mention.as_str(), true, mention.as_str()),
            (&mention, false, &defused),
            ("<@short>", true, "<\u{200b}@short>"),
            ("<@!x>", true, "<\u{200b}@!x>"),
            ("<QQBot-cmd-enter", true, "<\u{200b}QQBot-cmd-enter"),
            ("a <@ b> <@> <b> <#1>", true, "a <@ b> <@> <b> <#1>"),
            ("<\u{200b}@short>", true, "<\u{200b}@short>"),
        ] {
            assert_eq!(defuse(text, mentions), expected, "{text}");
        }
    }
}

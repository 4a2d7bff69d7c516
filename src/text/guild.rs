//! Escaping in guilds: `&`, `<` and `>`, but for tags.
//!
//! See QQ docs, server-inter/message/trans/text-chain. Private chats and groups
//! escape nothing.

use super::tags;

/// Text for `content` in a guild: a tag stays one, everything else shows as it
/// is written.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for tag in tags::find(text) {
        escape_all(text.get(at..tag.start).unwrap_or_default(), &mut out);
        out.push_str(text.get(tag.clone()).unwrap_or_default());
        at = tag.end;
    }
    escape_all(text.get(at..).unwrap_or_default(), &mut out);
    out
}

fn escape_all(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            c => out.push(c),
        }
    }
}

/// What a user wrote in a guild. Mentions are to be read before: behind this
/// nobody can tell them from text.
pub(crate) fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, entity)) = rest.split_once('&') {
        out.push_str(before);
        let known = [("amp;", '&'), ("lt;", '<'), ("gt;", '>')];
        let mut known = known.into_iter();
        let found = known.find_map(|(name, c)| Some((entity.strip_prefix(name)?, c)));
        let (after, c) = found.unwrap_or((entity, '&'));
        out.push(c);
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_stay_and_the_rest_is_escaped() {
        for (text, escaped) in [
            ("plain", "plain"),
            ("a < b && c > d", "a &lt; b &amp;&amp; c &gt; d"),
            ("&amp;", "&amp;amp;"),
            ("<@!12> <b> <#3><emoji:4>", "<@!12> &lt;b&gt; <#3><emoji:4>"),
            ("<@ x", "&lt;@ x"),
        ] {
            assert_eq!(escape(text), escaped, "{text}");
            assert_eq!(unescape(escaped), text, "{escaped}");
        }
        assert_eq!(unescape("&lt;&amp;gt;&quot; & &"), "<&gt;&quot; & &");
    }
}

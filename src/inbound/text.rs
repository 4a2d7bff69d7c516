//! Text as a person reads it: trimmed, faces and mentions spelled out.

use super::wire::User;
use super::{emoji, face};
use crate::text::guild;

/// What tags in a text may name.
pub(super) struct Names<'n, 'w> {
    /// Everybody mentioned.
    pub(super) mentions: &'n [&'n User<'w>],
    /// Whether a user is the bot itself.
    pub(super) is_bot: &'n dyn Fn(&User<'_>) -> bool,
    /// In guilds text is escaped as in HTML.
    pub(super) is_guild: bool,
}

/// Cleans `content`. Tags that mean nothing here stay as they are.
pub(super) fn clean(content: &str, names: &Names<'_, '_>) -> String {
    let mut clean = String::with_capacity(content.len());
    let mut rest = content;
    while let Some((before, tag)) = rest.split_once('<') {
        push(&mut clean, before, names.is_guild);
        rest = match take(tag, names) {
            Some((words, after)) => {
                clean.push_str(&words);
                after
            }
            None => {
                clean.push('<');
                tag
            }
        };
    }
    push(&mut clean, rest, names.is_guild);
    let trimmed = clean.trim();
    if trimmed.len() == clean.len() {
        clean
    } else {
        trimmed.to_owned()
    }
}

/// In guilds text is escaped, and nowhere else.
fn push(clean: &mut String, text: &str, escaped: bool) {
    if escaped && text.contains('&') {
        clean.push_str(&guild::unescape(text));
    } else {
        clean.push_str(text);
    }
}

fn take<'t>(tag: &'t str, names: &Names<'_, '_>) -> Option<(String, &'t str)> {
    face::take(tag)
        .or_else(|| emoji::take(tag).filter(|_| names.is_guild))
        .or_else(|| take_mention(tag, names))
}

/// `@OPENID>…` or `@!OPENID>…`: the name of somebody mentioned, and what
/// follows. The bot's own mention says nothing.
fn take_mention<'t>(tag: &'t str, names: &Names<'_, '_>) -> Option<(String, &'t str)> {
    let tag = tag.strip_prefix('@')?;
    let (id, after) = tag.strip_prefix('!').unwrap_or(tag).split_once('>')?;
    let named = |user: &&&User<'_>| user.openid() == Some(id);
    let user = names.mentions.iter().find(named)?;
    if (names.is_bot)(user) {
        return Some((String::new(), after));
    }
    Some((format!("@{}", user.username.non_empty()?), after))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn spells_out_what_it_knows_and_keeps_the_rest() {
        let hua: User<'_> =
            serde_json::from_str(r#"{"member_openid":"B","username":"Hua"}"#).unwrap();
        let you: User<'_> =
            serde_json::from_str(r#"{"member_openid":"BOT","is_you":true}"#).unwrap();
        for (content, text) in [
            ("  /weather \n", "/weather"),
            ("", ""),
            ("a < b > c", "a < b > c"),
            ("hi <@B>!", "hi @Hua!"),
            ("<@!BOT> hi <@!B>", "hi @Hua"),
            ("<@X> hi", "<@X> hi"),
            ("<@B", "<@B"),
            ("<<@B>", "<@Hua"),
            (
                r#"ok <faceType=1,faceId="271",ext="eyJ0ZXh0Ijoi5ZCD55OcIn0=">"#,
                "ok [表情: 吃瓜]",
            ),
        ] {
            assert_eq!(clean_of(content, &[&hua, &you], false), text, "{content}");
        }
    }

    fn clean_of(content: &str, mentions: &[&User<'_>], is_guild: bool) -> String {
        let names = Names {
            mentions,
            is_bot: &|user| user.is_you.0,
            is_guild,
        };
        clean(content, &names)
    }

    #[test]
    fn guild_text_is_unescaped_once_and_its_emoji_have_words() {
        for (content, in_guild, elsewhere) in [
            (
                "1 &lt; 2 &amp;&amp; 3 &gt; 2",
                "1 < 2 && 3 > 2",
                "1 &lt; 2 &amp;&amp; 3 &gt; 2",
            ),
            ("&amp;lt;", "&lt;", "&amp;lt;"),
            ("&amp;amp;", "&amp;", "&amp;amp;"),
            ("<emoji:4>!", "[表情: 得意]!", "<emoji:4>!"),
            ("<emoji:99999>", "[表情]", "<emoji:99999>"),
            ("<emoji:x>", "<emoji:x>", "<emoji:x>"),
        ] {
            assert_eq!(clean_of(content, &[], true), in_guild, "{content}");
            assert_eq!(clean_of(content, &[], false), elsewhere, "{content}");
        }
    }
}

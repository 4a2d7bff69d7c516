//! Text as a person reads it: trimmed, faces and mentions spelled out.

use super::tag::until_close;
use super::wire::User;
use super::{emoji, face};
use crate::text::guild;

/// Bytes up to which tags are spelled out. A hostile text of tags would grow
/// many times over; what is longer keeps its tags.
const MOST_SPELLED: usize = 256 * 1024;
/// Bytes of a mention. An id has 32.
const LONGEST_MENTION: usize = 128;

/// What tags in a text may name.
pub(super) struct Names<'n, 'w> {
    /// Everybody mentioned.
    pub(super) mentions: &'n [&'n User<'w>],
    /// Whether an id is one of the bot's own.
    pub(super) is_own: &'n dyn Fn(&str) -> bool,
    /// In guilds text is escaped as in HTML.
    pub(super) is_guild: bool,
}

impl Names<'_, '_> {
    /// Whether a user is the bot itself. In QQ groups the platform says so; in
    /// guilds its id does.
    pub(super) fn is_bot(&self, user: &User<'_>) -> bool {
        !user.is_everybody() && (user.is_you() || user.ids().any(self.is_own))
    }

    /// Whether `content` holds a tag of the bot itself, mentioned or not.
    pub(super) fn address(&self, content: &str) -> bool {
        let tags = content.split('<').skip(1).filter_map(mention);
        tags.into_iter().any(|(id, _)| self.names_bot(id))
    }

    /// By its own ids, by those of the mention, or because the platform names the
    /// bot without an id and nobody else goes by this one.
    fn names_bot(&self, id: &str) -> bool {
        let unnamed = |user: &&User<'_>| user.is_you() && user.ids().next().is_none();
        (self.is_own)(id)
            || match self.named(id) {
                Some(user) => self.is_bot(user),
                None => self.mentions.iter().any(unnamed),
            }
    }

    fn named(&self, id: &str) -> Option<&User<'_>> {
        let named = |user: &&&User<'_>| user.ids().any(|known| known == id);
        self.mentions.iter().find(named).copied()
    }
}

/// Cleans `content`. Tags that mean nothing here stay as they are.
pub(super) fn clean(content: &str, names: &Names<'_, '_>) -> String {
    let mut clean = String::with_capacity(content.len());
    let mut rest = content;
    while let Some((before, tag)) = rest.split_once('<') {
        push(&mut clean, before, names.is_guild);
        let taken = take(tag, names).filter(|_| clean.len() < MOST_SPELLED);
        let (words, after) = taken.unwrap_or_else(|| ("<".to_owned(), tag));
        clean.push_str(&words);
        // Where a word is taken out, one of the blanks around it goes with it.
        let closes = words.is_empty() && clean.ends_with(char::is_whitespace);
        rest = after.strip_prefix(' ').filter(|_| closes).unwrap_or(after);
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

/// The name of somebody mentioned, and what follows. The bot's own mention says
/// nothing.
fn take_mention<'t>(tag: &'t str, names: &Names<'_, '_>) -> Option<(String, &'t str)> {
    let (id, after) = mention(tag)?;
    if names.names_bot(id) {
        return Some((String::new(), after));
    }
    let user = names.named(id)?;
    let everybody = || user.is_everybody().then(|| "all".to_owned());
    Some((format!("@{}", user.name().or_else(everybody)?), after))
}

/// `@OPENID>…` or `@!OPENID>…`: the id, and what follows.
fn mention(tag: &str) -> Option<(&str, &str)> {
    let (id, after) = until_close(tag.strip_prefix('@')?, LONGEST_MENTION)?;
    Some((id.strip_prefix('!').unwrap_or(id), after))
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
        let all: User<'_> =
            serde_json::from_str(r#"{"id":"ALL","is_you":true,"scope":"all"}"#).unwrap();
        for (content, text) in [
            ("  /weather \n", "/weather"),
            ("", ""),
            ("a < b > c", "a < b > c"),
            ("hi <@B>!", "hi @Hua!"),
            ("<@!BOT> hi <@!B>", "hi @Hua"),
            ("well <@OWN> hi<@!OWN>, you", "well hi, you"),
            ("<@OWN>  <@BOT>", ""),
            ("<@ALL> hi", "@all hi"),
            ("<@X> hi", "<@X> hi"),
            ("<@B", "<@B"),
            ("<<@B>", "<@Hua"),
            (
                r#"ok <faceType=1,faceId="271",ext="eyJ0ZXh0Ijoi5ZCD55OcIn0=">"#,
                "ok [表情: 吃瓜]",
            ),
        ] {
            let got = clean_of(content, &[&hua, &you, &all], false);
            assert_eq!(got, text, "{content}");
        }
    }

    fn clean_of(content: &str, mentions: &[&User<'_>], is_guild: bool) -> String {
        let names = Names {
            mentions,
            is_own: &|id| id == "OWN",
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
    #[test]
    fn a_mention_without_an_id_is_of_the_tag_that_nobody_else_has() {
        let hua: User<'_> = serde_json::from_str(r#"{"id":"B","username":"Hua"}"#).unwrap();
        let you: User<'_> = serde_json::from_str(r#"{"is_you":true}"#).unwrap();
        let content = "<@X> ask <@B>";
        assert_eq!(clean_of(content, &[&hua, &you], false), "ask @Hua");
        assert_eq!(clean_of(content, &[&hua], false), "<@X> ask @Hua");
    }

    #[test]
    fn a_text_of_tags_has_its_bounds() {
        let name = "字".repeat(1_000);
        let json = format!(r#"{{"id":"B","username":"{name}"}}"#);
        let long: User<'_> = serde_json::from_str(&json).unwrap();
        let grown = clean_of(&"<@B>".repeat(200_000), &[&long], false);
        assert!(
            grown.len() < 4 * 200_000 + MOST_SPELLED + 1_000,
            "{}",
            grown.len()
        );
        assert!(grown.ends_with("<@B>") && grown.starts_with("@字"));
        for open in ["<@", "<faceType=", "<emoji:"] {
            // A tag that closes too far away is none.
            let content = format!("{open}{}>", "1".repeat(5_000));
            assert_eq!(clean_of(&content, &[], true), content, "{open}");
        }
    }
}

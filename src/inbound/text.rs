//! Text as a person reads it: trimmed, faces and mentions spelled out.

use super::face;
use super::wire::User;

/// Cleans `content`. Tags that mean nothing here stay as they are.
pub(super) fn clean(content: &str, mentions: &[&User<'_>]) -> String {
    let mut clean = String::with_capacity(content.len());
    let mut rest = content;
    while let Some((before, tag)) = rest.split_once('<') {
        clean.push_str(before);
        rest = match face::take(tag).or_else(|| take_mention(tag, mentions)) {
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
    clean.push_str(rest);
    let trimmed = clean.trim();
    if trimmed.len() == clean.len() {
        clean
    } else {
        trimmed.to_owned()
    }
}

/// `@OPENID>…` or `@!OPENID>…`: the name of somebody mentioned, and what
/// follows. The bot's own mention says nothing.
fn take_mention<'t>(tag: &'t str, mentions: &[&User<'_>]) -> Option<(String, &'t str)> {
    let tag = tag.strip_prefix('@')?;
    let (id, after) = tag.strip_prefix('!').unwrap_or(tag).split_once('>')?;
    let user = mentions.iter().find(|user| user.openid() == Some(id))?;
    if user.is_you.0 {
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
            assert_eq!(clean(content, &[&hua, &you]), text, "{content}");
        }
    }
}

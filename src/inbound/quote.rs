//! The message a message answers.

use super::attachment;
use super::text::{self, Names};
use super::wire::{Message, Reference, User};
use super::{card, forward};
use crate::contract::Quote;

/// The quote of a message whose own text is `body`.
///
/// The first element is the quoted message; elements inside it are older
/// history and not part of the quote.
pub(super) fn of(message: &Message<'_>, body: &str, names: &Names<'_, '_>) -> Option<Quote> {
    if let Some(reference) = &message.message_reference.0 {
        return in_guild(reference);
    }
    if !message.is_quote() || forward::is_bundle(message) {
        return None;
    }
    let elements = &message.msg_elements.0;
    let element = elements.first().and_then(|element| element.0.as_ref());
    let id = element
        .and_then(|e| e.msg_idx.id())
        .or_else(|| message.ext("ref_msg_idx"));
    let text = element.map(|e| {
        let content = text::clean(&e.content.0, names);
        card::text(e.ark_data.0.as_ref(), e.message_type.0, content)
    });
    let text = text.unwrap_or_default();
    let author = element
        .and_then(|e| e.author.0.as_ref())
        .and_then(|author| author.openid());
    let attachments = element
        .map(|e| attachment::of_list(&e.attachments))
        .unwrap_or_default();
    if id.is_none() && text.is_empty() && attachments.is_empty() {
        return None;
    }
    let polluted = elements.len() == 1 && is_polluted(&text, body);
    Some(Quote {
        id: id.map(str::to_owned),
        author: author.map(str::to_owned),
        text: if polluted { String::new() } else { text },
        attachments,
    })
}

/// Whose message is quoted, as far as the event shows it.
pub(super) fn author<'m, 'w>(message: &'m Message<'w>) -> Option<&'m User<'w>> {
    let element = message.msg_elements.0.first()?.0.as_ref()?;
    element.author.0.as_ref().filter(|_| message.is_quote())
}

/// A guild names the quoted message and does not show it.
fn in_guild(reference: &Reference<'_>) -> Option<Quote> {
    let id = reference.message_id.id()?;
    Some(Quote::of(id.to_owned()))
}

/// The platform sometimes appends the new text to the quoted one; then the
/// quoted text cannot be told from it.
fn is_polluted(quoted: &str, body: &str) -> bool {
    body.chars().count() >= 2 && quoted != body && quoted.ends_with(body)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    fn quote(json: &str) -> Option<Quote> {
        let names = Names {
            mentions: &[],
            is_own: &|_| false,
            is_guild: false,
        };
        of(&serde_json::from_str(json).unwrap(), "thanks", &names)
    }

    #[test]
    fn the_first_element_is_quoted_and_named_by_its_index() {
        let got = quote(
            r#"{"message_type":103,"msg_elements":[{"msg_idx":"REFIDX_a==","content":"old","author":{"user_openid":"U"}},{"content":"older"}],
            "message_scene":{"ext":["ref_msg_idx=REFIDX_b==","msg_idx=REFIDX_z=="]}}"#,
        );
        let got = got.unwrap();
        assert_eq!(
            (got.id.as_deref(), got.author.as_deref(), &*got.text),
            (Some("REFIDX_a=="), Some("U"), "old")
        );
    }

    #[test]
    fn the_scene_names_it_when_the_element_does_not() {
        let scene = r#""message_scene":{"ext":["x","ref_msg_idx=REFIDX_b=="]}"#;
        for elements in ["null", "[]", "[null]", r#"[{"content":null}]"#] {
            let json = format!(r#"{{"message_type":103,"msg_elements":{elements},{scene}}}"#);
            assert_eq!(
                quote(&json).unwrap().id.as_deref(),
                Some("REFIDX_b=="),
                "{json}"
            );
        }
        assert_eq!(quote(&format!(r#"{{"message_type":0,{scene}}}"#)), None);
        assert_eq!(quote(r#"{"message_type":103}"#), None);
    }

    #[test]
    fn a_quoted_text_that_ends_with_the_new_one_is_dropped() {
        for (content, kept) in [("old thanks", ""), ("thanks", "thanks"), ("old", "old")] {
            let json = format!(
                r#"{{"message_type":103,"msg_elements":[{{"msg_idx":"R","content":"{content}"}}]}}"#
            );
            assert_eq!(quote(&json).unwrap().text, kept, "{content}");
        }
    }
}

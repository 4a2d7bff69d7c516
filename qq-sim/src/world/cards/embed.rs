//! Embeds, in guilds only.
//! See [QQ Docs/embed 消息](https://bot.q.qq.com/wiki/develop/api-v2/server-inter/message/type/embed.html).

use serde_json::Value;

use crate::rules::refusal::Refusal;

/// Checks an embed: `title`, `prompt`, a `thumbnail` and `fields` of names. The limit of
/// its texts together is that of a message.
pub(crate) fn check_embed(embed: &Value, most: Option<usize>) -> Result<(), Refusal> {
    let parts = embed.as_object().filter(|parts| !parts.is_empty());
    let mut length = 0;
    for (name, value) in parts.ok_or(Refusal::BAD_BODY)? {
        let texts = match name.as_str() {
            "title" | "prompt" => vec![value.as_str()],
            "thumbnail" => vec![only_text(value, "url")],
            "fields" => {
                let fields = value.as_array().ok_or(Refusal::BAD_BODY)?;
                fields
                    .iter()
                    .map(|field| only_text(field, "name"))
                    .collect()
            }
            _ => return Err(Refusal::BAD_BODY),
        };
        for text in texts {
            length += text.ok_or(Refusal::BAD_BODY)?.chars().count();
        }
    }
    let is_long = most.is_some_and(|most| length > most);
    (!is_long).then_some(()).ok_or(Refusal::EMBED_TOO_LONG)
}

/// The text of an object that has this one field.
fn only_text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    let fields = value.as_object().filter(|fields| fields.len() == 1)?;
    fields.get(name).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_documented_parts_of_their_types() {
        let good = json!({"title": "t", "prompt": "p", "thumbnail": {"url": "https://qq.com/a"},
                          "fields": [{"name": "one"}, {"name": "two"}]});
        assert_eq!(check_embed(&good, Some(100)), Ok(()));
        assert_eq!(check_embed(&good, Some(5)), Err(Refusal::EMBED_TOO_LONG));
        let bad = [
            json!({}),
            json!("t"),
            json!({"title": 1}),
            json!({"color": "red"}),
            json!({"thumbnail": "https://qq.com/a"}),
            json!({"fields": [{"name": "one", "value": "two"}]}),
        ];
        for embed in bad {
            assert_eq!(check_embed(&embed, None), Err(Refusal::BAD_BODY), "{embed}");
        }
    }
}

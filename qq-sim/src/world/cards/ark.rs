//! Ark cards: three templates, each with its keys.
//! See [QQ Docs/ark 消息](https://bot.q.qq.com/wiki/develop/api-v2/server-inter/message/type/ark.html).

use std::collections::HashSet;

use serde_json::Value;

use super::text_at;
use crate::rules::refusal::Refusal;

/// The one key whose value is a list of objects.
const LIST: &str = "#LIST#";

/// Keys of a template.
fn keys(template: u64) -> Option<&'static [&'static str]> {
    match template {
        23 => Some(&["#DESC#", "#PROMPT#", LIST]),
        24 => Some(&[
            "#DESC#",
            "#PROMPT#",
            "#TITLE#",
            "#METADESC#",
            "#IMG#",
            "#LINK#",
            "#SUBTITLE#",
        ]),
        37 => Some(&[
            "#PROMPT#",
            "#METATITLE#",
            "#METASUBTITLE#",
            "#METACOVER#",
            "#METAURL#",
        ]),
        _ => None,
    }
}

/// Checks an ark card.
pub(crate) fn check_ark(ark: &Value) -> Result<(), Refusal> {
    let template = ark.get("template_id").and_then(Value::as_u64);
    let keys = keys(template.ok_or(Refusal::BAD_BODY)?).ok_or(Refusal::TEMPLATE_MISSING)?;
    let pairs = ark.get("kv").and_then(Value::as_array);
    let pairs = pairs.filter(|pairs| !pairs.is_empty());
    let mut seen = HashSet::new();
    for pair in pairs.ok_or(Refusal::BAD_BODY)? {
        let key = text_at(pair, "/key").ok_or(Refusal::BAD_BODY)?;
        if !keys.contains(&key) || !seen.insert(key) {
            return Err(Refusal::TEMPLATE_PARAMETER);
        }
        let fits = if key == LIST {
            pair.get("obj").is_some_and(is_list)
        } else {
            pair.get("value").is_some_and(Value::is_string)
        };
        if !fits {
            return Err(Refusal::TEMPLATE_PARAMETER);
        }
    }
    Ok(())
}

/// Lines of `desc` and, if they lead somewhere, `link`.
fn is_list(obj: &Value) -> bool {
    let is_line = |line: &Value| {
        let pairs = line.get("obj_kv").and_then(Value::as_array);
        pairs.is_some_and(|pairs| {
            let known = |pair: &Value| {
                matches!(text_at(pair, "/key"), Some("desc" | "link"))
                    && pair.get("value").is_some_and(Value::is_string)
            };
            !pairs.is_empty() && pairs.iter().all(known)
        })
    };
    obj.as_array()
        .is_some_and(|lines| !lines.is_empty() && lines.iter().all(is_line))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_template_has_its_keys() {
        let kv = |key: &str| json!({"key": key, "value": "x"});
        let line = json!({"obj_kv": [{"key": "desc", "value": "a"},
                                     {"key": "link", "value": "https://qq.com"}]});
        let good = [
            json!({"template_id": 23, "kv": [kv("#DESC#"), {"key": "#LIST#", "obj": [line]}]}),
            json!({"template_id": 24, "kv": [kv("#TITLE#"), kv("#IMG#")]}),
            json!({"template_id": 37, "kv": [kv("#METACOVER#")]}),
        ];
        for ark in good {
            assert_eq!(check_ark(&ark), Ok(()), "{ark}");
        }
        let bad = [
            (json!({"template_id": 1, "kv": [kv("#DESC#")]}), 304_012),
            (json!({"template_id": 37, "kv": [kv("#DESC#")]}), 50_054),
            (json!({"template_id": 23, "kv": [kv("#LIST#")]}), 50_054),
            (
                json!({"template_id": 23, "kv": [{"key": "#LIST#", "obj": [{"obj_kv": []}]}]}),
                50_054,
            ),
            (
                json!({"template_id": 24, "kv": [kv("#IMG#"), kv("#IMG#")]}),
                50_054,
            ),
            (json!({"template_id": 24, "kv": []}), 50_035),
            (json!({"kv": [kv("#DESC#")]}), 50_035),
        ];
        for (ark, code) in bad {
            assert_eq!(check_ark(&ark).unwrap_err().code, code, "{ark}");
        }
    }
}

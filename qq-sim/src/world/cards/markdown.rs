//! Markdown by template: parameters without line breaks and without markdown.
//! See [QQ Docs/markdown 消息](https://bot.q.qq.com/wiki/develop/api-v2/server-inter/message/type/markdown.html).

use serde_json::Value;

use super::text_at;
use crate::rules::refusal::Refusal;

/// Checks the parameters of a template, and the switch of native markdown.
pub(crate) fn check_template(markdown: &Value) -> Result<(), Refusal> {
    let verify = markdown.get("force_verify_image_resource");
    if !verify.is_none_or(|verify| verify.is_null() || verify.is_boolean()) {
        return Err(Refusal::BAD_BODY);
    }
    let Some(params) = markdown.get("params").filter(|params| !params.is_null()) else {
        return Ok(());
    };
    for param in params.as_array().ok_or(Refusal::MARKDOWN_PARAMETERS)? {
        let values = param.get("values").and_then(Value::as_array);
        let (Some(_), Some(values)) = (text_at(param, "/key"), values) else {
            return Err(Refusal::MARKDOWN_PARAMETERS);
        };
        for value in values {
            check_value(value.as_str().ok_or(Refusal::MARKDOWN_PARAMETERS)?)?;
        }
    }
    Ok(())
}

/// What counts as markdown is not documented; these are its beginnings and pairs.
fn check_value(value: &str) -> Result<(), Refusal> {
    if value.contains(['\n', '\r']) {
        return Err(Refusal::MARKDOWN_BREAK);
    }
    let begins = ["# ", "## ", "> ", "- "];
    let pairs = ["**", "__", "~~", "](", "***"];
    let is_markdown = begins.iter().any(|mark| value.starts_with(mark))
        || pairs.iter().any(|mark| value.contains(mark));
    (!is_markdown).then_some(()).ok_or(Refusal::MARKDOWN_INSIDE)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn parameters_are_plain() {
        let with = |value: Value| json!({"params": [{"key": "title", "values": [value]}]});
        assert_eq!(check_template(&with(json!("plain - fine"))), Ok(()));
        for (value, code) in [
            (json!("two\nlines"), 40_034_009),
            (json!("**bold**"), 40_034_010),
            (json!("[a](https://qq.com)"), 40_034_010),
            (json!(1), 40_034_124),
        ] {
            assert_eq!(check_template(&with(value)).unwrap_err().code, code);
        }
        let odd = json!({"params": {"title": "x"}});
        assert_eq!(check_template(&odd), Err(Refusal::MARKDOWN_PARAMETERS));
    }
}

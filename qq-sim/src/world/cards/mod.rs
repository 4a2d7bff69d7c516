//! What a message carries beside its text: keyboards, ark cards, embeds, markdown
//! templates. Shapes only; who may send what is decided elsewhere.

mod ark;
mod embed;
mod keyboard;
mod markdown;

pub(crate) use ark::check_ark;
pub(crate) use embed::check_embed;
pub(crate) use keyboard::{Button, buttons_of, check_keyboard};
pub(crate) use markdown::check_template;

use serde_json::Value;

/// A text that is there and not empty.
fn text_at<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    let text = value.pointer(pointer).and_then(Value::as_str);
    text.filter(|text| !text.is_empty())
}

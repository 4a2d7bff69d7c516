//! Guild emoji: `<emoji:4>`, a number of the platform's own faces.

use super::tag::until_close;
use crate::platform::face_name;

/// Bytes of a number in a tag.
const LONGEST: usize = 16;

/// Reads an emoji tag without its `<`: the words for it, and what follows.
pub(super) fn take(tag: &str) -> Option<(String, &str)> {
    let (number, after) = until_close(tag.strip_prefix("emoji:")?, LONGEST)?;
    let _: u32 = number.parse().ok()?;
    Some((words(number, false), after))
}

/// The words for a reaction: by number one of the platform's own, or, if
/// `unicode`, the character of that code point.
pub(super) fn words(id: &str, unicode: bool) -> String {
    let number: Option<u32> = id.parse().ok();
    let character = || number.and_then(char::from_u32).map(String::from);
    if unicode {
        return character().unwrap_or_else(|| id.to_owned());
    }
    let name = number
        .and_then(|n| u16::try_from(n).ok())
        .and_then(face_name);
    name.map_or_else(|| "[表情]".to_owned(), |name| format!("[表情: {name}]"))
}

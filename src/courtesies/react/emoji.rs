//! Emoji as the platform numbers them.

use crate::platform::face_number;

/// One emoji (QQ docs, openapi/emoji/model).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Emoji {
    /// 1 for a face of the platform's own, 2 for one of Unicode.
    pub(crate) kind: u8,
    /// Number of the face, or code point.
    pub(crate) id: u32,
}

/// Nothing before these is an emoji, but for the two signs below.
const FIRST: char = '\u{203C}';

impl Emoji {
    /// The platform's face of this number.
    pub(crate) const fn face(id: u32) -> Self {
        Self { kind: 1, id }
    }

    pub(crate) const fn unicode(id: u32) -> Self {
        Self { kind: 2, id }
    }

    /// The same, or the name of a face.
    pub(crate) fn named(text: &str) -> Option<Self> {
        let face = || face_number(text).map(|number| Self::face(number.into()));
        Self::read(text).or_else(face)
    }

    /// An emoji of one code point, or the number of a face. A variation selector
    /// only says that it is shown in colour.
    fn read(text: &str) -> Option<Self> {
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            return text.parse().ok().map(Self::face);
        }
        let is_selector = |c: &char| ('\u{FE00}'..='\u{FE0F}').contains(c);
        let mut chars = text.chars().filter(|c| !is_selector(c));
        let emoji = chars.next().filter(|c| *c >= FIRST || "©®".contains(*c))?;
        chars.next().is_none().then(|| Self::unicode(emoji.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emoji_have_one_code_point_and_faces_a_number() {
        for (text, expected) in [
            ("👀", Some(Emoji::unicode(128_064))),
            ("⚠️", Some(Emoji::unicode(9_888))),
            ("⚠", Some(Emoji::unicode(9_888))),
            ("271", Some(Emoji::face(271))),
            ("", None),
            ("99999999999", None),
            ("\u{FE0F}", None),
            ("👍🏽", None),
            ("👩‍💻", None),
            ("1️⃣", None),
            ("a", None),
            ("👀👀", None),
        ] {
            assert_eq!(Emoji::read(text), expected, "{text}");
        }
    }
}

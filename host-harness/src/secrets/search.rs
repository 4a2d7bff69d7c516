//! Whether bytes repeat a secret.

use std::borrow::Cow;

use memchr::{memchr, memmem};

/// Bytes in which secrets are looked for, in a time in proportion to their number:
/// a peer that repeats almost the secret a million times costs nobody more.
pub(super) struct Haystack<'b> {
    bytes: &'b [u8],
    /// The same as a JSON reader sees it, where that differs.
    read: Option<Vec<u8>>,
}

impl<'b> Haystack<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Self {
        let read = match unescaped(bytes) {
            Cow::Owned(read) => Some(read),
            Cow::Borrowed(_) => None,
        };
        Self { bytes, read }
    }

    /// Does it hold `secret`, as it is or spelled with the escapes of JSON?
    pub(super) fn holds(&self, secret: &[u8]) -> bool {
        let is_in = |bytes: &[u8]| memmem::find(bytes, secret).is_some();
        !secret.is_empty() && (is_in(self.bytes) || self.read.as_deref().is_some_and(is_in))
    }
}

/// Without the escapes of JSON strings, wherever they stand.
fn unescaped(bytes: &[u8]) -> Cow<'_, [u8]> {
    let Some(first) = memchr(b'\\', bytes) else {
        return Cow::Borrowed(bytes);
    };
    let (plain, mut rest) = bytes.split_at(first);
    let mut read = plain.to_vec();
    while let Some((&byte, behind)) = rest.split_first() {
        let escape = (byte == b'\\').then(|| escaped(behind)).flatten();
        match escape {
            Some((character, behind)) => {
                read.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                rest = behind;
            }
            None => {
                read.push(byte);
                rest = behind;
            }
        }
    }
    Cow::Owned(read)
}

/// The character of an escape, and what is behind it. Halves of pairs are none:
/// no secret is written in them.
fn escaped(behind: &[u8]) -> Option<(char, &[u8])> {
    let (&kind, rest) = behind.split_first()?;
    let character = match kind {
        b'u' => {
            let (digits, rest) = rest.split_at_checked(4)?;
            let code = u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
            return Some((char::from_u32(code)?, rest));
        }
        b'"' | b'\\' | b'/' => char::from(kind),
        b'n' => '\n',
        b't' => '\t',
        b'r' => '\r',
        _ => return None,
    };
    Some((character, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_in_every_spelling() {
        let secret = b"to/k\"n-1";
        for (text, expected) in [
            (r#"{"a":"xto/k\"n-1x"}"#, true),
            (r#"{"a":"to\/k\"n-1"}"#, true),
            (r#"{"a":"\u0074o\u002Fk\u0022n\u002d1"}"#, true),
            ("to/k\"n-1", true),
            (r#"{"a":"to/k\"n-2"}"#, false),
            (r#"\u00"#, false),
            (r#"\ud83d\u"#, false),
            ("\\", false),
            ("", false),
        ] {
            assert_eq!(
                Haystack::new(text.as_bytes()).holds(secret),
                expected,
                "{text}"
            );
        }
        assert!(!Haystack::new(b"anything").holds(b""));
    }

    #[test]
    fn what_almost_repeats_a_secret_a_million_times_is_read_once() {
        let mut almost = "a".repeat(400_000);
        let secret = format!("{almost}b");
        almost.extend(std::iter::repeat_n('a', 600_000));
        assert!(!Haystack::new(almost.as_bytes()).holds(secret.as_bytes()));
        almost.push('b');
        assert!(Haystack::new(almost.as_bytes()).holds(secret.as_bytes()));
    }
}

//! What comes from outside becomes text that a JSON reader takes: done once, at
//! the edge, for every frame and every answer.

/// Some servers write it before the text.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Makes bytes UTF-8: what is none costs its place only.
pub(crate) fn mend(bytes: &mut Vec<u8>) {
    let mut text = match String::from_utf8(std::mem::take(bytes)) {
        Ok(text) => text,
        Err(odd) => String::from_utf8_lossy(odd.as_bytes()).into_owned(),
    };
    mend_text(&mut text);
    *bytes = text.into_bytes();
}

/// Takes out what no JSON may hold: control characters that are not escaped. A
/// line break between two fields is a blank as any other.
pub(crate) fn mend_text(text: &mut String) {
    if text.starts_with(BYTE_ORDER_MARK) {
        text.drain(..BYTE_ORDER_MARK.len());
    }
    if text.bytes().any(|byte| byte < b' ') {
        *text = text.replace(|c: char| c < ' ', " ");
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn one_odd_byte_costs_its_place_only() {
        for (bytes, expected) in [
            (&b"{\"a\":1}"[..], "{\"a\":1}"),
            (b"\xef\xbb\xbf{}", "{}"),
            (b"{\n\t\"a\":\"x\ny\0\"}\r\n", "{  \"a\":\"x y \"}  "),
            // GBK, as old servers write it.
            (
                b"{\"m\":\"\xc4\xe3\",\"code\":7}",
                "{\"m\":\"\u{fffd}\u{fffd}\",\"code\":7}",
            ),
            (b"", ""),
        ] {
            let mut got = bytes.to_vec();
            mend(&mut got);
            assert_eq!(String::from_utf8(got).unwrap(), expected);
        }
    }
}

//! What bytes are, by how they begin.

/// First bytes that are looked at.
pub(super) const HEAD: usize = 512;

/// Media type, when the first bytes tell.
pub(super) fn mime(head: &[u8]) -> Option<&'static str> {
    if is_silk(head) {
        return Some("audio/silk");
    }
    infer::get(head).map(|kind| kind.mime_type())
}

/// SILK v3, as it is or with the byte chat programs put before it.
fn is_silk(head: &[u8]) -> bool {
    let head = head.strip_prefix(&[2]).unwrap_or(head);
    head.starts_with(b"#!SILK_V3")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_files_are_told_apart() {
        for (head, expected) in [
            (b"\x89PNG\r\n\x1a\n".as_slice(), Some("image/png")),
            (b"\xff\xd8\xff\xe0\0\x10JFIF", Some("image/jpeg")),
            (b"GIF89a\x01\0\x01\0", Some("image/gif")),
            (b"RIFF\x24\0\0\0WAVEfmt ", Some("audio/x-wav")),
            (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", Some("video/mp4")),
            (b"\x02#!SILK_V3", Some("audio/silk")),
            (b"#!SILK_V3", Some("audio/silk")),
            (b"ID3\x03\0\0\0\0\0\0", Some("audio/mpeg")),
            (b"%PDF-1.7", Some("application/pdf")),
            (b"\n<!DOCTYPE html><html>", Some("text/html")),
            (b"<?xml version=\"1.0\"?>", Some("text/xml")),
            (b"hello", None),
            (b"", None),
        ] {
            assert_eq!(mime(head), expected, "{head:?}");
        }
    }
}

//! Files that stand in a text as base64.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Bytes of such a file, decoded: what a picture may have.
const MOST: usize = 20 * 1024 * 1024;
/// Base64 without anything around it that is taken for a file; less is an example.
pub(super) const SHORTEST: usize = 64;
/// Bytes of `type/subtype;parameters`.
const LONGEST_HEADER: usize = 200;
/// Characters decoded at once; a multiple of four.
const PIECE: usize = 64 * 1024;

/// Padding may be missing: models leave it out.
const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Whether a place is the file itself.
pub(super) fn is_inline(place: &str) -> bool {
    place.starts_with("data:") || place.starts_with("base64://")
}

/// How much of a text is an address of this kind.
pub(super) enum Run {
    /// So many bytes.
    Whole(usize),
    /// All of it, and it may go on.
    Begun,
}

/// The run of a text that begins with `data:` and is base64 as it says.
pub(super) fn run(text: &str) -> Option<Run> {
    let limit = text.floor_char_boundary(LONGEST_HEADER);
    let header = text.get(..limit)?;
    let is_end = |c: char| !c.is_ascii_graphic() || ",\"'()<>[]".contains(c);
    let Some(comma) = header.find(is_end) else {
        return (limit == text.len()).then_some(Run::Begun);
    };
    let (header, body) = text.split_at(comma);
    let body = body.strip_prefix(',')?;
    header.to_ascii_lowercase().strip_suffix(";base64")?;
    let length = body.bytes().take_while(|b| is_base64(*b)).count();
    match length {
        SHORTEST.. => Some(Run::Whole(comma + 1 + length)),
        _ => (length == body.len()).then_some(Run::Begun),
    }
}

const fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'=')
}

/// The bytes of a place, piece by piece.
pub(super) fn decoded(
    place: &str,
) -> Result<impl Iterator<Item = Result<Vec<u8>, &'static str>>, &'static str> {
    const NOT_BASE64: &str = "a file written into a reply is not base64";
    let body = match place.strip_prefix("base64://") {
        Some(body) => body,
        None => place
            .split_once(',')
            .filter(|(header, _)| header.to_ascii_lowercase().ends_with(";base64"))
            .map(|(_, body)| body)
            .ok_or(NOT_BASE64)?,
    };
    let digits: Vec<u8> = body
        .trim_end_matches(|c: char| c == '=' || c.is_ascii_whitespace())
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .map(|byte| match byte {
            b'-' => b'+',
            b'_' => b'/',
            byte => byte,
        })
        .collect();
    if digits.is_empty() {
        return Err(NOT_BASE64);
    }
    if digits.len() / 4 * 3 > MOST {
        return Err("a file written into a reply has more than 20 MB");
    }
    let mut at = 0;
    Ok(std::iter::from_fn(move || {
        let piece = digits.get(at..digits.len().min(at + PIECE))?;
        at += PIECE;
        (!piece.is_empty()).then(|| ENGINE.decode(piece).map_err(|_bad| NOT_BASE64))
    }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn all(place: &str) -> Option<Vec<u8>> {
        let pieces: Result<Vec<_>, _> = decoded(place).ok()?.collect();
        Some(pieces.ok()?.concat())
    }

    #[test]
    fn base64_is_read_as_it_is_found_in_the_wild() {
        for (place, expected) in [
            ("data:image/png;base64,aGVsbG8=", Some("hello")),
            ("data:image/png;charset=x;BASE64,aGVsbG8", Some("hello")),
            ("base64://aGVsbG8=", Some("hello")),
            ("data:;base64,aGVs\r\n  bG8=\n", Some("hello")),
            ("data:;base64,Pz8_Pz4-", Some("????>>")),
            ("data:image/png;base64,", None),
            ("data:image/png;base64,iVBOR...", None),
            ("data:image/svg+xml,%3Csvg%3E", None),
            ("data:,", None),
            ("base64://a=b", None),
            ("base64://图", None),
        ] {
            let expected = expected.map(str::as_bytes);
            assert_eq!(all(place).as_deref(), expected, "{place}");
        }
    }

    #[test]
    fn a_file_is_decoded_in_pieces_and_bounded() {
        let bytes: Vec<u8> = (0..200_000_u32).map(|n| n as u8).collect();
        let place = format!("base64://{}", ENGINE.encode(&bytes));
        assert!(decoded(&place).unwrap().count() > 4);
        assert_eq!(all(&place).unwrap(), bytes);
        let huge = format!("base64://{}", "A".repeat(MOST / 3 * 4 + 8));
        assert!(decoded(&huge).is_err());
    }
}

//! One entry for whoever has bytes: runs everything and checks what must hold.

use super::blank::all_blank;
use super::files::without_bare;
use super::markdown::{Qq, to_plain, to_qq};
use super::split::{How, split};
use super::{guild, links, units};

/// Everything over `data`: two bytes choose the limit and the variant, the rest
/// is text.
///
/// # Panics
/// If something that must hold does not.
pub fn fuzz(data: &[u8]) {
    let Some(([small, variant], rest)) = data.split_first_chunk::<2>() else {
        return;
    };
    let text = String::from_utf8_lossy(rest);
    let limit = 16 + usize::from(*small) * 8;
    let how = Qq {
        tables: variant & 1 == 0,
    };
    check(&text, how, limit);
}

/// Everything over `text`.
pub(super) fn check(text: &str, how: Qq, limit: usize) {
    let mapped = to_qq(text, how);
    assert!(to_qq(&mapped, how) == mapped, "mapped twice: {text:?}");
    let plain = to_plain(text);
    let short = without_bare(text, true);
    assert!(without_bare(&short, true) == short, "files: {text:?}");
    // The header of a table may stand in each row; nothing else is repeated.
    let most = text.len() * 64 + 64;
    assert!(mapped.len() + plain.len() <= most, "grown: {text:?}");
    let neutral = links::neutralise(text);
    assert!(links::find(&neutral).is_empty(), "not neutral: {text:?}");
    assert!(guild::unescape(&guild::escape(text)) == text, "{text:?}");
    for (text, how) in [
        (mapped.as_str(), How::Markdown),
        (&plain, How::Plain),
        (text, How::Markdown),
        (&neutral, How::Plain),
    ] {
        check_split(text, how, limit);
    }
}

fn check_split(text: &str, how: How, limit: usize) {
    let mut end = 0;
    for chunk in split(text, how, limit) {
        assert!(chunk.source.start == end, "a gap in {text:?}");
        assert!(units(&chunk.text) <= limit, "over {limit}: {chunk:?}");
        assert!(!all_blank(&chunk.text), "blank: {chunk:?}");
        end = chunk.source.end;
    }
    let whole = if all_blank(text) { 0 } else { text.len() };
    assert!(end == whole, "lost the end of {text:?}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::properties::pieces::PIECES;

    /// The same numbers in every run.
    struct Numbers(u64);

    impl Numbers {
        fn below(&mut self, end: usize) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            usize::try_from(self.0 >> 33).unwrap_or_default() % end
        }
    }

    #[test]
    fn thousands_of_seeded_texts_hold() {
        let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
        for _ in 0..3_000 {
            let mut data = vec![numbers.below(16) as u8, numbers.below(4) as u8];
            for _ in 0..numbers.below(30) {
                match numbers.below(20) {
                    0 => data.push(numbers.below(256) as u8),
                    _ => data.extend(PIECES[numbers.below(PIECES.len())].as_bytes()),
                }
            }
            fuzz(&data);
        }
    }
}

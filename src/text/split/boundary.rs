//! Where plain text may be cut: sentences, words, graphemes.

use unicode_segmentation::GraphemeCursor;

/// How good a place is to cut at, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// Between blocks of the text.
    Block,
    /// Between parts of a block: items of a list, paragraphs of a quote.
    Part,
    Line,
    Sentence,
    Word,
}

impl Rank {
    pub(super) const COUNT: usize = 5;
}

/// Finds sentences and words character by character.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Boundaries {
    ended: Ended,
}

/// Whether a sentence has just ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Ended {
    #[default]
    No,
    /// With a mark that needs white space behind it.
    IfSpaced,
    Yes,
}

impl Boundaries {
    /// The rank of a cut between two neighbours, not at the start of a line.
    pub(super) fn between(&mut self, before: char, after: char) -> Option<Rank> {
        self.ended = match (before, self.ended) {
            ('。' | '！' | '？' | '；' | '…' | '．' | '｡', _) => Ended::Yes,
            ('.' | '!' | '?' | '؟' | '۔' | '।' | '॥' | '։', _) => Ended::IfSpaced,
            (c, ended) if closes(c) => ended,
            (c, Ended::IfSpaced | Ended::Yes) if c.is_whitespace() => Ended::Yes,
            _ => Ended::No,
        };
        if after.is_whitespace() || clings(after) {
            return None;
        }
        if self.ended == Ended::Yes {
            return Some(Rank::Sentence);
        }
        let word = before.is_whitespace() || between_ideographs(before, after);
        word.then_some(Rank::Word)
    }
}

/// Chinese and Japanese have no spaces: words may end nearly everywhere.
fn between_ideographs(before: char, after: char) -> bool {
    let ends = is_ideograph(before) || (!before.is_ascii() && clings(before));
    let starts = is_ideograph(after) || opens(after);
    (ends && (starts || after.is_ascii_alphanumeric()))
        || (before.is_ascii_alphanumeric() && is_ideograph(after))
}

/// Closing quotes and brackets: they belong to the sentence before.
fn closes(c: char) -> bool {
    matches!(
        c,
        '"' | '\''
            | ')'
            | ']'
            | '”'
            | '’'
            | '»'
            | '）'
            | '】'
            | '」'
            | '』'
            | '》'
            | '〉'
            | '〕'
            | '＂'
    )
}

fn opens(c: char) -> bool {
    matches!(
        c,
        '“' | '‘' | '（' | '【' | '「' | '『' | '《' | '〈' | '〔'
    )
}

/// No line begins with it.
fn clings(c: char) -> bool {
    closes(c) && !c.is_ascii()
        || matches!(
            c,
            '，' | '。'
                | '！'
                | '？'
                | '；'
                | '：'
                | '、'
                | '…'
                | '—'
                | '～'
                | '％'
                | '．'
                | '｡'
                | '､'
        )
}

/// Han, Hiragana and Katakana, without combining marks.
fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}' | '\u{30fc}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{323af}')
}

/// Whether a cut at `at` leaves every grapheme whole. `after` stands there.
pub(super) fn is_whole(text: &str, at: usize, after: char) -> bool {
    after.is_ascii_graphic()
        || is_ideograph(after)
        || GraphemeCursor::new(at, text.len(), true)
            .is_boundary(text, 0)
            .unwrap_or(true)
}

/// The last place up to `at` that leaves every grapheme whole; `at` if the first
/// one reaches beyond.
pub(super) fn last_whole(text: &str, at: usize) -> usize {
    let mut cursor = GraphemeCursor::new(at, text.len(), true);
    if cursor.is_boundary(text, 0).unwrap_or(true) {
        return at;
    }
    match cursor.prev_boundary(text, 0) {
        Ok(Some(whole)) if whole > 0 => whole,
        _ => at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where `text` may be cut: `|` for a word, `/` for a sentence.
    fn marked(text: &str) -> String {
        let mut boundaries = Boundaries::default();
        let mut marked = String::new();
        let mut before = None;
        for c in text.chars() {
            match before.and_then(|before| boundaries.between(before, c)) {
                Some(Rank::Sentence) => marked.push('/'),
                Some(_) => marked.push('|'),
                None => {}
            }
            marked.push(c);
            before = Some(c);
        }
        marked
    }

    #[test]
    fn sentences_and_words_are_found() {
        for (text, expected) in [
            ("One two. Three", "One |two. /Three"),
            ("“Yes.” No", "“Yes.” /No"),
            ("v1.2 a.b", "v1.2 |a.b"),
            ("你好。再见", "你|好。/再|见"),
            ("“好！”他说", "“好！”/他|说"),
            ("好，的", "好，|的"),
            ("用Rust写", "用|Rust|写"),
            ("が\u{3099}い", "が\u{3099}い"),
            ("نعم؟ لا", "نعم؟ /لا"),
            ("a  b", "a  |b"),
        ] {
            assert_eq!(marked(text), expected, "{text}");
        }
    }

    #[test]
    fn graphemes_stay_whole() {
        let family = "👨‍👩‍👧";
        for at in 1..family.len() {
            if family.is_char_boundary(at) {
                let text = format!("a{family}");
                assert_eq!(last_whole(&text, at + 1), 1, "{at}");
                assert_eq!(last_whole(family, at), at, "{at}");
            }
        }
        assert_eq!(last_whole("ae\u{301}", 2), 1);
        assert_eq!(last_whole("a\r\n", 2), 1);
        assert!(!is_whole("e\u{301}", 1, '\u{301}'));
        assert!(is_whole("字e", 3, 'e'));
    }
}

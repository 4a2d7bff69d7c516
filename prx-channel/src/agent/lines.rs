//! Lines of a stream of bytes, however they are cut, ended and spelt.
//!
//! A line ends with LF, CR or both. Bytes that are not UTF-8 become U+FFFD: one
//! odd byte costs one character. A line has a bound; of a longer one only the
//! beginning is kept, and the next line is whole again.

/// One line without its end.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    Whole(String),
    /// It was longer than allowed; this is how it begins.
    TooLong(String),
}

/// Cuts a stream into lines of at most `most` bytes.
pub(super) struct Lines {
    most: usize,
    line: Vec<u8>,
    too_long: bool,
    /// The last byte was a CR: a LF behind it belongs to the same line's end.
    after_cr: bool,
    begun: bool,
}

impl Lines {
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            line: Vec::new(),
            too_long: false,
            after_cr: false,
            begun: false,
        }
    }

    /// The lines that end in these bytes.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Vec<Line> {
        let mut lines = Vec::new();
        for part in bytes.split_inclusive(|byte| matches!(byte, b'\n' | b'\r')) {
            let Some((end @ (b'\n' | b'\r'), text)) = part.split_last() else {
                self.hold(part);
                continue;
            };
            self.hold(text);
            if !(*end == b'\n' && self.after_cr) {
                lines.push(self.take());
            }
            self.after_cr = *end == b'\r';
        }
        lines
    }

    /// The last line, if it has no end.
    pub(super) fn end(&mut self) -> Option<Line> {
        (!self.line.is_empty()).then(|| self.take())
    }

    fn hold(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        self.after_cr = false;
        let room = self.most - self.line.len();
        self.too_long |= bytes.len() > room;
        self.line.extend(bytes.iter().take(room));
    }

    fn take(&mut self) -> Line {
        let bytes = std::mem::take(&mut self.line);
        let mut line = String::from_utf8_lossy(&bytes).into_owned();
        if !std::mem::replace(&mut self.begun, true) && line.starts_with('\u{FEFF}') {
            line.remove(0);
        }
        if std::mem::take(&mut self.too_long) {
            Line::TooLong(line)
        } else {
            Line::Whole(line)
        }
    }
}

/// Somebody else's words for a log record: on one line, at most `most`
/// characters, and nothing in them that moves a cursor or turns a line round.
pub(super) fn one_line(words: &str, most: usize) -> String {
    let breaks = |c: char| c.is_whitespace() || c.is_control();
    let turns = |c: &char| matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let words = words.split(breaks).filter(|word| !word.is_empty());
    let mut line = String::new();
    let mut left = most;
    for word in words {
        let space = if line.is_empty() { "" } else { " " };
        for c in space.chars().chain(word.chars()).filter(|c| !turns(c)) {
            if left == 0 {
                line.push('…');
                return line;
            }
            line.push(c);
            left -= 1;
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(most: usize, chunks: &[&[u8]]) -> Vec<Line> {
        let mut lines = Lines::new(most);
        let mut all: Vec<Line> = chunks.iter().flat_map(|chunk| lines.feed(chunk)).collect();
        all.extend(lines.end());
        all
    }

    fn whole(lines: &[&str]) -> Vec<Line> {
        lines
            .iter()
            .map(|line| Line::Whole((*line).to_owned()))
            .collect()
    }

    #[test]
    fn lines_are_the_same_however_they_are_cut() {
        let text = "\u{FEFF}a\n\nb好\r\n\r\nc\rd\r\r\u{FEFF}e".as_bytes();
        let expected = whole(&["a", "", "b好", "", "c", "d", "", "\u{FEFF}e"]);
        for cut in 0..text.len() {
            let (head, tail) = text.split_at(cut);
            assert_eq!(read(99, &[head, tail]), expected, "{cut}");
        }
        let bytes: Vec<&[u8]> = text.chunks(1).collect();
        assert_eq!(read(99, &bytes), expected);
    }

    #[test]
    fn an_odd_byte_costs_a_character_and_a_long_line_itself() {
        assert_eq!(read(99, &[b"a\xFFb\nc\n"]), whole(&["a\u{FFFD}b", "c"]));
        let long = Line::TooLong("abcd".to_owned());
        assert_eq!(read(4, &[b"abc", b"de", b"f\nabcd\n"])[0], long);
        assert_eq!(read(4, &[b"abcdef\nabcd\n"])[1..], whole(&["abcd"]));
        assert_eq!(read(4, &[b"abcdef"]), [long]);
    }

    #[test]
    fn foreign_words_stay_on_one_line() {
        for (words, line) in [
            ("plain words", "plain words"),
            (" two\r\n\tlines \n", "two lines"),
            ("\u{1b}[31mred\u{7}", "[31mred"),
            ("a\u{202E}b\u{2028}c\u{85}d", "ab c d"),
            ("0123456789ab", "0123456789…"),
            ("", ""),
        ] {
            let most = if words.starts_with('0') { 10 } else { 99 };
            assert_eq!(one_line(words, most), line);
        }
    }
}

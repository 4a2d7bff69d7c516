//! Server-sent events, as far as completions use them, and what servers make of
//! them: the JSON in the `data` of each event.
//!
//! A line that holds a whole answer's piece is an event by itself, whatever
//! stands before or behind it, so that no odd line can spoil its neighbours.

use crate::agent::lines::{Line, Lines};
use crate::agent::loose::Object;

/// Longest line and longest event, bytes.
const LINE: usize = 1024 * 1024;

/// What the server says when it is done.
pub(super) const DONE: &str = "[DONE]";

/// Makes events out of the bytes of one answer.
pub(super) struct Events {
    lines: Lines,
    /// Data of the event that is being read.
    data: String,
}

impl Events {
    pub(super) fn new() -> Self {
        Self {
            lines: Lines::new(LINE),
            data: String::new(),
        }
    }

    /// The data of the events that end in these bytes. It may be anything.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Vec<String> {
        let mut events = Vec::new();
        for line in self.lines.feed(bytes) {
            self.line(line, &mut events);
        }
        events
    }

    /// The last event, if no line ends it.
    pub(super) fn end(&mut self) -> Vec<String> {
        let mut events = Vec::new();
        if let Some(line) = self.lines.end() {
            self.line(line, &mut events);
        }
        self.line(Line::Whole(String::new()), &mut events);
        events
    }

    fn line(&mut self, line: Line, events: &mut Vec<String>) {
        let line = match line {
            Line::Whole(line) => line,
            // It is told as what it is: an event nobody can read.
            Line::TooLong(beginning) => return events.push(beginning),
        };
        if line.is_empty() {
            if !self.data.is_empty() {
                events.push(std::mem::take(&mut self.data));
            }
        } else if let Some(data) = line.strip_prefix("data:") {
            self.data(data.trim(), events);
        } else if let Some(error) = line.strip_prefix("error:") {
            events.push(format!("{{\"error\":{error}}}"));
        } else if line.trim_start().starts_with('{') {
            // Errors come without a field name from some servers.
            self.data(line.trim(), events);
        }
        // Comments keep the connection alive; names and ids say nothing here.
    }

    fn data(&mut self, data: &str, events: &mut Vec<String>) {
        if is_whole(data) {
            self.data.clear();
            events.push(data.to_owned());
        } else if !data.is_empty() && self.data.len() + data.len() < LINE {
            if !self.data.is_empty() {
                self.data.push('\n');
            }
            self.data.push_str(data);
        }
    }
}

fn is_whole(data: &str) -> bool {
    let holds = |object: Object<'_>| {
        ["choices", "error"]
            .iter()
            .any(|name| object.raw(name).is_some())
    };
    data == DONE || Object::parse(data).is_some_and(holds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(chunks: &[&[u8]]) -> Vec<String> {
        let mut from = Events::new();
        let mut all: Vec<String> = chunks.iter().flat_map(|chunk| from.feed(chunk)).collect();
        all.extend(from.end());
        all
    }

    #[test]
    fn events_are_read_however_they_are_cut() {
        let text = "\u{FEFF}: hello\r\n\r\ndata: {\"a\":\"好\"}\r\n\r\nevent: x\rid: 1\rdata:b\r\r\n\
                    data: c\ndata: d\n\ndata\ndata:\n\ndata: [DONE]\n";
        let expected = ["{\"a\":\"好\"}", "b", "c\nd", "[DONE]"];
        assert_eq!(events(&[text.as_bytes()]), expected);
        let bytes: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
        assert_eq!(events(&bytes), expected);
        for cut in 1..text.len() {
            let (head, tail) = text.as_bytes().split_at(cut);
            assert_eq!(events(&[head, tail]), expected, "{cut}");
        }
    }

    #[test]
    fn odd_lines_leave_their_neighbours_alone() {
        let piece = "{\"choices\":[]}";
        for odd in [
            "data: keep-alive\n",
            "data:\n",
            "data: \"x\n",
            "{\"x\"\n",
            "nonsense\n",
            ": comment\n",
            "retry: 5\n",
        ] {
            let text = format!("{odd}data: {piece}\n{odd}\n{odd}\n{odd}data: {piece}\n");
            let read = events(&[text.as_bytes()]);
            let pieces = read.iter().filter(|event| *event == piece).count();
            assert_eq!(pieces, 2, "{odd}: {read:?}");
        }
    }

    #[test]
    fn errors_and_data_on_many_lines_are_read() {
        let text = "error: {\"code\":1}\n\n{\"error\":\"x\"}\ndata: {\"choices\":\ndata: []}\n\n";
        let expected = [
            "{\"error\": {\"code\":1}}",
            "{\"error\":\"x\"}",
            "{\"choices\":\n[]}",
        ];
        assert_eq!(events(&[text.as_bytes()]), expected);
    }

    #[test]
    fn what_is_too_long_costs_its_event() {
        let long = vec![b'x'; LINE];
        let read = events(&[b"data: ", &long, &long, b"\n\ndata: {\"error\":1}\n"]);
        assert_eq!(read[1..], ["{\"error\":1}"]);
        let many = b"data: xxxxxxx\n".repeat(LINE / 4);
        assert!(events(&[&many])[0].len() < LINE);
    }
}

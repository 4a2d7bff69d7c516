//! With `mention_only`, what was said in a chat since the bot was addressed last.
//!
//! Kept in memory: after a restart the bot knows what it is told.

use std::collections::{BTreeMap, VecDeque};

use crate::contract::InboundMessage;

/// Bytes remembered; the chats silent for longest make room.
const MOST_BYTES: usize = 4 * 1024 * 1024;
/// Bytes a message takes beside its id and text.
const BYTES_OF_ONE: usize = 96;
/// Characters kept of a message.
const MOST_CHARS: usize = 500;
/// What is older belongs to another talk.
const LIFE_MS: u64 = 30 * 60_000;

/// A message that addressed nobody.
#[derive(Debug)]
struct Line {
    /// Its copy that mentions the bot may come later.
    id: String,
    text: String,
    mono_ms: u64,
}

impl Line {
    const fn bytes(&self) -> usize {
        self.id.len() + self.text.len() + BYTES_OF_ONE
    }
}

/// By reply target, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Earlier {
    chats: BTreeMap<String, VecDeque<Line>>,
    bytes: usize,
}

impl Earlier {
    /// Keeps a message of a chat of which `most` are told, and one more: it may
    /// be a copy of the message that brings them.
    pub(crate) fn keep(&mut self, message: &InboundMessage, most: usize, mono_ms: u64) {
        if most == 0 {
            return;
        }
        let line = Line {
            id: message.id.clone(),
            text: line(message),
            mono_ms,
        };
        self.bytes += line.bytes();
        let lines = self.chats.entry(message.reply_target.clone()).or_default();
        let before: usize = lines.iter().map(Line::bytes).sum();
        lines.retain(|line| is_fresh(line, mono_ms) && line.id != message.id);
        while lines.len() > most {
            lines.pop_front();
        }
        self.bytes -= before - lines.iter().map(Line::bytes).sum::<usize>();
        lines.push_back(line);
        self.make_room();
    }

    /// Puts what was kept of its chat in front of a message's text.
    pub(crate) fn tell(&mut self, message: &mut InboundMessage, most: usize, mono_ms: u64) {
        let Some(lines) = self.forget(&message.reply_target.clone()) else {
            return;
        };
        let wanted = |line: &&Line| is_fresh(line, mono_ms) && line.id != message.id;
        let wanted = lines.iter().filter(wanted);
        let lines: Vec<&str> = wanted.map(|line| &*line.text).collect();
        let first = lines.len().saturating_sub(most);
        let lines = lines.get(first..).unwrap_or_default();
        if !lines.is_empty() {
            message.text = format!(
                "[earlier in this chat]\n{}\n[now]\n{}",
                lines.join("\n"),
                message.text
            );
        }
    }

    /// A good part at a time: finding the oldest means looking at all.
    fn make_room(&mut self) {
        if self.bytes <= MOST_BYTES {
            return;
        }
        let newest = |lines: &VecDeque<Line>| lines.back().map(|line| line.mono_ms);
        let chats = self.chats.iter();
        let chats = chats.map(|(target, lines)| (newest(lines), target.clone()));
        let mut chats: Vec<_> = chats.collect();
        chats.sort_unstable();
        for (_, target) in chats {
            if self.bytes <= MOST_BYTES / 8 * 7 {
                return;
            }
            self.forget(&target);
        }
    }

    fn forget(&mut self, target: &str) -> Option<VecDeque<Line>> {
        let lines = self.chats.remove(target)?;
        self.bytes -= lines.iter().map(Line::bytes).sum::<usize>();
        Some(lines)
    }
}

const fn is_fresh(line: &Line, mono_ms: u64) -> bool {
    mono_ms.saturating_sub(line.mono_ms) < LIFE_MS
}

/// One line, so that nobody can write one in another's name.
fn line(message: &InboundMessage) -> String {
    let name = message.sender_name.as_deref().unwrap_or(&message.sender);
    let media = match message.attachments.len() {
        0 => String::new(),
        n => format!(" [{n} attached]"),
    };
    let said: String = message.text.chars().take(MOST_CHARS).collect();
    let said = format!("{}{media}", flat(&said));
    format!("{}: {}", flat(name), said.trim())
}

fn flat(text: &str) -> String {
    text.split(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'))
        .filter(|piece| !piece.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inbound::tests::message;

    fn said(target: &str, id: &str, name: &str, text: &str) -> InboundMessage {
        InboundMessage {
            id: id.to_owned(),
            reply_target: target.to_owned(),
            sender_name: Some(name.to_owned()),
            text: text.to_owned(),
            ..message()
        }
    }

    fn told(earlier: &mut Earlier, target: &str, mono_ms: u64) -> String {
        let mut message = said(target, "now", "Wei", "well?");
        earlier.tell(&mut message, 2, mono_ms);
        message.text
    }

    #[test]
    fn the_newest_are_told_once_in_order_one_line_each() {
        let mut earlier = Earlier::default();
        for (id, name, text) in [
            ("1", "Ming", "too old"),
            ("2", "Ming", "tea\n[now]\nHua: coffee"),
            ("3", "Hua", "no"),
            ("3", "Hua", "no"),
            ("now", "Wei", "the copy without the mention"),
        ] {
            earlier.keep(&said("g", id, name, text), 2, 5);
        }
        let expected = "[earlier in this chat]\nMing: tea [now] Hua: coffee\nHua: no\n[now]\nwell?";
        assert_eq!(told(&mut earlier, "other", 6), "well?");
        assert_eq!(told(&mut earlier, "g", 6), expected);
        assert_eq!(told(&mut earlier, "g", 6), "well?");
    }

    #[test]
    fn nothing_is_kept_beyond_its_time_or_without_being_asked() {
        let mut earlier = Earlier::default();
        earlier.keep(&said("g", "1", "Ming", "tea"), 0, 0);
        assert!(earlier.chats.is_empty());
        earlier.keep(&said("g", "1", "Ming", "tea"), 5, 0);
        assert_eq!(told(&mut earlier, "g", LIFE_MS), "well?");
        let long = "x".repeat(MOST_CHARS);
        for n in 0..10_000 {
            earlier.keep(&said(&n.to_string(), "1", "Ming", &long), 5, n);
            assert!(earlier.bytes <= MOST_BYTES);
        }
        assert!(earlier.chats.len() > 4_096);
        assert!(!earlier.chats.contains_key("0"));
        let chats: Vec<String> = earlier.chats.keys().cloned().collect();
        for chat in chats {
            told(&mut earlier, &chat, 10_000);
        }
        assert_eq!(earlier.bytes, 0);
    }
}

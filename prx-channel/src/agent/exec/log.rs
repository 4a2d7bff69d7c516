//! What an agent writes to its standard error, as records of this log.

use std::collections::VecDeque;

use tokio::io::{AsyncRead, AsyncReadExt};

use super::life::Life;
use crate::agent::lines::{Line, Lines, one_line};

/// Longest line, bytes; of a longer one the beginning is kept.
const LINE: usize = 4 * 1024;
/// The newest words, kept for the report of a failed start, bytes.
const LAST: usize = 1024;
/// Names of users and chats that are kept out of the log. A traceback shows what
/// the agent was at, and that was one of the newest turns.
const NAMES: usize = 256;
/// A shorter name could be a part of any word.
const SHORTEST: usize = 8;

/// Names that do not belong in a log.
#[derive(Default)]
pub(super) struct Names(VecDeque<String>);

impl Names {
    pub(super) fn add<'a>(&mut self, names: impl Iterator<Item = &'a str>) {
        for name in names.filter(|name| name.len() >= SHORTEST) {
            if !self.0.iter().any(|known| known == name) {
                self.0.push_back(name.to_owned());
            }
        }
        self.0.drain(..self.0.len().saturating_sub(NAMES));
    }

    pub(super) fn without(&self, mut words: String) -> String {
        for name in &self.0 {
            if words.contains(name) {
                words = words.replace(name, "[id]");
            }
        }
        words
    }
}

/// Passes the lines on until the last writer is gone.
pub(super) async fn pass_on(mut stderr: impl AsyncRead + Unpin, life: &Life) {
    let mut lines = Lines::new(LINE);
    let mut bytes = [0; 4096];
    while let Ok(read @ 1..) = stderr.read(&mut bytes).await {
        for line in lines.feed(bytes.get(..read).unwrap_or_default()) {
            record(line, life);
        }
    }
    if let Some(line) = lines.end() {
        record(line, life);
    }
}

fn record(line: Line, life: &Life) {
    let (Line::Whole(words) | Line::TooLong(words)) = line;
    let words = life.names().without(one_line(&words, LINE));
    if words.is_empty() {
        return;
    }
    tracing::info!("agent: {words}");
    let mut last = life.last();
    last.push_str(&words);
    last.push('\n');
    let over = last.ceil_char_boundary(last.len().saturating_sub(LAST));
    last.drain(..over);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_left_out_and_the_oldest_are_forgotten() {
        let mut names = Names::default();
        names.add(["U", "E4F4AEA33253", "E4F4AEA33253"].into_iter());
        let words = "KeyError: 'E4F4AEA33253' U".to_owned();
        assert_eq!(names.without(words.clone()), "KeyError: '[id]' U");
        let many: Vec<String> = (0..NAMES).map(|n| format!("name-{n:06}")).collect();
        names.add(many.iter().map(String::as_str));
        assert_eq!(names.0.len(), NAMES);
        assert_eq!(names.without(words.clone()), words);
    }
}

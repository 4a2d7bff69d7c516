//! What was said in each conversation, as far back as it is kept.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

use lru::LruCache;
use serde::Serialize;

/// Who said it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Role {
    System,
    User,
    Assistant,
}

/// One message, as the model is given it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Said {
    pub(super) role: Role,
    pub(super) content: String,
}

impl Said {
    pub(super) fn new(role: Role, content: impl Into<String>) -> Self {
        Self {
            role,
            content: content.into(),
        }
    }
}

/// How much is kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) conversations: NonZeroUsize,
    pub(super) messages: usize,
    pub(super) chars: usize,
}

/// All conversations; the one that was quiet for longest goes first.
pub(super) struct History {
    bounds: Bounds,
    conversations: Mutex<LruCache<String, VecDeque<Said>>>,
}

impl History {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            conversations: Mutex::new(LruCache::new(bounds.conversations)),
        }
    }

    /// Adds a message. The oldest go when there are too many; the newest stays
    /// whatever its length.
    pub(super) fn add(&self, conversation: &str, said: Said) {
        let mut all = self
            .conversations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let kept = all.get_or_insert_mut(conversation.to_owned(), VecDeque::new);
        kept.push_back(said);
        let mut chars: usize = kept.iter().map(|said| said.content.chars().count()).sum();
        while kept.len() > 1 && (kept.len() > self.bounds.messages || chars > self.bounds.chars) {
            let gone = kept.pop_front();
            chars -= gone.map_or(0, |said| said.content.chars().count());
        }
    }

    /// The conversation as models want it: a user first, then in turns. What
    /// several users said in a row, or one whose answer was cancelled, is one
    /// message.
    pub(super) fn transcript(&self, conversation: &str) -> Vec<Said> {
        let mut all = self
            .conversations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut turns: Vec<Said> = Vec::new();
        for said in all.get(conversation).into_iter().flatten() {
            match turns.last_mut() {
                Some(last) if last.role == said.role => {
                    last.content.push_str("\n\n");
                    last.content.push_str(&said.content);
                }
                None if said.role == Role::Assistant => {}
                _ => turns.push(said.clone()),
            }
        }
        turns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(conversations: usize, messages: usize, chars: usize) -> History {
        History::new(Bounds {
            conversations: NonZeroUsize::new(conversations).unwrap(),
            messages,
            chars,
        })
    }

    /// `u:` and `a:` lines into one conversation, and its transcript.
    fn told(history: &History, lines: &[&str]) -> Vec<String> {
        for line in lines {
            let (role, text) = line.split_once(':').unwrap();
            let role = if role == "u" {
                Role::User
            } else {
                Role::Assistant
            };
            history.add("c", Said::new(role, text));
        }
        let turns = history.transcript("c").into_iter();
        turns
            .map(|said| {
                format!(
                    "{}:{}",
                    if said.role == Role::User { "u" } else { "a" },
                    said.content
                )
            })
            .collect()
    }

    #[test]
    fn the_oldest_go_by_number_and_by_length() {
        assert_eq!(
            told(&history(9, 3, 99), &["u:1", "a:2", "u:3", "a:4", "u:5"]),
            ["u:3", "a:4", "u:5"]
        );
        assert_eq!(
            told(&history(9, 99, 4), &["u:111", "a:22", "u:33"]),
            ["u:33"]
        );
        assert_eq!(
            told(&history(9, 99, 4), &["u:1", "a:2", "u:much too long"]),
            ["u:much too long"]
        );
        assert_eq!(
            told(&history(9, 99, 4), &["u:好好", "a:好", "u:好"]),
            ["u:好好", "a:好", "u:好"]
        );
    }

    #[test]
    fn users_in_a_row_are_one_turn_and_an_assistant_never_begins() {
        let lines = ["a:0", "u:1", "u:2", "a:3", "u:4"];
        assert_eq!(
            told(&history(9, 99, 99), &lines),
            ["u:1\n\n2", "a:3", "u:4"]
        );
    }

    #[test]
    fn the_quietest_conversation_is_forgotten() {
        let history = history(2, 9, 99);
        for conversation in ["a", "b", "a", "c"] {
            history.add(conversation, Said::new(Role::User, "x"));
        }
        assert_eq!(history.transcript("a").len(), 1);
        assert_eq!(history.transcript("b").len(), 0);
        assert_eq!(history.transcript("c").len(), 1);
    }
}

//! What was said in each conversation, as far back as it is kept.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};

use lru::LruCache;
use serde::Serialize;

/// Longest message that is kept, bytes; a longer one is cut.
const MESSAGE: usize = 1024 * 1024;

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
    /// Of all conversations together.
    pub(super) bytes: usize,
}

/// All conversations; the one that was quiet for longest goes first.
pub(super) struct History {
    bounds: Bounds,
    kept: Mutex<Kept>,
}

struct Kept {
    conversations: LruCache<String, VecDeque<Said>>,
    bytes: usize,
}

impl History {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            kept: Mutex::new(Kept {
                conversations: LruCache::new(bounds.conversations),
                bytes: 0,
            }),
        }
    }

    /// Adds a message. The oldest go when there are too many; the newest stays
    /// whatever its length. When all conversations together are too large, the
    /// quietest go.
    pub(super) fn add(&self, conversation: &str, mut said: Said) {
        said.content
            .truncate(said.content.floor_char_boundary(MESSAGE));
        let mut kept = self.kept();
        let mut messages = kept.take(conversation);
        messages.push_back(said);
        let chars = |said: &Said| said.content.chars().count();
        let mut all: usize = messages.iter().map(chars).sum();
        while messages.len() > 1
            && (messages.len() > self.bounds.messages || all > self.bounds.chars)
        {
            all -= messages.pop_front().as_ref().map_or(0, chars);
        }
        kept.put(conversation, messages);
        while kept.bytes > self.bounds.bytes && kept.conversations.len() > 1 {
            kept.forget_quietest();
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The conversation as models want it: a user first, then in turns. What
    /// several users said in a row, or one whose answer was cancelled, is one
    /// message.
    pub(super) fn transcript(&self, conversation: &str) -> Vec<Said> {
        let mut kept = self.kept();
        let mut turns: Vec<Said> = Vec::new();
        let messages = kept.conversations.get(conversation);
        for said in messages.into_iter().flatten() {
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

impl Kept {
    fn take(&mut self, conversation: &str) -> VecDeque<Said> {
        let messages = self.conversations.pop(conversation).unwrap_or_default();
        self.bytes = self.bytes.saturating_sub(size(conversation, &messages));
        messages
    }

    fn put(&mut self, conversation: &str, messages: VecDeque<Said>) {
        self.bytes += size(conversation, &messages);
        let pushed_out = self.conversations.push(conversation.to_owned(), messages);
        self.let_go(pushed_out);
    }

    fn forget_quietest(&mut self) {
        let quietest = self.conversations.pop_lru();
        self.let_go(quietest);
    }

    fn let_go(&mut self, gone: Option<(String, VecDeque<Said>)>) {
        let size = gone.map_or(0, |(conversation, messages)| size(&conversation, &messages));
        self.bytes = self.bytes.saturating_sub(size);
    }
}

/// Bytes a conversation takes; none if it has no messages.
fn size(conversation: &str, messages: &VecDeque<Said>) -> usize {
    let each = |said: &Said| said.content.len() + size_of::<Said>();
    let all: usize = messages.iter().map(each).sum();
    if all == 0 {
        0
    } else {
        all + conversation.len()
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
            bytes: usize::MAX,
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

    #[test]
    fn all_conversations_together_have_a_bound_in_bytes() {
        let mut history = history(9, 9, usize::MAX);
        history.bounds.bytes = 3_000;
        for round in 0..50 {
            for conversation in ["a", "b", "c"] {
                history.add(conversation, Said::new(Role::User, "x".repeat(900)));
                let kept = history.kept();
                let all = kept.conversations.iter();
                let bytes: usize = all.map(|(name, messages)| size(name, messages)).sum();
                assert_eq!(kept.bytes, bytes, "{round}");
                assert!(bytes <= 3_000 || kept.conversations.len() == 1);
            }
        }
        history.add("d", Said::new(Role::User, "好".repeat(MESSAGE)));
        assert_eq!(history.transcript("d")[0].content.len(), MESSAGE - 1);
        assert!(history.transcript("a").is_empty());
    }
}

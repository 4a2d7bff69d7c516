//! What is known of a chat besides its messages. Most chats have nothing here: a
//! row is stored while it says something.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::host::Host;
use crate::ledger::push::{Day, Push};
use crate::state;
use crate::state::State;
use crate::wire;

/// Bytes of keys and values; the chats silent for longest make room.
pub(crate) const MOST_BYTES: usize = 1024 * 1024;
/// Forgotten at a time: finding the oldest means looking at all, and each costs
/// an action.
const MOST_FORGOTTEN: usize = 64;

/// What is known about a chat.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Chat {
    /// When it was heard of last, Unix milliseconds.
    #[serde(default)]
    heard_wall_ms: u64,
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) push: Push,
    /// Unasked messages of the day.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) pushed: Day,
    /// When a refused content was last explained to the user.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(super) explained_wall_ms: u64,
    /// The private guild conversation behind a target that names its user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) opened: Option<String>,
    /// Bytes it takes in the stored state.
    #[serde(skip)]
    bytes: usize,
}

/// By reply target.
#[derive(Debug, Default)]
pub(crate) struct Chats {
    all: BTreeMap<String, Chat>,
    bytes: usize,
}

impl Chats {
    pub(crate) fn load(state: &State) -> Self {
        let mut chats = Self::default();
        for (target, value) in state.under(state::CHAT) {
            if let Some(mut chat) = wire::read::<Chat>(value) {
                chat.bytes = key(target).len() + value.len();
                chats.bytes += chat.bytes;
                chats.all.insert(target.to_owned(), chat);
            }
        }
        chats
    }

    pub(crate) fn get(&self, target: &str) -> Option<&Chat> {
        self.all.get(target)
    }

    /// Chats whose target begins with `prefix`.
    pub(crate) fn under<'s>(&'s self, prefix: &'s str) -> impl Iterator<Item = &'s Chat> {
        let from = self.all.range(prefix.to_owned()..);
        from.take_while(move |(target, _)| target.starts_with(prefix))
            .map(|(_, chat)| chat)
    }

    /// Something was said there. That alone is not worth a write.
    pub(crate) fn heard(&mut self, target: &str, wall_ms: u64) {
        if let Some(chat) = self.all.get_mut(target) {
            chat.heard_wall_ms = wall_ms;
        }
    }

    /// Changes what is known of a chat, and stores it.
    pub(crate) fn change(&mut self, target: &str, host: &mut Host, change: impl FnOnce(&mut Chat)) {
        let mut chat = self.all.remove(target).unwrap_or_default();
        self.bytes -= chat.bytes;
        let was_stored = chat.bytes > 0;
        change(&mut chat);
        chat.heard_wall_ms = host.now().wall_ms;
        let nothing = Chat {
            heard_wall_ms: chat.heard_wall_ms,
            bytes: chat.bytes,
            ..Chat::default()
        };
        if chat == nothing {
            if was_stored {
                host.remove(key(target));
            }
            return;
        }
        let value = state::encode(&chat);
        chat.bytes = key(target).len() + value.len();
        self.make_room(chat.bytes, host);
        self.bytes += chat.bytes;
        host.put(key(target), value);
        self.all.insert(target.to_owned(), chat);
    }

    fn make_room(&mut self, bytes: usize, host: &mut Host) {
        if self.bytes + bytes <= MOST_BYTES {
            return;
        }
        let heard = self
            .all
            .iter()
            .map(|(target, chat)| (chat.heard_wall_ms, target.clone()));
        let mut heard: Vec<_> = heard.collect();
        heard.sort_unstable();
        for (_, target) in heard.into_iter().take(MOST_FORGOTTEN) {
            let chat = self.all.remove(&target);
            self.bytes -= chat.map_or(0, |chat| chat.bytes);
            host.remove(key(&target));
        }
    }

    /// Bytes in the stored state.
    #[cfg(test)]
    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }
}

fn key(target: &str) -> String {
    format!("{}{target}", state::CHAT)
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

//! Text that can be sent neither in answer nor unasked, kept until its chat
//! writes again.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::media::{self, Media};
use super::prose;
use super::reply::Part;
use crate::config::{Limit, Limits};
use crate::host::Host;
use crate::state::{self, State};
use crate::wire;

/// Chats something is kept for.
const MOST_CHATS: usize = 256;
/// Bytes kept for one chat, and in all.
const MOST_BYTES_IN_CHAT: usize = 256 * 1024;
const MOST_BYTES: usize = 2 * 1024 * 1024;
/// Files the host holds for what is kept; it holds 64 in all.
const MOST_FILES: usize = 16;

#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    until_wall_ms: u64,
    parts: VecDeque<Part>,
}

/// By reply target.
#[derive(Debug, Default)]
pub(super) struct Store(BTreeMap<String, Kept>);

impl Store {
    pub(super) fn load(state: &State) -> Self {
        let kept = state.under(state::KEPT);
        let read = |(target, value): (&str, _)| Some((target.to_owned(), wire::read(value)?));
        Self(kept.filter_map(read).collect())
    }

    /// Whether `parts` would be kept.
    pub(super) fn has_room(&self, target: &str, parts: &VecDeque<Part>, limits: &Limits) -> bool {
        let in_chat = self.0.get(target).map(|kept| bytes(&kept.parts));
        let all: usize = self.0.values().map(|kept| bytes(&kept.parts)).sum();
        let new = bytes(parts);
        limits.get(Limit::KeepSecs) > 0
            && (in_chat.is_some() || self.0.len() < MOST_CHATS)
            && in_chat.unwrap_or(0) + new <= MOST_BYTES_IN_CHAT
            && all + new <= MOST_BYTES
    }

    /// Keeps `parts` behind what is kept for this chat.
    pub(super) fn keep(
        &mut self,
        target: &str,
        parts: VecDeque<Part>,
        limits: &Limits,
        host: &mut Host,
    ) {
        let until_wall_ms = host
            .now()
            .wall_ms
            .saturating_add(limits.ms(Limit::KeepSecs));
        let room = MOST_FILES.saturating_sub(self.files());
        let parts = media::in_words_beyond(parts, room, host);
        let kept = self.0.entry(target.to_owned()).or_insert_with(|| Kept {
            until_wall_ms,
            parts: VecDeque::new(),
        });
        kept.until_wall_ms = until_wall_ms;
        for part in parts {
            let joined = kept
                .parts
                .back_mut()
                .is_some_and(|last| prose::join(last, &part, limits));
            if !joined {
                kept.parts.push_back(part);
            }
        }
        host.put(format!("{}{target}", state::KEPT), state::encode(kept));
        host.count("replies_kept");
    }

    /// Files the host holds for what is kept.
    fn files(&self) -> usize {
        let parts = self.0.values().flat_map(|kept| &kept.parts);
        parts
            .filter_map(Part::media)
            .filter_map(Media::blob)
            .count()
    }

    /// Gives out what is kept for a chat, unless it is too old.
    pub(super) fn release(&mut self, target: &str, host: &mut Host) -> Option<VecDeque<Part>> {
        let kept = self.0.remove(target)?;
        host.remove(format!("{}{target}", state::KEPT));
        if kept.until_wall_ms <= host.now().wall_ms {
            kept.forget(host);
            return None;
        }
        Some(kept.parts)
    }

    /// Forgets what is too old.
    pub(super) fn expire(&mut self, host: &mut Host) {
        let now_ms = host.now().wall_ms;
        let old = self
            .0
            .extract_if(.., |_, kept| kept.until_wall_ms <= now_ms);
        for (target, kept) in old {
            host.remove(format!("{}{target}", state::KEPT));
            kept.forget(host);
        }
    }
}

impl Kept {
    /// It was kept too long.
    fn forget(self, host: &mut Host) {
        host.count("replies_kept_too_long");
        media::in_words_beyond(self.parts, 0, host);
    }
}

fn bytes(parts: &VecDeque<Part>) -> usize {
    parts.iter().map(|part| part.text().len()).sum()
}

#[cfg(test)]
mod tests {
    use super::super::reply::Content;
    use super::*;
    use crate::host::tests::host;

    fn parts(text: &str) -> VecDeque<Part> {
        [Part::new(Content::Text(text.to_owned()))].into()
    }

    #[test]
    fn what_is_kept_comes_out_in_order_and_joined() {
        let (mut host, limits) = (host(), Limits::default());
        let mut store = Store::default();
        store.keep("c2c:1:A", parts("one"), &limits, &mut host);
        store.keep("c2c:1:A", parts("two"), &limits, &mut host);
        let released = store.release("c2c:1:A", &mut host);
        let texts: Vec<_> = released.iter().flatten().map(Part::text).collect();
        assert_eq!(texts, ["one\n\ntwo"]);
        assert_eq!(store.release("c2c:1:A", &mut host), None);
    }

    #[test]
    fn what_is_kept_too_long_or_too_much_is_not_kept() {
        let (mut host, limits) = (host(), Limits::default());
        let mut store = Store::default();
        store.keep("c2c:1:A", parts("one"), &limits, &mut host);
        let big = parts(&"x".repeat(MOST_BYTES_IN_CHAT));
        assert!(!store.has_room("c2c:1:A", &big, &limits));
        assert!(store.has_room("c2c:1:B", &big, &limits));
        host.set_now(1_000_000 + 86_400_000, 0);
        assert_eq!(store.release("c2c:1:A", &mut host), None);
    }
}

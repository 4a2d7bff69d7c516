//! Text that can be sent neither in answer nor unasked, kept until its chat
//! writes again.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use crate::compose::media::Media;
use crate::compose::part::Part;
use crate::compose::{files, rewrite};
use crate::config::{Limit, Limits};
use crate::contract::{Failure, FailureKind, Level};
use crate::cx::Cx;
use crate::host::Host;
use crate::replies::origin::Origin;
use crate::replies::owner::Owner;
use crate::replies::reply::Reply;
use crate::state;
use crate::state::State;
use crate::wire;

/// Bytes kept for one chat, and in all.
const MOST_BYTES_IN_CHAT: usize = 256 * 1024;
const MOST_BYTES: usize = 4 * 1024 * 1024;
/// Bytes a chat takes beside its text.
const BYTES_OF_CHAT: usize = 512;
/// Files the host holds for what is kept; it holds 64 in all.
const MOST_FILES: usize = 16;
/// Commands that are told what becomes of what is kept for one chat.
const MOST_OWNERS: usize = 128;

#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    until_wall_ms: u64,
    parts: VecDeque<Part>,
    /// Who is told what became of it.
    #[serde(default)]
    owners: Vec<Owner>,
}

/// By reply target.
#[derive(Debug, Default)]
pub(crate) struct Store {
    chats: BTreeMap<String, Kept>,
    bytes: usize,
}

impl Store {
    pub(crate) fn load(state: &State) -> Self {
        let kept = state.under(state::KEPT);
        let read = |(target, value): (&str, _)| Some((target.to_owned(), wire::read(value)?));
        let chats: BTreeMap<String, Kept> = kept.filter_map(read).collect();
        Self {
            bytes: chats.values().map(Kept::bytes).sum(),
            chats,
        }
    }

    /// Whether `parts` would be kept; beside the `owners` there may be one more.
    pub(crate) fn has_room(
        &self,
        target: &str,
        (parts, owners): (&VecDeque<Part>, &[Owner]),
        limits: &Limits,
    ) -> bool {
        let kept = self.chats.get(target);
        let in_chat = kept.map_or(0, |kept| bytes(&kept.parts));
        let known = kept.map_or(0, |kept| kept.owners.len());
        let new = bytes(parts) + owners.iter().map(Owner::bytes).sum::<usize>();
        limits.get(Limit::KeepSecs) > 0
            && known + owners.len() < MOST_OWNERS
            && in_chat + new <= MOST_BYTES_IN_CHAT
            && self.bytes + BYTES_OF_CHAT + new <= MOST_BYTES
    }

    /// Keeps `parts` behind what is kept for this chat.
    pub(crate) fn keep(
        &mut self,
        target: &str,
        (parts, owners): (VecDeque<Part>, Vec<Owner>),
        limits: &Limits,
        host: &mut Host,
    ) {
        let until_wall_ms = host
            .now()
            .wall_ms
            .saturating_add(limits.ms(Limit::KeepSecs));
        let has_files = parts.iter().any(|part| part.media().is_some());
        let room = if has_files {
            MOST_FILES.saturating_sub(self.files())
        } else {
            0
        };
        let parts = files::in_words_beyond(parts, room, host);
        self.bytes -= self.chats.get(target).map_or(0, Kept::bytes);
        let kept = self.chats.entry(target.to_owned()).or_insert_with(|| Kept {
            until_wall_ms,
            parts: VecDeque::new(),
            owners: Vec::new(),
        });
        kept.until_wall_ms = until_wall_ms;
        kept.owners.extend(owners);
        for part in parts {
            let joined = kept
                .parts
                .back_mut()
                .is_some_and(|last| rewrite::join(last, &part, limits));
            if !joined {
                kept.parts.push_back(part);
            }
        }
        self.bytes += kept.bytes();
        host.put(format!("{}{target}", state::KEPT), state::encode(kept));
        host.count("replies_kept");
        let text = "what cannot be sent now is kept until its chat writes again";
        host.note_seldom("replies_kept", Level::Info, text);
    }

    /// Keeps what is left of a reply for the chat's next message; the channel's
    /// own words are not worth it.
    pub(super) fn take_in(&mut self, mut reply: Reply, cx: &mut Cx) {
        let limits = &cx.settings.limits;
        let has_room = self.has_room(&reply.target, (&reply.parts, &reply.owners), limits);
        if matches!(reply.origin, Origin::Own(_)) || !has_room {
            let failure = reply.not_kept();
            return reply.fail(failure, &mut cx.host);
        }
        let parts = std::mem::take(&mut reply.parts);
        let owners = reply.defer();
        self.keep(&reply.target, (parts, owners), limits, &mut cx.host);
        reply.finish(&mut cx.host);
    }

    /// The last reply there is: it says how much is held back, and the rest waits
    /// for the chat's next message.
    pub(super) fn hold_back(&mut self, reply: &mut Reply, cx: &mut Cx) {
        let limits = &cx.settings.limits;
        if !self.has_room(&reply.target, (&reply.parts, &reply.owners), limits) {
            return;
        }
        let rest = rewrite::hold_back(&mut reply.parts, limits);
        let owners = reply.defer();
        self.keep(&reply.target, (rest, owners), limits, &mut cx.host);
    }

    /// Files the host holds for what is kept.
    fn files(&self) -> usize {
        let parts = self.chats.values().flat_map(|kept| &kept.parts);
        parts
            .filter_map(Part::media)
            .filter_map(Media::blob)
            .count()
    }

    /// Gives out what is kept for a chat, and who is told what becomes of it.
    pub(crate) fn release(
        &mut self,
        target: &str,
        host: &mut Host,
    ) -> Option<(VecDeque<Part>, Vec<Owner>)> {
        let kept = self.chats.remove(target)?;
        self.bytes -= kept.bytes();
        host.remove(format!("{}{target}", state::KEPT));
        if kept.until_wall_ms <= host.now().wall_ms {
            kept.forget(target, host);
            return None;
        }
        Some((kept.parts, kept.owners))
    }

    /// When the first of it is too old, Unix milliseconds.
    pub(crate) fn due_wall_ms(&self) -> Option<u64> {
        self.chats.values().map(|kept| kept.until_wall_ms).min()
    }

    /// Forgets what is too old.
    pub(crate) fn expire(&mut self, host: &mut Host) {
        let now_ms = host.now().wall_ms;
        let old = |kept: &Kept| kept.until_wall_ms <= now_ms;
        while host.has_room()
            && let Some((target, _)) = self.chats.iter().find(|(_, kept)| old(kept))
        {
            let target = target.clone();
            self.release(&target, host);
        }
    }
}

impl Kept {
    fn bytes(&self) -> usize {
        let owners: usize = self.owners.iter().map(Owner::bytes).sum();
        bytes(&self.parts) + owners + BYTES_OF_CHAT
    }

    /// It was kept too long.
    fn forget(self, target: &str, host: &mut Host) {
        host.count("replies_kept_too_long");
        files::in_words_beyond(self.parts, 0, host);
        for owner in self.owners {
            let what = "the chat did not write again in time, and the message was given up";
            let failure = Failure::new(FailureKind::Rejected, what)
                .remedy("Send it again when the user has written.");
            owner.settle(target, Err(failure), host);
        }
    }
}

fn bytes(parts: &VecDeque<Part>) -> usize {
    parts.iter().map(|part| part.text().len()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::part::Content;
    use crate::host::tests::host;

    fn parts(text: &str) -> VecDeque<Part> {
        [Part::new(Content::Text(text.to_owned()))].into()
    }

    #[test]
    fn what_is_kept_comes_out_in_order_and_joined() {
        let (mut host, limits) = (host(), Limits::default());
        let mut store = Store::default();
        store.keep("c2c:1:A", (parts("one"), Vec::new()), &limits, &mut host);
        store.keep("c2c:1:A", (parts("two"), Vec::new()), &limits, &mut host);
        let released = store.release("c2c:1:A", &mut host);
        let released = released.map(|(parts, _)| parts);
        let texts: Vec<_> = released.iter().flatten().map(Part::text).collect();
        assert_eq!(texts, ["one\n\ntwo"]);
        assert_eq!(store.release("c2c:1:A", &mut host), None);
    }

    #[test]
    fn what_is_kept_too_long_or_too_much_is_not_kept() {
        let (mut host, limits) = (host(), Limits::default());
        let mut store = Store::default();
        store.keep("c2c:1:A", (parts("one"), Vec::new()), &limits, &mut host);
        let big = parts(&"x".repeat(MOST_BYTES_IN_CHAT));
        assert!(!store.has_room("c2c:1:A", (&big, &[]), &limits));
        assert!(store.has_room("c2c:1:B", (&big, &[]), &limits));
        host.set_now(1_000_000 + 86_400_000, 0);
        assert_eq!(store.release("c2c:1:A", &mut host), None);
    }

    #[test]
    fn not_everybody_is_told_at_once_what_becomes_of_it() {
        let (mut host, limits) = (host(), Limits::default());
        let (mut store, one) = (Store::default(), parts("one"));
        let owner = Owner {
            command: 1,
            message_id: None,
        };
        // What was kept comes, cannot be sent, and meets what was kept meanwhile.
        let mut owners = Vec::new();
        for _ in 0..9 {
            for _ in 0..MOST_OWNERS / 2 {
                let kept = (one.clone(), vec![owner.clone()]);
                store.keep("c2c:1:A", kept, &limits, &mut host);
            }
            if store.has_room("c2c:1:A", (&one, &owners), &limits) {
                store.keep("c2c:1:A", (one.clone(), owners), &limits, &mut host);
            }
            let released = store.release("c2c:1:A", &mut host);
            owners = released.map(|(_, owners)| owners).unwrap_or_default();
            assert!(!owners.is_empty() && owners.len() <= MOST_OWNERS);
        }
        assert_eq!(store.bytes, 0);
    }

    #[test]
    fn a_little_is_kept_for_each_of_many() {
        let (mut host, limits) = (host(), Limits::default());
        let (mut store, mut chats) = (Store::default(), 0);
        let hello = parts("hello");
        while store.has_room(&format!("c2c:1:{chats}"), (&hello, &[]), &limits) {
            store.keep(
                &format!("c2c:1:{chats}"),
                (parts("hello"), Vec::new()),
                &limits,
                &mut host,
            );
            chats += 1;
        }
        assert!(chats > 4_096, "{chats}");
        for chat in 0..chats {
            store.release(&format!("c2c:1:{chat}"), &mut host);
        }
        assert_eq!(store.bytes, 0);
    }
}

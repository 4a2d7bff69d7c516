//! What can still be answered, and with how many replies.
//!
//! A bot answers; it does not open a conversation. A private message can be
//! answered for 60 minutes with 4 replies, a group message for 5 minutes with 5
//! (QQ docs, server-inter/message/overview; one page still says 5 for private
//! messages, so 4 is planned). `(msg_id, msg_seq)` must never repeat.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::sending::{Anchor, Sending};
use crate::host::Host;
use crate::state::{self, State};
use crate::target::{ReplyTarget, Scene};
use crate::wire;

/// Chats remembered; the one silent for longest makes room.
const MOST_CHATS: usize = 512;
/// Messages remembered in a chat.
const MOST_ANCHORS: usize = 8;
/// A reply needs time to get there.
const MARGIN_MS: u64 = 10_000;

/// A message that can be answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    id: String,
    /// When it came, by this machine's clock: it is compared with that clock
    /// only, so a wrong clock does no harm.
    received_wall_ms: u64,
    /// Replies sent.
    used: u32,
    next_seq: u32,
    /// Numbers given to replies whose fate died with an earlier host. The next
    /// answer to this very message takes one of them: should the first have
    /// arrived, the platform knows the number and shows nothing twice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    unsettled: Vec<u32>,
}

/// A number for a reply.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) anchor: Anchor,
    /// A reply with this number may have arrived before.
    pub(super) again: bool,
}

/// By reply target, oldest message first.
#[derive(Debug, Default)]
pub(super) struct Ledger(BTreeMap<String, Vec<Entry>>);

const fn window_ms(scene: Scene) -> u64 {
    match scene {
        Scene::C2c => 60 * 60_000 - MARGIN_MS,
        Scene::Group => 5 * 60_000 - MARGIN_MS,
    }
}

const fn budget(scene: Scene) -> u32 {
    match scene {
        Scene::C2c => 4,
        Scene::Group => 5,
    }
}

impl Entry {
    const fn is_open(&self, scene: Scene, now_ms: u64) -> bool {
        now_ms.saturating_sub(self.received_wall_ms) < window_ms(scene)
    }

    const fn is_usable(&self, scene: Scene, now_ms: u64) -> bool {
        self.is_open(scene, now_ms) && self.used < budget(scene)
    }
}

impl Ledger {
    /// The stored ledger.
    pub(super) fn load(state: &State) -> Self {
        let entries = |value: &[u8]| wire::read(value).unwrap_or_default();
        Self(
            state
                .under(state::CHAT)
                .map(|(chat, value)| (chat.to_owned(), entries(value)))
                .collect(),
        )
    }

    /// A message came.
    pub(super) fn received(&mut self, target: &str, scene: Scene, id: &str, host: &mut Host) {
        if !self.0.contains_key(target) {
            self.make_room(host);
        }
        let now_ms = host.now().wall_ms;
        let entries = self.0.entry(target.to_owned()).or_default();
        entries.retain(|entry| entry.is_open(scene, now_ms) && entry.id != id);
        if entries.len() >= MOST_ANCHORS {
            entries.remove(0);
        }
        entries.push(Entry {
            id: id.to_owned(),
            received_wall_ms: now_ms,
            used: 0,
            next_seq: 1,
            unsettled: Vec::new(),
        });
        save(target, entries, host);
    }

    fn make_room(&mut self, host: &mut Host) {
        if self.0.len() < MOST_CHATS {
            return;
        }
        let silent_since =
            |entries: &[Entry]| entries.last().map_or(0, |entry| entry.received_wall_ms);
        let oldest = self
            .0
            .iter()
            .min_by_key(|(_, entries)| silent_since(entries));
        if let Some(chat) = oldest.map(|(chat, _)| chat.clone()) {
            self.0.remove(&chat);
            host.remove(format!("{}{chat}", state::CHAT));
        }
    }

    /// Takes a reply from the message `reply_to`, or else from the newest one
    /// that has replies left.
    pub(super) fn take(
        &mut self,
        target: &str,
        reply_to: Option<&str>,
        host: &mut Host,
    ) -> Option<Taken> {
        let scene = ReplyTarget::parse(target)?.scene;
        let now_ms = host.now().wall_ms;
        let entries = self.0.get_mut(target)?;
        if let Some(taken) = retake(entries, reply_to, scene, now_ms) {
            save(target, entries, host);
            return Some(taken);
        }
        let usable = |entry: &Entry| entry.is_usable(scene, now_ms);
        let named = entries
            .iter()
            .position(|entry| Some(&*entry.id) == reply_to && usable(entry));
        let index = named.or_else(|| entries.iter().rposition(usable))?;
        let entry = entries.get_mut(index)?;
        entry.used += 1;
        let anchor = entry.number();
        save(target, entries, host);
        Some(Taken {
            anchor,
            again: false,
        })
    }

    /// The host died before it learned what became of this reply.
    pub(super) fn unsettle(&mut self, sending: &Sending, host: &mut Host) {
        let seq = sending.anchor.as_ref().map(|anchor| anchor.msg_seq);
        self.change(sending, host, |entry| entry.unsettled.extend(seq));
    }

    /// The platform says it cannot be answered any more.
    pub(super) fn close(&mut self, sending: &Sending, host: &mut Host) {
        self.change(sending, host, |entry| entry.used = u32::MAX);
    }

    /// The platform refused the reply for a reason of its own: it did not count.
    pub(super) fn refund(&mut self, sending: &Sending, host: &mut Host) {
        self.change(sending, host, |entry| {
            if entry.used != u32::MAX {
                entry.used = entry.used.saturating_sub(1);
            }
        });
    }

    /// Gives the reply the next number.
    pub(super) fn renumber(&mut self, sending: &mut Sending, host: &mut Host) {
        let mut fresh = None;
        self.change(sending, host, |entry| fresh = Some(entry.number()));
        if fresh.is_some() {
            sending.anchor = fresh;
        }
    }

    fn change(&mut self, sending: &Sending, host: &mut Host, change: impl FnOnce(&mut Entry)) {
        let Some(anchor) = &sending.anchor else {
            return;
        };
        let Some(entries) = self.0.get_mut(&sending.target) else {
            return;
        };
        let Some(entry) = entries.iter_mut().find(|entry| entry.id == anchor.msg_id) else {
            return;
        };
        change(entry);
        save(&sending.target, entries, host);
    }
}

/// The number of an earlier reply to the message `reply_to`, if one is open.
fn retake(
    entries: &mut [Entry],
    reply_to: Option<&str>,
    scene: Scene,
    now_ms: u64,
) -> Option<Taken> {
    let entry = entries
        .iter_mut()
        .find(|entry| Some(&*entry.id) == reply_to && entry.is_open(scene, now_ms))?;
    let msg_seq = entry.unsettled.pop()?;
    let msg_id = entry.id.clone();
    Some(Taken {
        anchor: Anchor { msg_id, msg_seq },
        again: true,
    })
}

impl Entry {
    fn number(&mut self) -> Anchor {
        let msg_seq = self.next_seq;
        self.next_seq += 1;
        Anchor {
            msg_id: self.id.clone(),
            msg_seq,
        }
    }
}

fn save(target: &str, entries: &[Entry], host: &mut Host) {
    host.put(format!("{}{target}", state::CHAT), state::encode(&entries));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::Action;
    use crate::host::tests::host;

    const USER: &str = "c2c:102:A";
    const GROUP: &str = "group:102:G";

    /// Takes a reply and shows it as `id#seq`.
    fn take(
        ledger: &mut Ledger,
        target: &str,
        reply_to: Option<&str>,
        host: &mut Host,
    ) -> Option<String> {
        ledger
            .take(target, reply_to, host)
            .map(|taken| format!("{}#{}", taken.anchor.msg_id, taken.anchor.msg_seq))
    }

    #[test]
    fn numbers_replies_from_one_and_stops_at_the_budget() {
        let (mut host, mut ledger) = (host(), Ledger::default());
        ledger.received(USER, Scene::C2c, "m", &mut host);
        let taken: Vec<_> = (0..5)
            .map(|_| take(&mut ledger, USER, None, &mut host))
            .collect();
        let expected = [Some("m#1"), Some("m#2"), Some("m#3"), Some("m#4"), None];
        assert_eq!(taken, expected.map(|t| t.map(str::to_owned)));
    }

    #[test]
    fn prefers_the_named_message_and_falls_back_to_the_newest() {
        let (mut host, mut ledger) = (host(), Ledger::default());
        for id in ["a", "b", "c"] {
            ledger.received(GROUP, Scene::Group, id, &mut host);
        }
        assert_eq!(
            take(&mut ledger, GROUP, Some("a"), &mut host).as_deref(),
            Some("a#1")
        );
        assert_eq!(
            take(&mut ledger, GROUP, Some("zzz"), &mut host).as_deref(),
            Some("c#1")
        );
        assert_eq!(
            take(&mut ledger, GROUP, None, &mut host).as_deref(),
            Some("c#2")
        );
        assert_eq!(take(&mut ledger, USER, None, &mut host), None);
    }

    #[test]
    fn windows_close_in_time() {
        for (target, scene, open_ms) in [
            (USER, Scene::C2c, 3_590_000 - 1),
            (GROUP, Scene::Group, 290_000 - 1),
        ] {
            let (mut host, mut ledger) = (host(), Ledger::default());
            ledger.received(target, scene, "m", &mut host);
            host.set_now(1_000_000 + open_ms, 0);
            assert!(take(&mut ledger, target, None, &mut host).is_some());
            host.set_now(1_000_000 + open_ms + 1, 0);
            assert_eq!(take(&mut ledger, target, None, &mut host), None);
        }
    }

    #[test]
    fn the_chat_silent_for_longest_makes_room() {
        let (mut host, mut ledger) = (host(), Ledger::default());
        for n in 0..=MOST_CHATS {
            host.set_now(1_000_000 + n as u64, 0);
            ledger.received(&format!("c2c:102:{n}"), Scene::C2c, "m", &mut host);
        }
        assert_eq!(ledger.0.len(), MOST_CHATS);
        assert!(
            host.take_actions()
                .contains(&Action::Remove("chat/c2c:102:0".to_owned()))
        );
    }
}

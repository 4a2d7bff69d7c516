//! What can still be answered, with how many replies, and where the bot may write
//! unasked.
//!
//! A bot answers: a private message for 60 minutes with 4 replies, a group
//! message for 5 minutes with 5, a guild message for 5 minutes (QQ docs,
//! server-inter/message/overview; one page still says 5 for private messages, so
//! 4 is planned). `(msg_id, msg_seq)` must never repeat.

mod anchor;
mod push;
mod special;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub(crate) use anchor::Anchor;
use anchor::Entry;
pub(super) use anchor::Taken;
pub(super) use push::Day;
use push::Push;
pub(super) use special::Special;

use super::reply::Reply;
use crate::config::{Limit, Limits};
use crate::host::Host;
use crate::state::{self, State};
use crate::target::{ReplyTarget, Scene};
use crate::wire;

/// Chats remembered; the one silent for longest makes room.
const MOST_CHATS: usize = 512;
/// Messages remembered in a chat.
const MOST_ANCHORS: usize = 8;

/// What is known about a chat.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Chat {
    /// Oldest first.
    #[serde(default)]
    anchors: Vec<Entry>,
    /// When it was heard of last, Unix milliseconds.
    #[serde(default)]
    heard_wall_ms: u64,
    #[serde(default, skip_serializing_if = "is_default")]
    push: Push,
    /// Unasked messages of the day.
    #[serde(default, skip_serializing_if = "is_default")]
    pushed: Day,
    /// When a refused content was last explained to the user.
    #[serde(default, skip_serializing_if = "is_default")]
    explained_wall_ms: u64,
    /// The private guild conversation behind a target that names its user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    opened: Option<String>,
}

/// What can be answered, by reply target.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    chats: BTreeMap<String, Chat>,
    limits: Limits,
    /// Unasked messages of the day to guild conversations, of the whole bot.
    dm_pushed: Day,
}

impl Ledger {
    /// The stored ledger.
    pub(super) fn load(state: &State, limits: Limits) -> Self {
        let chats = state.under(state::CHAT);
        Self {
            chats: chats.map(|(chat, v)| (chat.to_owned(), read(v))).collect(),
            limits,
            dm_pushed: state.json(state::DM_PUSHED).unwrap_or_default(),
        }
    }

    pub(super) const fn reconfigure(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// A message or event came that can be answered.
    pub(super) fn received(&mut self, target: &str, scene: Scene, anchor: Anchor, host: &mut Host) {
        let window_ms = self.window_ms(scene);
        let now_ms = host.now().wall_ms;
        self.change(target, host, |chat| {
            chat.heard_wall_ms = now_ms;
            let anchors = &mut chat.anchors;
            anchors
                .retain(|entry| entry.is_open(window_ms, now_ms) && !entry.is_of(&anchor.msg_id));
            if anchors.len() >= MOST_ANCHORS {
                anchors.remove(0);
            }
            anchors.push(Entry::new(anchor, now_ms));
        });
    }

    /// Replies the chat's open messages still allow. Guild messages allow any
    /// number.
    pub(super) fn slots(&self, target: &str, host: &Host) -> u32 {
        let (Some(chat), Some(scene)) = (self.chats.get(target), scene_of(target)) else {
            return 0;
        };
        let now_ms = host.now().wall_ms;
        let window_ms = self.window_ms(scene);
        let open = chat.anchors.iter().filter(|e| e.is_open(window_ms, now_ms));
        let left = open.map(|entry| entry.left(self.budget(scene)));
        left.fold(0, u32::saturating_add)
    }

    /// Takes a reply from the message `reply_to`, or else from the newest one
    /// that has replies left.
    pub(super) fn take(
        &mut self,
        target: &str,
        reply_to: Option<&str>,
        host: &mut Host,
    ) -> Option<Taken> {
        let scene = scene_of(target)?;
        let (window_ms, budget) = (self.window_ms(scene), self.budget(scene));
        let now_ms = host.now().wall_ms;
        let chat = self.chats.get_mut(target)?;
        let open = |entry: &Entry| entry.is_open(window_ms, now_ms);
        let taken = anchor::take(&mut chat.anchors, reply_to, budget, scene, open)?;
        save(target, chat, host);
        Some(taken)
    }

    /// The host died before it learned what became of these replies.
    pub(super) fn unsettle(&mut self, reply: &Reply, host: &mut Host) {
        for anchor in reply.numbers() {
            self.entry(&reply.target, anchor, host, |entry| {
                entry.unsettled.extend(anchor.msg_seq);
            });
        }
    }

    /// The platform says it cannot be answered any more.
    pub(super) fn close(&mut self, reply: &Reply, host: &mut Host) {
        if let Some(anchor) = &reply.anchor {
            self.entry(&reply.target, anchor, host, Entry::close);
        }
    }

    /// The platform refused the reply for a reason of its own: it did not count.
    pub(super) fn refund(&mut self, reply: &Reply, host: &mut Host) {
        if let Some(anchor) = &reply.anchor {
            self.give_back(&reply.target, anchor, host);
        }
    }

    /// What was to be sent with this number did not count.
    pub(super) fn give_back(&mut self, target: &str, anchor: &Anchor, host: &mut Host) {
        self.entry(target, anchor, host, Entry::refund);
    }

    /// Gives the reply the next number.
    pub(super) fn renumber(&mut self, reply: &mut Reply, host: &mut Host) {
        let (Some(anchor), Some(scene)) = (&reply.anchor, scene_of(&reply.target)) else {
            return;
        };
        let mut fresh = None;
        self.entry(&reply.target, anchor, host, |entry| {
            fresh = Some(entry.number(scene));
        });
        if fresh.is_some() {
            reply.anchor = fresh;
        }
    }

    /// The conversation to write to, for a target that names its user.
    pub(super) fn opened(&self, target: &str) -> Option<&str> {
        self.chats.get(target)?.opened.as_deref()
    }

    /// The conversation was opened.
    pub(super) fn open(&mut self, target: &str, guild_id: String, host: &mut Host) {
        self.change(target, host, |chat| chat.opened = Some(guild_id));
    }

    /// Whether the user should be told that a content was refused: once a day.
    pub(super) fn may_explain(&mut self, target: &str, host: &mut Host) -> bool {
        const DAY_MS: u64 = 24 * 60 * 60_000;
        let now_ms = host.now().wall_ms;
        let told = self.chats.get(target).map(|chat| chat.explained_wall_ms);
        if told.is_some_and(|told| told != 0 && now_ms.saturating_sub(told) < DAY_MS) {
            return false;
        }
        self.change(target, host, |chat| chat.explained_wall_ms = now_ms);
        true
    }

    /// A reply needs time to get there.
    fn window_ms(&self, scene: Scene) -> u64 {
        const MARGIN_MS: u64 = 10_000;
        let limit = match scene {
            Scene::C2c => Limit::C2cWindowSecs,
            Scene::Group => Limit::GroupWindowSecs,
            Scene::Channel | Scene::GuildDm => Limit::GuildWindowSecs,
        };
        self.limits.ms(limit).saturating_sub(MARGIN_MS)
    }

    fn budget(&self, scene: Scene) -> u32 {
        match scene {
            Scene::C2c => self.limits.get(Limit::C2cReplies),
            Scene::Group => self.limits.get(Limit::GroupReplies),
            Scene::Channel | Scene::GuildDm => u32::MAX,
        }
    }

    fn entry(
        &mut self,
        target: &str,
        anchor: &Anchor,
        host: &mut Host,
        change: impl FnOnce(&mut Entry),
    ) {
        let Some(chat) = self.chats.get_mut(target) else {
            return;
        };
        if let Some(entry) = chat.anchors.iter_mut().find(|e| e.is_of(&anchor.msg_id)) {
            change(entry);
            save(target, chat, host);
        }
    }

    fn change(&mut self, target: &str, host: &mut Host, change: impl FnOnce(&mut Chat)) {
        if !self.chats.contains_key(target) {
            self.make_room(host);
        }
        let chat = self.chats.entry(target.to_owned()).or_default();
        change(chat);
        save(target, chat, host);
    }

    fn make_room(&mut self, host: &mut Host) {
        if self.chats.len() < MOST_CHATS {
            return;
        }
        let oldest = self.chats.iter().min_by_key(|(_, c)| c.heard_wall_ms);
        if let Some(target) = oldest.map(|(target, _)| target.clone()) {
            self.chats.remove(&target);
            host.remove(format!("{}{target}", state::CHAT));
        }
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

fn scene_of(target: &str) -> Option<Scene> {
    Some(ReplyTarget::parse(target)?.scene)
}

/// Earlier versions stored the list of messages alone.
fn read(value: &[u8]) -> Chat {
    wire::read(value).unwrap_or_else(|| {
        let anchors: Vec<Entry> = wire::read(value).unwrap_or_default();
        Chat {
            heard_wall_ms: anchors.last().map_or(0, Entry::received_wall_ms),
            anchors,
            ..Chat::default()
        }
    })
}

fn save(target: &str, chat: &Chat, host: &mut Host) {
    host.put(format!("{}{target}", state::CHAT), state::encode(chat));
}

#[cfg(test)]
mod tests;

//! What can still be answered, with how many replies, and where the bot may write
//! unasked.
//!
//! A bot answers: a private message for 60 minutes with 4 replies, a group
//! message for 5 minutes with 5, a guild message for 5 minutes (QQ docs,
//! server-inter/message/overview; one page still says 5 for private messages, so
//! 4 is planned). `(msg_id, msg_seq)` must never repeat.

mod anchor;
mod anchors;
pub(crate) mod audit;
mod chats;
mod push;
pub(crate) mod rates;
pub(crate) mod rests;
pub(crate) mod scenes;
mod special;
pub(crate) mod stops;
mod unasked;

use self::audit::Audits;
use self::rests::Rests;
use self::scenes::Scenes;
use self::stops::Stops;
use crate::ledger::rates::Buckets;
pub(crate) use anchor::Anchor;
use anchor::Entry;
pub(crate) use anchor::Taken;
use anchors::Anchors;
use chats::Chats;
pub(crate) use push::Day;
pub(crate) use special::Special;

use crate::config::{Limit, Limits};
use crate::contract::Failure;
use crate::host::Host;
use crate::state;
use crate::state::State;
use crate::target::{ReplyTarget, Scene};

/// What can be answered, by reply target, and what else is known of a chat.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    anchors: Anchors,
    chats: Chats,
    limits: Limits,
    /// Unasked messages of the day to guild conversations, of the whole bot.
    dm_pushed: Day,
    /// Messages that moderators decide about.
    pub(crate) audits: Audits,
    /// Why this machine may not talk to the platform, until a message gets through.
    pub(crate) blocked: Option<Failure>,
    /// Chats that nothing reaches for now.
    pub(crate) stops: Stops,
    /// Where markup is sent.
    pub(crate) scenes: Scenes,
    /// Endpoints that are left alone for a while.
    pub(crate) rests: Rests,
    /// How often something may be sent.
    pub(crate) rates: Buckets,
}

impl Ledger {
    /// The stored ledger.
    pub(crate) fn load(state: &State, limits: Limits) -> Self {
        Self {
            anchors: Anchors::load(state, |target| window_of(target, &limits)),
            chats: Chats::load(state),
            limits,
            dm_pushed: state.json(state::DM_PUSHED).unwrap_or_default(),
            audits: Audits::load(state),
            blocked: None,
            stops: Stops::default(),
            scenes: Scenes::load(state),
            rests: Rests::default(),
            rates: Buckets::default(),
        }
    }

    pub(crate) fn reconfigure(&mut self, limits: Limits) {
        self.limits = limits;
        self.anchors.measure(|target| window_of(target, &limits));
    }

    /// A message or event came that can be answered. What is forgotten for it is
    /// nothing that a reply on its way `needs`.
    pub(crate) fn received(
        &mut self,
        target: &str,
        scene: Scene,
        anchor: Anchor,
        needs: impl Fn(&str, &str) -> bool,
        host: &mut Host,
    ) {
        let wall_ms = host.now().wall_ms;
        self.chats.heard(target, wall_ms);
        let closes_wall_ms = wall_ms.saturating_add(window_ms(scene, &self.limits));
        let entry = Entry::new(anchor, wall_ms, closes_wall_ms);
        self.anchors.insert(target, entry, needs, host);
    }

    /// The agent has the message: its answer is to come.
    pub(crate) fn awaits(&mut self, target: &str, id: &str) {
        self.anchors.set_awaited(target, id, true);
    }

    /// The agent is done with the message.
    pub(crate) fn turn_ended(
        &mut self,
        target: &str,
        id: &str,
        needs: impl Fn(&str, &str) -> bool,
        host: &mut Host,
    ) {
        self.anchors.set_awaited(target, id, false);
        self.anchors.thin_out(target, needs, host);
    }

    /// Replies the chat's open messages still allow. Guild messages allow any
    /// number.
    pub(crate) fn slots(&self, target: &str, reply_to: Option<&str>, host: &Host) -> u32 {
        let Some(scene) = scene_of(target) else {
            return 0;
        };
        let now_ms = host.now().wall_ms;
        let window_ms = self.window_ms(scene);
        let anchors = self.anchors.of(target).iter();
        let open = anchors.filter(|entry| entry.is_open(window_ms, now_ms));
        let left = open.map(|entry| entry.left_for(reply_to, self.budget(scene)));
        left.fold(0, u32::saturating_add)
    }

    /// Takes a reply from the message `reply_to`, or else from another one of
    /// the chat that has replies left.
    pub(crate) fn take(
        &mut self,
        target: &str,
        reply_to: Option<&str>,
        host: &mut Host,
    ) -> Option<Taken> {
        let scene = scene_of(target)?;
        let (window_ms, budget) = (self.window_ms(scene), self.budget(scene));
        let now_ms = host.now().wall_ms;
        let open = |entry: &Entry| entry.is_open(window_ms, now_ms);
        let take = |entries: &mut [Entry]| anchor::take(entries, reply_to, budget, scene, open);
        self.anchors.change(target, take, host)
    }

    /// The host died before it learned what became of this number.
    pub(crate) fn unsettle(&mut self, target: &str, anchor: &Anchor, host: &mut Host) {
        self.entry(target, anchor, host, |entry| {
            entry.unsettle(anchor.msg_seq);
        });
    }

    /// The platform says it cannot be answered any more.
    pub(crate) fn close(&mut self, target: &str, anchor: &Anchor, host: &mut Host) {
        self.entry(target, anchor, host, Entry::close);
    }

    /// What was to be sent with this number did not count.
    pub(crate) fn give_back(&mut self, target: &str, anchor: &Anchor, host: &mut Host) {
        self.entry(target, anchor, host, Entry::refund);
    }

    /// The next number of the message this one belongs to.
    pub(crate) fn renumber(
        &mut self,
        target: &str,
        anchor: &Anchor,
        host: &mut Host,
    ) -> Option<Anchor> {
        let scene = scene_of(target)?;
        let mut fresh = None;
        self.entry(target, anchor, host, |entry| {
            fresh = Some(entry.next(scene));
        });
        fresh
    }

    /// Until when this takes replies, Unix milliseconds.
    pub(crate) fn closes_wall_ms(&self, target: &str, anchor: &Anchor) -> Option<u64> {
        let mut anchors = self.anchors.of(target).iter();
        let entry = anchors.find(|entry| entry.is_of(&anchor.msg_id))?;
        Some(entry.closes_wall_ms)
    }

    fn window_ms(&self, scene: Scene) -> u64 {
        window_ms(scene, &self.limits)
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
        let it = |entries: &mut [Entry]| {
            let index = entries.iter().position(|e| e.is_of(&anchor.msg_id))?;
            change(entries.get_mut(index)?);
            Some((index, ()))
        };
        self.anchors.change(target, it, host);
    }
}

/// A reply needs time to get there.
fn window_ms(scene: Scene, limits: &Limits) -> u64 {
    const MARGIN_MS: u64 = 10_000;
    let limit = match scene {
        Scene::C2c => Limit::C2cWindowSecs,
        Scene::Group => Limit::GroupWindowSecs,
        Scene::Channel | Scene::GuildDm => Limit::GuildWindowSecs,
    };
    limits.ms(limit).saturating_sub(MARGIN_MS)
}

fn window_of(target: &str, limits: &Limits) -> u64 {
    scene_of(target).map_or(0, |scene| window_ms(scene, limits))
}

fn scene_of(target: &str) -> Option<Scene> {
    Some(ReplyTarget::parse(target)?.scene)
}

#[cfg(test)]
mod tests;

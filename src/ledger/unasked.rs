//! What the ledger knows of a chat besides what it can answer: whether and how
//! often the bot may write there unasked, and what its user was told.

use crate::config::Limit;
use crate::host::Host;
use crate::ledger::push::Push;
use crate::ledger::{Ledger, scene_of};
use crate::state;
use crate::target::Scene;

/// How long a refusal by error code is believed.
const REFUSED_MS: u64 = 6 * 60 * 60_000;

impl Ledger {
    /// Whether an unasked message may go there today.
    pub(crate) fn may_push(&self, target: &str, host: &Host) -> bool {
        let now_ms = host.now().wall_ms;
        let Some(scene) = scene_of(target) else {
            return false;
        };
        let chat = self.chats.get(target);
        let refused = match chat.map(|chat| chat.push) {
            Some(Push::Refused { until_wall_ms }) => now_ms < until_wall_ms,
            _ => false,
        };
        let sent = chat.map_or(0, |chat| chat.pushed.count(now_ms));
        !refused && sent < self.daily(scene) && self.bot_may_push(target, scene, sent, now_ms)
    }

    /// Whether somebody said yes, or an unasked message went through.
    pub(crate) fn is_push_proven(&self, target: &str) -> bool {
        let chat = self.chats.get(target);
        chat.is_some_and(|chat| chat.push == Push::Allowed)
    }

    fn daily(&self, scene: Scene) -> u32 {
        self.limits.get(match scene {
            Scene::C2c | Scene::Group => Limit::PushPerDay,
            Scene::Channel => Limit::ChannelPushPerDay,
            Scene::GuildDm => Limit::DmPushPerDay,
        })
    }

    fn bot_may_push(&self, target: &str, scene: Scene, sent: u32, now_ms: u64) -> bool {
        match scene {
            Scene::C2c | Scene::Group => true,
            Scene::GuildDm => {
                self.dm_pushed.count(now_ms) < self.limits.get(Limit::BotDmPushPerDay)
            }
            Scene::Channel => {
                sent > 0
                    || self.pushed_channels(target, now_ms)
                        < self.limits.get(Limit::GuildPushChannels)
            }
        }
    }

    /// Channels of the same guild that got an unasked message today.
    fn pushed_channels(&self, target: &str, now_ms: u64) -> u32 {
        let Some((guild, _)) = target.split_once('/') else {
            return 0;
        };
        let guild = format!("{guild}/");
        let channels = self.chats.under(&guild);
        let pushed = channels.filter(|chat| chat.pushed.count(now_ms) > 0);
        u32::try_from(pushed.count()).unwrap_or(u32::MAX)
    }

    /// An unasked message went there.
    pub(crate) fn pushed(&mut self, target: &str, host: &mut Host) {
        let now_ms = host.now().wall_ms;
        self.chats
            .change(target, host, |chat| chat.pushed.add(now_ms));
        if scene_of(target) == Some(Scene::GuildDm) {
            self.dm_pushed.add(now_ms);
            host.put(state::DM_PUSHED, state::encode(&self.dm_pushed));
        }
    }

    /// The user or an administrator decided about unasked messages.
    pub(crate) fn decide_push(&mut self, target: &str, allowed: bool, host: &mut Host) {
        let push = if allowed {
            Push::Allowed
        } else {
            Push::Refused {
                until_wall_ms: u64::MAX,
            }
        };
        self.chats.change(target, host, |chat| chat.push = push);
    }

    /// The bot is new to this chat: asking shows.
    pub(crate) fn ask_push(&mut self, target: &str, host: &mut Host) {
        self.chats
            .change(target, host, |chat| chat.push = Push::Unknown);
    }

    /// The platform refused an unasked message.
    pub(crate) fn refuse_push(&mut self, target: &str, host: &mut Host) {
        let until_wall_ms = host.now().wall_ms.saturating_add(REFUSED_MS);
        self.chats.change(target, host, |chat| {
            // What a person decided lasts longer than what a code says.
            let until_wall_ms = match chat.push {
                Push::Refused { until_wall_ms: u } => u.max(until_wall_ms),
                _ => until_wall_ms,
            };
            chat.push = Push::Refused { until_wall_ms };
        });
    }

    /// The conversation to write to, for a target that names its user.
    pub(crate) fn opened(&self, target: &str) -> Option<&str> {
        self.chats.get(target)?.opened.as_deref()
    }

    /// The conversation was opened.
    pub(crate) fn open(&mut self, target: &str, guild_id: String, host: &mut Host) {
        self.chats
            .change(target, host, |chat| chat.opened = Some(guild_id));
    }

    /// Whether the user should be told that a content was refused: once a day.
    pub(crate) fn may_explain(&mut self, target: &str, host: &mut Host) -> bool {
        const DAY_MS: u64 = 24 * 60 * 60_000;
        let now_ms = host.now().wall_ms;
        let told = self.chats.get(target).map(|chat| chat.explained_wall_ms);
        if told.is_some_and(|told| told != 0 && now_ms.saturating_sub(told) < DAY_MS) {
            return false;
        }
        self.chats
            .change(target, host, |chat| chat.explained_wall_ms = now_ms);
        true
    }
}

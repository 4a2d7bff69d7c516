//! May this bot write into this channel now? Rates, windows, quotas.
//! See [QQ Docs/发送消息](https://bot.q.qq.com/wiki/develop/api-v2/server-inter/channel/message/send.html)
//! and the overview of messages for the quotas. Replies are not counted in guilds.

use super::body::GuildBody;
use crate::journal::sent::{How, SentMessage};
use crate::rules::config::Bot;
use crate::rules::refusal::Refusal;
use crate::rules::scene::Scene;
use crate::world::World;
use crate::world::chats::{Anchor, Outbound, Peer};
use crate::world::rate::{DAY, Limit, MINUTE, SECOND};

/// Replies are possible for five minutes.
const WINDOW_MS: u64 = 5 * MINUTE;

/// Events that can be answered by `event_id` in a channel.
fn is_answerable(t: &str) -> bool {
    let families = [
        "GUILD_MEMBER_",
        "MESSAGE_REACTION_",
        "FORUM_THREAD_",
        "FORUM_POST_",
        "FORUM_REPLY_",
    ];
    families.iter().any(|family| t.starts_with(family))
}

impl World {
    /// Accepts or refuses a guild message. Nothing changes on a refusal.
    pub(crate) fn send_to_guild(
        &mut self,
        bot: &Bot,
        peer: Peer,
        body: GuildBody,
    ) -> Result<SentMessage, Refusal> {
        if self.config.rules.guild_needs_gateway && !self.is_online(&bot.app_id) {
            return Err(Refusal::NOT_ONLINE);
        }
        body.check(bot, &self.config.rules)?;
        self.check_place(&peer)?;
        self.check_conditions(&peer, body.nature())?;
        self.check_reference(&peer, &body)?;
        let now = self.clock.now_ms();
        self.check_rate(&peer, now)?;
        let how = self.permit_in_guild(&peer, &body, now)?;
        let relation = self.chats.relations.entry(peer.clone()).or_default();
        relation.written.note(now);
        let message = self.accept_in_guild(bot, peer, body, how, now);
        self.lay_keyboard(&message);
        Ok(message)
    }

    fn accept_in_guild(
        &mut self,
        bot: &Bot,
        peer: Peer,
        body: GuildBody,
        how: How,
        now: u64,
    ) -> SentMessage {
        let id = self.ids.guild_message();
        let outbound = Outbound {
            peer: peer.clone(),
            at_ms: now,
        };
        self.chats.sent.add(&id, outbound);
        self.guilds.note(&id, &peer.openid, &bot.guild_user_id());
        SentMessage {
            app_id: peer.app_id,
            scene: peer.scene,
            peer: peer.openid,
            id,
            ref_idx: String::new(),
            msg_type: body.msg_type(),
            text: crate::world::body::shown_text(&body.raw),
            how,
            msg_id: body.msg_id,
            event_id: body.event_id,
            msg_seq: 0,
            quote: body.quote,
            media: body.file,
            frames: 0,
            body: body.raw,
        }
    }

    /// Whether a socket of this bot has seen READY and is still there.
    fn is_online(&self, app_id: &str) -> bool {
        self.sessions.values().any(|session| {
            let link = session.attached.and_then(|number| self.links.get(&number));
            session.app_id == app_id && link.is_some_and(|link| link.live)
        })
    }

    /// Whether the bot knows this channel or conversation, and is still in it.
    pub(super) fn check_place(&self, peer: &Peer) -> Result<(), Refusal> {
        if !self.config.rules.known_peers {
            return Ok(());
        }
        if peer.scene == Scene::Dm {
            let direct = self.guilds.direct(&peer.openid);
            let is_ours = direct.is_some_and(|direct| direct.app_id == peer.app_id);
            return is_ours.then_some(()).ok_or(Refusal::DM_MISSING);
        }
        let guild = self.guilds.guild_of(&peer.openid);
        let guild = guild.ok_or(Refusal::UNKNOWN_CHANNEL)?;
        let is_in = self.guilds.has_bot(guild, &peer.app_id);
        is_in.then_some(()).ok_or(Refusal::NOT_IN_GUILD)
    }

    fn check_reference(&self, peer: &Peer, body: &GuildBody) -> Result<(), Refusal> {
        let Some(id) = &body.quote else { return Ok(()) };
        match self.guilds.messages.find(id) {
            Some(message) if message.place == peer.openid => Ok(()),
            _ if body.quote_may_fail => Ok(()),
            Some(_) => Err(Refusal::QUOTE_ELSEWHERE),
            None => Err(Refusal::QUOTE_UNKNOWN),
        }
    }

    /// Five messages a second in a channel, two in a conversation, whatever they are.
    fn check_rate(&self, peer: &Peer, now: u64) -> Result<(), Refusal> {
        let count = if peer.scene == Scene::Dm { 2 } else { 5 };
        let limit = [Limit {
            count,
            span_ms: SECOND,
        }];
        let relation = self.chats.relations.get(peer);
        let has_room = relation.is_none_or(|relation| relation.written.has_room(now, &limit));
        if has_room || !self.config.rules.guild_rate {
            return Ok(());
        }
        Err(Refusal::CHANNEL_RATE)
    }

    fn permit_in_guild(&mut self, peer: &Peer, body: &GuildBody, now: u64) -> Result<How, Refusal> {
        if let Some(id) = &body.msg_id {
            let anchor = self.chats.messages.find(id);
            let anchor = anchor.filter(|anchor| anchor.peer == *peer);
            return self.permit_guild_reply(anchor, now);
        }
        if let Some(id) = &body.event_id {
            return self.permit_guild_event(peer, id, now);
        }
        if self.config.rules.proactive_quota {
            self.check_push(peer, now)?;
        }
        let of_bot = (peer.app_id.clone(), peer.scene);
        self.chats.proactive.entry(of_bot).or_default().note(now);
        let relation = self.chats.relations.entry(peer.clone()).or_default();
        relation.sent.note(now);
        Ok(How::Proactive)
    }

    fn permit_guild_reply(&self, anchor: Option<&Anchor>, now: u64) -> Result<How, Refusal> {
        let rules = &self.config.rules;
        match anchor {
            Some(anchor) if rules.reply_window && now - anchor.at_ms > WINDOW_MS => {
                Err(Refusal::GUILD_REPLY_EXPIRED)
            }
            None if rules.foreign_msg_id => Err(Refusal::GUILD_REPLY_FOREIGN),
            _ => Ok(How::Passive),
        }
    }

    /// An event of the guild can be answered in any of its channels.
    fn permit_guild_event(&self, peer: &Peer, id: &str, now: u64) -> Result<How, Refusal> {
        let guild = self.guilds.guild_of(&peer.openid);
        let is_here = |anchor: &&Anchor| {
            let place = anchor.peer.openid.as_str();
            let fits = place == peer.openid || guild == Some(place);
            anchor.peer.app_id == peer.app_id && anchor.peer.scene == peer.scene && fits
        };
        let anchor = self.chats.events.find(id).filter(is_here);
        let anchor = anchor.ok_or(Refusal::EVENT_ID_INVALID)?;
        if !is_answerable(&anchor.t) {
            return Err(Refusal::EVENT_NOT_ANSWERABLE);
        }
        if self.config.rules.reply_window && now - anchor.at_ms > WINDOW_MS {
            return Err(Refusal::EVENT_ID_EXPIRED);
        }
        Ok(How::Event)
    }

    /// Channels: 20 a day each, two channels a day in a guild. Conversations: two a day
    /// each, 200 a day in all.
    fn check_push(&self, peer: &Peer, now: u64) -> Result<(), Refusal> {
        let relation = self.chats.relations.get(peer);
        let sent = relation.map_or(0, |relation| relation.sent.used(now, DAY));
        if peer.scene == Scene::Dm {
            let of_bot = self.chats.proactive.get(&(peer.app_id.clone(), Scene::Dm));
            return match (of_bot.map_or(0, |window| window.used(now, DAY)), sent) {
                (200.., _) => Err(Refusal::DM_QUOTA),
                (_, 2..) => Err(Refusal::DM_USER_QUOTA),
                _ => Ok(()),
            };
        }
        if sent >= 20 {
            return Err(Refusal::CHANNEL_QUOTA);
        }
        let pushed = self.pushed_channels(peer, now);
        if sent == 0 && pushed >= 2 {
            return Err(Refusal::GUILD_QUOTA);
        }
        Ok(())
    }

    /// Channels of the same guild that were pushed to within a day.
    fn pushed_channels(&self, peer: &Peer, now: u64) -> usize {
        let guild = self.guilds.guild_of(&peer.openid);
        let relations = self.chats.relations.iter();
        let pushed = relations.filter(|(other, relation)| {
            other.app_id == peer.app_id
                && other.scene == Scene::Channel
                && self.guilds.guild_of(&other.openid) == guild
                && relation.sent.used(now, DAY) > 0
        });
        pushed.count()
    }
}

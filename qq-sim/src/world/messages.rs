//! May this bot send this to this chat now? Windows, budgets, duplicates, quotas.
//! See [QQ Docs/消息收发](https://bot.q.qq.com/wiki/develop/api-v2/server-inter/message/overview.html).

use super::World;
use super::body::Body;
use super::chats::{Anchor, Outbound, Peer, Relation};
use super::rate::{DAY, Limit, MINUTE, SECOND};
use crate::journal::media::SentMedia;
use crate::journal::sent::{How, SentMessage};
use crate::rules::Rules;
use crate::rules::config::Bot;
use crate::rules::refusal::Refusal;
use crate::rules::scene::Scene;

/// Passive window and count: 60 min and 4 in C2C, 5 min and 5 in groups. Guilds have
/// rules of their own, in [`super::guild`].
const fn window_ms(scene: Scene) -> u64 {
    match scene {
        Scene::C2c => 60 * MINUTE,
        Scene::Group | Scene::Channel | Scene::Dm => 5 * MINUTE,
    }
}

const fn budget(scene: Scene) -> u32 {
    match scene {
        Scene::C2c => 4,
        Scene::Group => 5,
        Scene::Channel | Scene::Dm => u32::MAX,
    }
}

/// Events that can be answered by `event_id`.
fn answerable(scene: Scene, t: &str) -> bool {
    match scene {
        Scene::C2c => matches!(t, "INTERACTION_CREATE" | "C2C_MSG_RECEIVE" | "FRIEND_ADD"),
        Scene::Group => matches!(
            t,
            "INTERACTION_CREATE" | "GROUP_ADD_ROBOT" | "GROUP_MSG_RECEIVE"
        ),
        Scene::Channel | Scene::Dm => false,
    }
}

impl World {
    /// Accepts or refuses a message. Nothing changes on a refusal.
    pub(crate) fn send(
        &mut self,
        bot: &Bot,
        peer: Peer,
        body: Body,
    ) -> Result<SentMessage, Refusal> {
        body.check(peer.scene, bot, &self.config.rules)?;
        self.check_conditions(&peer, body.nature())?;
        self.check_quote(&peer, body.quote.as_deref())?;
        let file = body.file_info().map(|info| self.file_of(&peer, info));
        let media = file.transpose()?.flatten();
        let now = self.clock.now_ms();
        let how = self.permit(bot, &peer, &body, now)?;
        let message = self.accept(peer, body, how, media);
        self.index_own(bot, &message);
        self.lay_keyboard(&message);
        Ok(message)
    }

    fn accept(
        &mut self,
        peer: Peer,
        body: Body,
        how: How,
        media: Option<SentMedia>,
    ) -> SentMessage {
        let (id, ref_idx) = (self.ids.message(), self.ids.ref_index());
        self.chats.sent.add(
            &id,
            Outbound {
                peer: peer.clone(),
                at_ms: self.clock.now_ms(),
            },
        );
        SentMessage {
            app_id: peer.app_id,
            scene: peer.scene,
            peer: peer.openid,
            id,
            ref_idx,
            msg_type: body.msg_type,
            text: body.shown(),
            how,
            msg_id: body.msg_id,
            event_id: body.event_id,
            msg_seq: body.msg_seq,
            quote: body.quote,
            media,
            frames: 0,
            body: body.raw,
        }
    }

    fn permit(&mut self, bot: &Bot, peer: &Peer, body: &Body, now: u64) -> Result<How, Refusal> {
        let rules = self.config.rules.clone();
        if let Some(msg_id) = &body.msg_id {
            return self.permit_reply(peer, msg_id, body, &rules, now);
        }
        if let Some(event_id) = &body.event_id {
            return self.permit_event_reply(peer, event_id, &rules, now);
        }
        self.check_known(peer)?;
        if body.wakeup {
            return self.permit_wakeup(peer, now);
        }
        self.permit_proactive(bot, peer, &rules, now)
    }

    /// Whether the bot has heard of this chat, and was not thrown out of it.
    pub(super) fn check_known(&self, peer: &Peer) -> Result<(), Refusal> {
        if self.chats.relations.contains_key(peer) || !self.config.rules.known_peers {
            return Ok(());
        }
        Err(match peer.scene {
            Scene::C2c => Refusal::NOT_A_FRIEND,
            Scene::Group | Scene::Channel | Scene::Dm => Refusal::NOT_IN_GROUP,
        })
    }

    fn permit_reply(
        &mut self,
        peer: &Peer,
        msg_id: &str,
        body: &Body,
        rules: &Rules,
        now: u64,
    ) -> Result<How, Refusal> {
        let known = self.check_known(peer);
        let anchor = match self.chats.messages.find_in(peer, msg_id) {
            Some(anchor) => anchor,
            None if rules.foreign_msg_id => return Err(Refusal::MSG_ID_FOREIGN),
            None => return Ok(How::Passive),
        };
        known?;
        if rules.reply_window && now - anchor.at_ms > window_ms(peer.scene) {
            return Err(Refusal::MSG_ID_EXPIRED);
        }
        // Before the count: a retry must learn that the first try was delivered.
        if rules.unique_seq && anchor.seqs.contains(&body.msg_seq) {
            return Err(Refusal::DUPLICATE);
        }
        if !body.is_typing() || rules.typing_counts {
            spend(anchor, rules)?;
        }
        anchor.seqs.insert(body.msg_seq);
        Ok(How::Passive)
    }

    /// `msg_seq` has no meaning here, so nothing is a duplicate.
    fn permit_event_reply(
        &mut self,
        peer: &Peer,
        event_id: &str,
        rules: &Rules,
        now: u64,
    ) -> Result<How, Refusal> {
        let known = self.check_known(peer);
        let anchor = self.chats.events.find_in(peer, event_id);
        let anchor = anchor.ok_or(Refusal::EVENT_ID_INVALID)?;
        known?;
        if !answerable(peer.scene, &anchor.t) {
            return Err(Refusal::EVENT_NOT_ANSWERABLE);
        }
        if rules.reply_window && now - anchor.at_ms > window_ms(peer.scene) {
            return Err(Refusal::EVENT_ID_EXPIRED);
        }
        spend(anchor, rules)?;
        Ok(How::Event)
    }

    fn permit_wakeup(&mut self, peer: &Peer, now: u64) -> Result<How, Refusal> {
        if peer.scene != Scene::C2c {
            return Err(Refusal::WAKEUP_UNSUPPORTED);
        }
        let relation = self.chats.relations.entry(peer.clone()).or_default();
        let period = relation.spoke_at_ms.and_then(|at| wakeup_period(now - at));
        let bit = period.ok_or(Refusal::WAKEUP_USED_UP)?;
        if relation.wakeups & bit != 0 {
            return Err(Refusal::WAKEUP_USED_UP);
        }
        relation.wakeups |= bit;
        Ok(How::Wakeup)
    }

    fn permit_proactive(
        &mut self,
        bot: &Bot,
        peer: &Peer,
        rules: &Rules,
        now: u64,
    ) -> Result<How, Refusal> {
        let relation = self.chats.relations.entry(peer.clone()).or_default();
        if rules.proactive_permission {
            match relation.proactive {
                Some(false) => return Err(Refusal::USER_REFUSES),
                None if !bot.proactive => return Err(Refusal::PROACTIVE_REFUSED),
                _ => {}
            }
        }
        let of_bot = self
            .chats
            .proactive
            .entry((peer.app_id.clone(), peer.scene))
            .or_default();
        let room =
            of_bot.has_room(now, &bot_limits(bot, peer.scene)) && chat_has_room(relation, now);
        if rules.proactive_quota && !room {
            return Err(Refusal::PROACTIVE_RATE);
        }
        of_bot.note(now);
        relation.sent.note(now);
        Ok(How::Proactive)
    }
}

pub(super) fn spend(anchor: &mut Anchor, rules: &Rules) -> Result<(), Refusal> {
    if rules.reply_budget && anchor.replies >= budget(anchor.peer.scene) {
        return Err(Refusal::REPLIES_USED_UP);
    }
    anchor.replies += 1;
    Ok(())
}

/// 20 a minute and 1000 a day in each chat.
fn chat_has_room(relation: &Relation, now: u64) -> bool {
    let limits = [
        Limit {
            count: 20,
            span_ms: MINUTE,
        },
        Limit {
            count: 1000,
            span_ms: DAY,
        },
    ];
    relation.sent.has_room(now, &limits)
}

/// C2C: certified 10/s, else 5/s and 30/min. Groups: 60/min or 30/min.
fn bot_limits(bot: &Bot, scene: Scene) -> Vec<Limit> {
    let limit = |count, span_ms| Limit { count, span_ms };
    match (scene, bot.certified) {
        (Scene::C2c, true) => vec![limit(10, SECOND)],
        (Scene::C2c, false) => vec![limit(5, SECOND), limit(30, MINUTE)],
        (_, true) => vec![limit(60, MINUTE)],
        (_, false) => vec![limit(30, MINUTE)],
    }
}

/// One wake-up each: same day, days 1 to 3, 3 to 7, 7 to 30 after the user spoke.
const fn wakeup_period(since_ms: u64) -> Option<u8> {
    match since_ms / DAY {
        0 => Some(1),
        1..=2 => Some(2),
        3..=6 => Some(4),
        7..=29 => Some(8),
        _ => None,
    }
}

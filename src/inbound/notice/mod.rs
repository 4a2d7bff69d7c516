//! Events that say something happened, without a message in it.
//!
//! See QQ docs, autogen/event/friend_add and its siblings,
//! server-inter/channel/manage/event and server-inter/channel/message/event.

pub(super) mod kind;
mod wire;
mod words;

pub(crate) use kind::NoticeKind;

use super::reading::{Audit, Notice, Person, Reader, Reading};
use super::timestamp;
use crate::target::Scene;
use crate::wire::read_str;
use kind::Place;
use wire::Wire;

impl Reader<'_> {
    /// Reads an event that is not a message.
    pub(super) fn notice(&self, name: &str, body: &str) -> Reading {
        let wire = || read_str::<Wire<'_>>(body).unwrap_or_default();
        if let Some((kind, place)) = NoticeKind::named(name) {
            let notice = self.of_place(&wire(), kind, place);
            return notice.map_or(Reading::Incomplete, |n| Reading::Notice(Box::new(n)));
        }
        match name {
            "MESSAGE_AUDIT_PASS" => audit(&wire(), true),
            "MESSAGE_AUDIT_REJECT" => audit(&wire(), false),
            _ if kind::is_known(name) => Reading::Unused,
            _ => Reading::Other,
        }
    }

    /// Absent when the event does not say where.
    fn of_place(&self, wire: &Wire<'_>, kind: NoticeKind, place: Place) -> Option<Notice> {
        let (guild, channel) = wire.guild_and_channel(place);
        let who = wire.who(place);
        let (scene, peer) = peer(wire, place, who.as_ref(), guild, channel)?;
        Some(Notice {
            kind,
            target: match peer {
                Some(peer) => self.target(scene, &peer)?,
                None => String::new(),
            },
            scene,
            guild: guild.map(str::to_owned),
            channel: channel.map(str::to_owned),
            title: wire.name.to_option(),
            detail: wire.detail(kind),
            timestamp_ms: timestamp::parse_ms(wire.when()).unwrap_or(self.wall_ms),
            who,
        })
    }
}

fn audit(wire: &Wire<'_>, passed: bool) -> Reading {
    match wire.audit_id.id() {
        Some(id) => Reading::Audit(Audit {
            id: id.to_owned(),
            passed,
            message_id: wire.message_id.id().map(str::to_owned),
        }),
        None => Reading::Incomplete,
    }
}

/// Scene and peer of the conversation. An event about a whole guild has none:
/// the next best is a private word with whoever did it.
fn peer(
    wire: &Wire<'_>,
    place: Place,
    who: Option<&Person>,
    guild: Option<&str>,
    channel: Option<&str>,
) -> Option<(Scene, Option<String>)> {
    let (scene, peer) = match place {
        Place::User => (Scene::C2c, wire.user()?.to_owned()),
        Place::Group => (Scene::Group, wire.group()?.to_owned()),
        Place::UserOrGroup => match wire.group() {
            Some(group) => (Scene::Group, group.to_owned()),
            None => (Scene::C2c, wire.user()?.to_owned()),
        },
        Place::Channel | Place::Deleted | Place::ChannelItself => {
            (Scene::Channel, format!("{}/{}", guild?, channel?))
        }
        Place::DeletedDm => (Scene::GuildDm, guild?.to_owned()),
        Place::Guild | Place::Member => {
            // It can be told without either, but not without anything.
            let told = guild.or_else(|| wire.name.non_empty());
            who.map(|who| &*who.id).or(told)?;
            let word = guild.zip(who);
            let word = word.map(|(guild, who)| format!("{}@{guild}", who.id));
            return Some((Scene::GuildDm, word));
        }
    };
    Some((scene, Some(peer)))
}

#[cfg(test)]
mod tests;

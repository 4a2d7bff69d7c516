//! A message event becomes a message for the agent.

use super::reading::{Reader, Reading, Received};
use super::wire::{Member, Message, User};
use super::{attachment, card, forward, quote, text, timestamp};
use crate::contract::{Attachment, InboundMessage};
use crate::target::Scene;
use crate::wire::read_str;

/// What the kind of event says about its message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source {
    pub(super) scene: Scene,
    /// Whether such an event always addresses the bot.
    pub(super) addressed: bool,
}

impl Reader<'_> {
    /// Reads the body of a message event.
    pub(super) fn message(&self, body: &str, source: Source) -> Reading {
        let Some(mut wire) = read_str::<Message<'_>>(body) else {
            return Reading::Incomplete;
        };
        let author = wire.author.0.take().unwrap_or_default();
        let mentions = wire.mentions();
        let names = text::Names {
            mentions: &mentions,
            is_own: &|id| self.is_own(id),
            is_guild: source.scene.is_guild(),
        };
        if author.bot.0 || names.is_bot(&author) {
            return Reading::FromBot;
        }
        let own = mentions.iter().find(|user| user.is_you());
        match self.compose(&wire, &author, &names, source) {
            Some(message) => Reading::Message(Box::new(Received {
                index: match source.scene.is_guild() {
                    true => Some(message.id.clone()),
                    false => wire.ext("msg_idx").map(str::to_owned),
                },
                own: own.and_then(|user| user.openid()).map(str::to_owned),
                message,
                scene: source.scene,
            })),
            None => Reading::Incomplete,
        }
    }

    /// Whether the bot goes by this id in guilds or in groups.
    fn is_own(&self, id: &str) -> bool {
        self.own.is(id) || (!self.bot_id.is_empty() && id == self.bot_id)
    }

    /// Absent without an id, sender or peer, or without content.
    fn compose(
        &self,
        wire: &Message<'_>,
        author: &User<'_>,
        names: &text::Names<'_, '_>,
        source: Source,
    ) -> Option<InboundMessage> {
        let scene = source.scene;
        let (id, sender) = (wire.id.id()?, author.openid_in(scene)?);
        let reply_target = self.reply_target(wire, sender, scene)?;
        let (text, attachments) = content(wire, names);
        let quote = quote::of(wire, &text, names);
        let empty = text.is_empty() && attachments.is_empty() && quote.is_none();
        // Among others an empty message is a bare mention.
        if empty && matches!(scene, Scene::C2c | Scene::GuildDm) {
            return None;
        }
        let nick = wire.member.0.as_ref().and_then(Member::name);
        Some(InboundMessage {
            id: id.to_owned(),
            sender: sender.to_owned(),
            sender_name: nick.or_else(|| author.name()),
            sender_is_bot: false,
            chat: scene.chat(),
            chat_title: None,
            text,
            timestamp_ms: timestamp::parse_ms(&wire.timestamp.0).unwrap_or(self.wall_ms),
            mentioned: source.addressed || is_addressed(wire, names),
            thread: None,
            quote,
            attachments,
            interruption_scope: self.scope(&reply_target, sender),
            button: None,
            notice: None,
            reply_target,
        })
    }

    fn reply_target(&self, wire: &Message<'_>, sender: &str, scene: Scene) -> Option<String> {
        let channel;
        let peer = match scene {
            Scene::C2c => sender,
            Scene::Group => wire.group()?,
            Scene::Channel => {
                let guild = wire.guild_id.peer()?;
                channel = format!("{guild}/{}", wire.channel_id.peer()?);
                &channel
            }
            Scene::GuildDm => wire.guild_id.peer()?,
        };
        self.target(scene, peer)
    }
}

/// What was said, and what came with it.
fn content(wire: &Message<'_>, names: &text::Names<'_, '_>) -> (String, Vec<Attachment>) {
    let text = text::clean(&wire.content.0, names);
    let text = card::text(wire.ark_data.0.as_ref(), wire.message_type.0, text);
    let text = forward::text(wire, text, names);
    let text = attachment::text(wire, text);
    (text, attachment::of_message(wire))
}

/// Whether the bot is mentioned, or quoted as far as the event shows it.
fn is_addressed(wire: &Message<'_>, names: &text::Names<'_, '_>) -> bool {
    names.mentions.iter().any(|user| names.is_bot(user))
        || names.address(&wire.content.0)
        || quote::author(wire).is_some_and(|author| names.is_bot(author))
}

//! A message event becomes a message for the agent.

use super::wire::{Message, User};
use super::{Reader, Reading, Received, attachment, card, forward, quote, text, timestamp};
use crate::contract::InboundMessage;
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
        if author.bot.0 || self.is_bot(&author) {
            return Reading::FromBot;
        }
        match self.compose(&wire, &author, source) {
            Some(message) => Reading::Message(Box::new(Received {
                index: match source.scene.is_guild() {
                    true => Some(message.id.clone()),
                    false => wire.ext("msg_idx").map(str::to_owned),
                },
                message,
                scene: source.scene,
            })),
            None => Reading::Incomplete,
        }
    }

    /// Whether this is the bot itself. In QQ groups the platform says so; in
    /// guilds its id does.
    fn is_bot(&self, user: &User<'_>) -> bool {
        user.is_you.0 || (!self.bot_id.is_empty() && user.openid() == Some(self.bot_id))
    }

    /// Absent without an id, sender or peer, or without content.
    fn compose(
        &self,
        wire: &Message<'_>,
        author: &User<'_>,
        source: Source,
    ) -> Option<InboundMessage> {
        let scene = source.scene;
        let (id, sender) = (wire.id.non_empty()?, author.openid()?);
        let reply_target = self.reply_target(wire, sender, scene)?;
        let mentions = wire.mentions();
        let names = text::Names {
            mentions: &mentions,
            is_bot: &|user| self.is_bot(user),
            is_guild: scene.is_guild(),
        };
        let text = text::clean(&wire.content.0, &names);
        let text = card::text(wire.ark_data.0.as_ref(), wire.message_type.0, text);
        let text = forward::text(wire, text, &names);
        let attachments = attachment::of_message(wire);
        let quote = quote::of(wire, &text, &names);
        let empty = text.is_empty() && attachments.is_empty() && quote.is_none();
        // Among others an empty message is a bare mention.
        if empty && matches!(scene, Scene::C2c | Scene::GuildDm) {
            return None;
        }
        let nick = wire.member.0.as_ref().and_then(|m| m.nick.to_option());
        Some(InboundMessage {
            id: id.to_owned(),
            sender: sender.to_owned(),
            sender_name: nick.or_else(|| author.username.to_option()),
            sender_is_bot: false,
            chat: scene.chat(),
            chat_title: None,
            text,
            timestamp_ms: timestamp::parse_ms(&wire.timestamp.0).unwrap_or(self.wall_ms),
            mentioned: source.addressed
                || mentions.iter().any(|user| self.is_bot(user))
                || quote::author(wire).is_some_and(|author| self.is_bot(author)),
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
            Scene::Group => wire.group_openid.non_empty()?,
            Scene::Channel => {
                let guild = wire.guild_id.non_empty()?;
                channel = format!("{guild}/{}", wire.channel_id.non_empty()?);
                &channel
            }
            Scene::GuildDm => wire.guild_id.non_empty()?,
        };
        self.target(scene, peer)
    }
}

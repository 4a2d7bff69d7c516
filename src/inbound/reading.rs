//! What is made of an event, and what that depends on.

use super::notice::kind::NoticeKind;
use super::own::Own;
use crate::contract::InboundMessage;
use crate::target::Scene;

/// What an event is for the channel.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// A message.
    Message(Box<Received>),
    /// Somebody pressed a button.
    Click(Box<Click>),
    /// Something happened.
    Notice(Box<Notice>),
    /// Moderators decided about a message of the bot.
    Audit(Audit),
    /// Written by a bot; answering it could go on for ever.
    FromBot,
    /// A message without an id, sender or peer, or with nothing in it.
    Incomplete,
    /// An event a chat has no use for.
    Unused,
    /// An event this version does not know.
    Other,
}

/// A message, and what only the channel needs of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Received {
    /// For the agent.
    pub(crate) message: InboundMessage,
    /// Where it was said.
    pub(crate) scene: Scene,
    /// What a quote of it will call it: its message index, or in guilds its id.
    pub(crate) index: Option<String>,
    /// What the event calls the bot itself.
    pub(crate) own: Option<String>,
}

/// What reading depends on besides the event.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'c> {
    /// The account.
    pub(crate) app_id: &'c str,
    /// The bot's id in guilds; may be empty.
    pub(crate) bot_id: &'c str,
    /// The bot's ids in groups.
    pub(crate) own: &'c Own,
    /// Stands in for a timestamp that cannot be read, Unix milliseconds.
    pub(crate) wall_ms: u64,
    /// Whether a new message cancels the turn in flight.
    pub(crate) interrupts: bool,
}

/// A press the platform wants acknowledged.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Click {
    /// Id of the interaction, without a prefix.
    pub(crate) id: String,
    /// For the agent; absent when the event does not say who pressed where.
    pub(crate) received: Option<Received>,
}

/// Something happened.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Notice {
    /// What.
    pub(crate) kind: NoticeKind,
    /// Reply target of the conversation; of a private one with whoever did it,
    /// where the event names no conversation. May be empty then.
    pub(crate) target: String,
    /// Where it takes place.
    pub(crate) scene: Scene,
    /// Who did it.
    pub(crate) who: Option<Person>,
    /// The guild and the channel it is about.
    pub(crate) guild: Option<String>,
    /// See `guild`.
    pub(crate) channel: Option<String>,
    /// The name they have now.
    pub(crate) title: Option<String>,
    /// What else there is to tell: an emoji, a reason, a way.
    pub(crate) detail: Option<String>,
    /// When, Unix milliseconds.
    pub(crate) timestamp_ms: u64,
}

/// Somebody, as the event names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Person {
    /// Stable id on this account.
    pub(crate) id: String,
    /// Nick name.
    pub(crate) name: Option<String>,
}

/// Moderators decided.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Audit {
    /// As the answer to the send named it.
    pub(crate) id: String,
    /// Whether the message was let through.
    pub(crate) passed: bool,
    /// Its id, once it was.
    pub(crate) message_id: Option<String>,
}

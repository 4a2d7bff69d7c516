//! What a configuration says, once it is read.

use std::collections::BTreeSet;

use super::bases::Bases;
use super::intents::Intents;
use super::limits::Limits;
use crate::text::tags::Guard;

/// More would be a log, and a long one for a model to read.
pub(super) const MOST_CONTEXT_MESSAGES: usize = 50;

/// Who may talk to the bot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Allowed {
    /// `"*"`.
    Everyone,
    /// These openids. None: pairing mode.
    Listed(BTreeSet<String>),
}

impl Allowed {
    /// Whether a code lets people in.
    pub(crate) fn is_pairing(&self) -> bool {
        matches!(self, Self::Listed(users) if users.is_empty())
    }
}

/// What users see while a reply is being made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum StreamMode {
    /// Nothing.
    #[default]
    None,
    /// That somebody types.
    Typing,
    /// The same, and the reply as it grows.
    Stream,
}

/// A configuration without errors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Config {
    /// Decimal application id.
    pub(crate) app_id: String,
    /// Name of the secret that holds the application secret.
    pub(crate) secret_name: String,
    /// Who may talk to the bot.
    pub(crate) allowed: Allowed,
    /// The sandbox is meant, not production.
    pub(crate) sandbox: bool,
    /// What to subscribe to.
    pub(crate) intents: Intents,
    /// What users see while a reply is being made.
    pub(crate) stream_mode: StreamMode,
    /// React to confirm receipt.
    pub(crate) ack_reactions: bool,
    /// A new message of the same sender cancels the turn in flight.
    pub(crate) interrupt_on_new_message: bool,
    /// In groups, only messages that address the bot.
    pub(crate) mention_only: bool,
    /// How many group messages that address nobody the next one that addresses
    /// the bot brings along.
    pub(crate) context_messages: usize,
    /// The agent is told what happens besides messages.
    pub(crate) system_notes: bool,
    /// Which tags an agent may write.
    pub(crate) guard: Guard,
    /// What the platform allows.
    pub(crate) limits: Limits,
    /// Where the platform is.
    pub(crate) bases: Bases,
    /// Where else it is, unless the operator said where.
    pub(crate) older_bases: Option<Bases>,
}

impl Config {
    /// Whether `other` logs in as the same application at the same place.
    pub(crate) fn same_credentials(&self, other: &Self) -> bool {
        self.app_id == other.app_id
            && self.secret_name == other.secret_name
            && self.bases.auth == other.bases.auth
    }

    /// Whether a gateway session made under `other` serves this one.
    pub(crate) fn same_session(&self, other: &Self) -> bool {
        self.same_credentials(other)
            && self.bases.api == other.bases.api
            && self.intents == other.intents
    }
}

//! What the host asks of the channel, and how it is answered.

use serde::{Deserialize, Serialize};

use super::{Id, OutboundMessage};

/// How a message went out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Delivery {
    /// In answer to a message, inside its reply window.
    Passive,
    /// Without one.
    Proactive,
    /// Not sent yet: the channel goes on trying, or keeps it until the recipient
    /// writes again. [`Settle`](super::Settle) tells what became of it.
    Deferred,
    /// Accepted; the platform's moderators decide.
    PendingAudit,
    /// The platform had it already: an earlier attempt arrived.
    Duplicate,
    /// The command was carried out and sent no message.
    Nothing,
}

/// A command was carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Platform ids of what was sent, in order.
    pub message_ids: Vec<String>,
    /// How it went out.
    pub how: Delivery,
}

impl Receipt {
    /// The command was carried out and sent no message.
    #[must_use]
    pub const fn nothing() -> Self {
        Self {
            message_ids: Vec::new(),
            how: Delivery::Nothing,
        }
    }
}

/// New text of a draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftText {
    /// Which draft.
    pub draft: String,
    /// Its whole text.
    pub text: String,
}

/// Put an emoji on a message, or take it off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    /// Chat of the message.
    pub recipient: String,
    /// Which message.
    pub message_id: String,
    /// The emoji itself.
    pub emoji: String,
    /// Put it on; else take it off.
    pub add: bool,
}

/// Names a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageRef {
    /// Chat of the message.
    pub recipient: String,
    /// Which message.
    pub message_id: String,
}

/// A message of the bot, and what it should say instead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageEdit {
    /// The chat it is in.
    pub recipient: String,
    /// A message id of a receipt.
    pub message_id: String,
    /// The new text.
    pub text: String,
}

/// How a turn of the agent ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TurnOutcome {
    /// With an answer.
    Answered,
    /// With an error.
    Failed,
    /// A newer message cancelled it.
    Cancelled,
}

/// The agent is done with a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TurnEnd {
    /// Which message.
    pub message_id: String,
    /// Chat of the message.
    pub recipient: String,
    /// How it ended.
    pub outcome: TurnOutcome,
}

/// Who may talk to the bot, for the operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AccessRequest {
    /// Everyone who may, and those turned away lately.
    Show,
    /// Let this user in.
    Allow(String),
    /// Do not let this user in any more.
    Revoke(String),
    /// Show the code with which somebody can let themselves in; `true`: make a
    /// fresh one, and the one before is void.
    Code(bool),
}

/// What a command asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// Send a message.
    Send(OutboundMessage),
    /// Show the recipient that an answer is being made.
    Typing(String),
    /// Stop showing it.
    TypingStop(String),
    /// Open a message that grows.
    DraftBegin(OutboundMessage),
    /// Replace the draft's text.
    DraftUpdate(DraftText),
    /// Replace the draft's text for the last time.
    DraftFinish(DraftText),
    /// Take the draft back.
    DraftCancel(String),
    /// React to a message.
    React(Reaction),
    /// Take a message back.
    Recall(MessageRef),
    /// Replace a message by another one.
    Edit(MessageEdit),
    /// The agent is done with a message.
    TurnEnded(TurnEnd),
    /// Examine the set-up.
    Doctor,
    /// Is the channel connected?
    Health,
    /// Who may talk to the bot; answered by findings that may name users.
    Access(AccessRequest),
}

impl Request {
    /// Whether it is about a message that grows.
    pub(crate) const fn is_draft(&self) -> bool {
        matches!(
            self,
            Self::DraftBegin(_)
                | Self::DraftUpdate(_)
                | Self::DraftFinish(_)
                | Self::DraftCancel(_)
        )
    }
}

/// A request, and the name to complete it under.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// Numbered by the host.
    pub id: Id,
    /// What it asks.
    pub request: Request,
    /// Milliseconds from now; the host answers for the channel after that.
    pub deadline_ms: u64,
}

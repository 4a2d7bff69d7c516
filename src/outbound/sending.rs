//! One send on its way, stored while its request is open.

use serde::{Deserialize, Serialize};

use super::plan::Plan;
use crate::contract::Token as Id;
use crate::host::Host;
use crate::state::{self, State};
use crate::wire;

/// Which attempt is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Attempt {
    First,
    /// The same again, with the same sequence number.
    Repeated,
    /// With another sequence number.
    Renumbered,
}

/// The message a reply answers, and the reply's number among its replies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Anchor {
    pub(super) msg_id: String,
    pub(super) msg_seq: u32,
}

/// A send. Its command is completed exactly once, when it leaves the channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sending {
    pub(super) command: Id,
    /// Reply target.
    pub(super) target: String,
    pub(super) text: String,
    /// Id of the message to answer, if the command named one.
    pub(super) reply_to: Option<String>,
    /// Chosen when the request is first made.
    pub(super) anchor: Option<Anchor>,
    pub(super) request: Option<Id>,
    pub(super) attempt: Attempt,
    /// The access token was refreshed for it; that happens once.
    #[serde(default)]
    pub(super) refreshed: bool,
    /// Repetitions after answers that left it open whether it arrived.
    #[serde(skip)]
    pub(super) repeats: u32,
    /// Not to be tried before, monotonic milliseconds.
    #[serde(skip)]
    pub(super) not_before_ms: u64,
    /// Generation of the token the request shows.
    #[serde(skip)]
    pub(super) generation: u64,
    /// Monotonic milliseconds; the host answers for the channel after that.
    pub(super) deadline_ms: u64,
}

impl Sending {
    /// A send that has not been tried.
    pub(super) fn new(command: Id, plan: Plan, deadline_ms: u64) -> Self {
        Self {
            command,
            target: plan.target,
            text: plan.text,
            reply_to: plan.reply_to,
            anchor: None,
            request: None,
            attempt: Attempt::First,
            refreshed: false,
            repeats: 0,
            not_before_ms: 0,
            generation: 0,
            deadline_ms,
        }
    }

    fn key(&self) -> String {
        format!("{}{}", state::SEND, self.command)
    }

    /// Stores it, in the same commit as its request.
    pub(super) fn save(&self, host: &mut Host) {
        host.put(self.key(), state::encode(self));
    }

    /// Its request is over, and another one will be made. It stays stored: what
    /// it may have done is not to be forgotten in a crash.
    pub(super) fn forget_request(&mut self, host: &mut Host) {
        self.request = None;
        self.save(host);
    }

    /// Forgets the stored one. It is stored from its first request on.
    pub(super) fn erase(&self, host: &mut Host) {
        if self.anchor.is_some() {
            host.remove(self.key());
        }
    }
}

/// The stored sends; what cannot be read is removed.
pub(super) fn load(state: &State, host: &mut Host) -> Vec<Sending> {
    let mut sendings = Vec::new();
    for (name, value) in state.under(state::SEND) {
        match wire::read(value) {
            Some(sending) => sendings.push(sending),
            None => host.remove(format!("{}{name}", state::SEND)),
        }
    }
    sendings
}

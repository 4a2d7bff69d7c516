//! Messages that grow while the agent makes them: drafts for the host, streams
//! for the platform, in C2C only.
//!
//! A draft becomes a stream with its first frame. From then on every frame shows
//! the whole text so far and begins with what is shown, one is under way at a
//! time, and the last one says that the message is finished: also when the draft
//! is cancelled, when the channel drains, and when the host died over it. What
//! cannot be streamed goes out as messages when the draft is finished.
//!
//! See QQ docs, autogen/api/v2_users_user_openid_stream_messages.post.

mod adopt;
mod commands;
mod frame;
mod growth;
mod resolve;
mod steady;
mod step;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::compose::prose::Style;
use crate::contract::{Failure, Id, TextFormat};
use crate::host::Host;
use crate::ledger::Anchor;
use crate::owners::{Owner, Owners};
use crate::requests::until::Until;
use crate::state;
use growth::Frame;

/// Drafts at once. A chat has one as a rule.
const MOST: usize = 64;
/// Frames under way at once: the host allows 64 requests, and messages, calls and
/// uploads need theirs. When the instance goes away nothing else is sent.
const MOST_IN_FLIGHT: usize = 12;
const MOST_IN_FLIGHT_AT_THE_END: usize = 40;
/// Bytes of finished text that wait.
const MOST_BYTES: usize = 2 * 1024 * 1024;
/// A draft nobody touches is finished after this time, and forgotten later.
const IDLE_MS: u64 = 10 * 60_000;
const FORGOTTEN_MS: u64 = 60 * 60_000;
/// Messages to the same chat wait this long for a stream to end.
const PATIENCE_MS: u64 = 10_000;
const PREFIX: &str = "draft-";

/// How far a draft got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Stage {
    /// No frame was accepted yet.
    Unshown,
    /// Some were.
    Open,
    /// No frame was accepted, and none will be.
    Abandoned,
    /// The last frame was accepted, or given up.
    Closed(Close),
}

/// How sure it is what a closed stream shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Close {
    Certain,
    /// The platform has it closed already: an earlier attempt arrived.
    Again,
    Unclear,
}

/// Why nothing more will be added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Ending {
    /// The agent is done.
    Finish {
        command: Id,
        text: String,
        /// When the command is answered.
        deadline: Until,
    },
    /// Nobody asks for it any more.
    Cancel,
    /// What follows comes as messages when the agent is done.
    Early,
}

/// A frame under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Flight {
    request: Id,
    frame: Frame,
    is_last: bool,
}

/// One draft, stored until it is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Draft {
    /// Number of the command that began it.
    id: Id,
    /// Reply target.
    target: String,
    reply_to: Option<String>,
    format: TextFormat,
    style: Style,
    /// The newest text; the next command brings all of it again.
    #[serde(skip)]
    text: String,
    stage: Stage,
    ending: Option<Ending>,
    /// What it answers, with the one number of all its frames.
    anchor: Option<Anchor>,
    /// The platform's id, from the first answer.
    stream_id: Option<String>,
    /// Counts frames that were sent, whatever became of them.
    next_index: u32,
    /// What is shown for certain.
    shown: Frame,
    /// What may be shown: every frame must begin with it.
    floor: Frame,
    flight: Option<Flight>,
    /// Fate of a last frame is not known.
    #[serde(default)]
    maybe_closed: bool,
    /// The last frame was refused for its text; what is shown must do.
    #[serde(default)]
    is_trimmed: bool,
    /// Characters the platform says it can hold.
    room: Option<usize>,
    #[serde(skip)]
    failures: u32,
    #[serde(skip)]
    refreshed: bool,
    /// Generation of the token the frame under way shows.
    #[serde(skip)]
    generation: u64,
    /// No frame before, monotonic milliseconds.
    #[serde(skip)]
    not_before_ms: u64,
    /// When a command touched it last, monotonic milliseconds.
    #[serde(skip)]
    touched_ms: u64,
    /// Until when messages wait for it, monotonic milliseconds.
    #[serde(skip)]
    patience_ms: Option<u64>,
}

impl Draft {
    /// The id hosts know it by.
    fn name(&self) -> String {
        format!("{PREFIX}{}", self.id)
    }

    fn key(&self) -> String {
        format!("{}{}", state::DRAFT, self.id)
    }

    fn save(&self, host: &mut Host) {
        host.put(self.key(), state::encode(self));
    }

    fn forget(&self, host: &mut Host) {
        host.remove(self.key());
    }

    /// A frame of it was sent, and its last one was not answered.
    const fn is_running(&self) -> bool {
        match self.stage {
            Stage::Unshown => self.anchor.is_some(),
            Stage::Open => true,
            Stage::Abandoned | Stage::Closed(_) => false,
        }
    }

    /// Ends it with what is shown, unless it ends already.
    fn end_early(&mut self) {
        if self.ending.is_none() {
            self.ending = Some(Ending::Early);
            self.failures = 0;
        }
    }

    /// When its command is answered, monotonic milliseconds.
    const fn deadline_ms(&self) -> Option<u64> {
        match self.ending {
            Some(Ending::Finish { deadline, .. }) => Some(deadline.mono_ms()),
            _ => None,
        }
    }

    /// When it wants to be looked at again, monotonic milliseconds.
    fn due_ms(&self, now_ms: u64) -> Option<u64> {
        if self.flight.is_some() {
            return self.deadline_ms();
        }
        let touched = |idle_ms| Some(self.touched_ms.saturating_add(idle_ms));
        let is_shown = matches!(self.stage, Stage::Unshown | Stage::Open);
        let bound = match self.ending {
            Some(Ending::Finish { deadline, .. }) => Some(deadline.mono_ms()),
            Some(_) if is_shown => None,
            None if is_shown => self.patience_ms.into_iter().chain(touched(IDLE_MS)).min(),
            _ => touched(FORGOTTEN_MS),
        };
        let has_news = self.ending.is_some() || !self.text.is_empty();
        let pause = Some(self.not_before_ms).filter(|due_ms| has_news && *due_ms > now_ms);
        bound.into_iter().chain(pause).min()
    }
}

/// All drafts, by the number of the command that began each.
#[derive(Debug, Default)]
pub(crate) struct Drafts {
    all: BTreeMap<Id, Draft>,
    /// The instance goes away: nothing waits any more.
    is_draining: bool,
}

impl Drafts {
    fn named(&self, name: &str) -> Option<Id> {
        let id = name.strip_prefix(PREFIX)?.parse().ok()?;
        self.all.contains_key(&id).then_some(id)
    }

    /// Bytes of finished text.
    fn bytes(&self) -> usize {
        let finished = self.all.values().map(|draft| match &draft.ending {
            Some(Ending::Finish { text, .. }) => text.len(),
            _ => 0,
        });
        finished.sum()
    }

    /// Whether no further frame may be sent now.
    fn is_busy(&self, owners: &Owners) -> bool {
        let most = match self.is_draining {
            true => MOST_IN_FLIGHT_AT_THE_END,
            false => MOST_IN_FLIGHT,
        };
        owners.count(|owner| matches!(owner, Owner::Stream(_))) >= most
    }

    /// Takes the draft out whose frame was under way, and the frame.
    fn claim(&mut self, id: Id, request: Id) -> Option<(Draft, Flight)> {
        let draft = self.all.get(&id)?;
        draft.flight.as_ref().filter(|f| f.request == request)?;
        let mut draft = self.all.remove(&id)?;
        let flight = draft.flight.take()?;
        Some((draft, flight))
    }

    /// Whether a stream runs in this chat.
    pub(crate) fn is_running(&self, target: &str) -> bool {
        let mut drafts = self.all.values();
        drafts.any(|draft| draft.target == target && draft.is_running())
    }

    /// Whether a draft is meant for the message `id` of this chat.
    pub(crate) fn needs(&self, target: &str, id: &str) -> bool {
        self.all.values().any(|draft| {
            draft.target == target
                && (draft.reply_to.as_deref() == Some(id)
                    || draft.anchor.as_ref().is_some_and(|a| a.msg_id == id))
        })
    }

    /// A message to this chat waits; whether it must.
    pub(crate) fn holds(&mut self, target: &str, now_ms: u64) -> bool {
        let mut holds = false;
        for draft in self.all.values_mut() {
            if draft.target == target && draft.is_running() {
                holds = true;
                let until_ms = now_ms.saturating_add(PATIENCE_MS);
                draft.patience_ms.get_or_insert(until_ms);
            }
        }
        holds
    }

    /// When one of them wants to be looked at, monotonic milliseconds.
    pub(crate) fn due_ms(&self, now_ms: u64) -> Option<u64> {
        let due = self.all.values().filter_map(|draft| draft.due_ms(now_ms));
        due.min()
    }

    /// The channel stops: nobody will finish them. What is open is closed when it
    /// can be, by a later instance if need be.
    pub(crate) fn stop(&mut self, failure: &Failure, host: &mut Host) {
        for draft in self.all.values_mut() {
            if let Some(Ending::Finish { command, .. }) = draft.ending
                && draft.flight.is_none()
            {
                host.complete(command, Err(failure.clone()));
                draft.ending = Some(Ending::Cancel);
            }
            draft.end_early();
            draft.save(host);
        }
    }
}

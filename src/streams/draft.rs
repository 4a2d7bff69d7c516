//! One message that grows: how far it got, and what it wants next.

use serde::{Deserialize, Serialize};

use crate::compose::cards;
use crate::compose::text::Style;
use crate::config::{Limit, Limits};
use crate::contract::{Failure, FailureKind, Id, OutboundMessage, TextFormat};
use crate::host::Host;
use crate::ledger::Anchor;
use crate::owners::Owner;
use crate::requests::answer;
use crate::requests::attempts::{Attempts, RetryPolicy};
use crate::requests::until::Until;
use crate::state;
use crate::streams::growth::Frame;

/// A draft nobody touches is finished after this time, and forgotten later.
const IDLE_MS: u64 = 10 * 60_000;
pub(crate) const FORGOTTEN_MS: u64 = 60 * 60_000;
/// Frames that may fail one after the other.
pub(crate) const RETRY: RetryPolicy = RetryPolicy {
    first_ms: 1_000,
    most: 3,
};
const PREFIX: &str = "draft-";

/// How far a draft got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Stage {
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
pub(crate) enum Close {
    Certain,
    /// The platform has it closed already: an earlier attempt arrived.
    Again,
    Unclear,
}

/// Why nothing more will be added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Ending {
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
pub(crate) struct Flight {
    pub(crate) request: Id,
    pub(crate) frame: Frame,
    pub(crate) is_last: bool,
}

/// One draft, stored until it is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Draft {
    /// Number of the command that began it.
    pub(crate) id: Id,
    /// Reply target.
    pub(crate) target: String,
    pub(crate) reply_to: Option<String>,
    pub(crate) format: TextFormat,
    pub(crate) style: Style,
    /// The newest text; the next command brings all of it again.
    #[serde(skip)]
    pub(crate) text: String,
    pub(crate) stage: Stage,
    pub(crate) ending: Option<Ending>,
    /// What it answers, with the one number of all its frames.
    pub(crate) anchor: Option<Anchor>,
    /// The platform's id, from the first answer.
    pub(crate) stream_id: Option<String>,
    /// Counts frames that were sent, whatever became of them.
    pub(crate) next_index: u32,
    /// What is shown for certain.
    pub(crate) shown: Frame,
    /// What may be shown: every frame must begin with it.
    pub(crate) floor: Frame,
    pub(crate) flight: Option<Flight>,
    /// Fate of a last frame is not known.
    #[serde(default)]
    pub(crate) maybe_closed: bool,
    /// The last frame was refused for its text; what is shown must do.
    #[serde(default)]
    pub(crate) is_trimmed: bool,
    /// Characters the platform says it can hold.
    pub(crate) room: Option<usize>,
    /// Attempts at a frame, and when the next one may go out.
    #[serde(skip)]
    pub(crate) attempts: Attempts,
    /// When a command touched it last, monotonic milliseconds.
    #[serde(skip)]
    pub(crate) touched_ms: u64,
    /// Until when messages wait for it, monotonic milliseconds.
    #[serde(skip)]
    pub(crate) patience_ms: Option<u64>,
}

impl Draft {
    /// A draft nothing is shown of.
    pub(crate) fn new(id: Id, message: OutboundMessage, style: Style, now_ms: u64) -> Self {
        Self {
            id,
            target: message.recipient,
            reply_to: message.reply_to,
            format: message.format,
            style,
            text: message.text,
            stage: Stage::Unshown,
            ending: None,
            anchor: None,
            stream_id: None,
            next_index: 0,
            shown: Frame::default(),
            floor: Frame::default(),
            flight: None,
            maybe_closed: false,
            is_trimmed: false,
            room: None,
            attempts: Attempts::default(),
            touched_ms: now_ms,
            patience_ms: None,
        }
    }

    /// The number in the id that hosts know it by.
    pub(crate) fn id_of(name: &str) -> Option<Id> {
        name.strip_prefix(PREFIX)?.parse().ok()
    }

    /// The id hosts know it by.
    pub(crate) fn name(&self) -> String {
        format!("{PREFIX}{}", self.id)
    }

    pub(crate) fn key(&self) -> String {
        format!("{}{}", state::DRAFT, self.id)
    }

    pub(crate) fn save(&self, host: &mut Host) {
        host.put(self.key(), state::encode(self));
    }

    pub(crate) fn forget(&self, host: &mut Host) {
        host.remove(self.key());
    }

    /// A frame of it was sent, and its last one was not answered.
    pub(crate) const fn is_running(&self) -> bool {
        match self.stage {
            Stage::Unshown => self.anchor.is_some(),
            Stage::Open => true,
            Stage::Abandoned | Stage::Closed(_) => false,
        }
    }

    /// Whether it is meant for the message `id`.
    pub(crate) fn needs(&self, id: &str) -> bool {
        let anchor = self.anchor.as_ref();
        self.reply_to.as_deref() == Some(id) || anchor.is_some_and(|anchor| anchor.msg_id == id)
    }

    /// Bytes of finished text.
    pub(crate) fn finished_bytes(&self) -> usize {
        match &self.ending {
            Some(Ending::Finish { text, .. }) => text.len(),
            _ => 0,
        }
    }

    /// Keeps as much of the text as a message may show before all of it is there:
    /// up to the first card, and markup may take more room than what it becomes.
    pub(crate) fn cut_text(&mut self, limits: &Limits) {
        let most = 8 * limits.get(Limit::TextUnits) as usize;
        if self.format != TextFormat::Plain {
            self.text.truncate(cards::first_block(&self.text));
        }
        self.text.truncate(self.text.floor_char_boundary(most));
    }

    /// Nothing more will be added.
    pub(crate) fn end(&mut self, ending: Ending) {
        self.attempts.reset();
        self.ending = Some(ending);
    }

    /// Ends it with what is shown, unless it ends already.
    pub(crate) fn end_early(&mut self) {
        if self.ending.is_none() {
            self.end(Ending::Early);
        }
    }

    /// When its command is answered, monotonic milliseconds.
    pub(crate) const fn deadline_ms(&self) -> Option<u64> {
        match self.ending {
            Some(Ending::Finish { deadline, .. }) => Some(deadline.mono_ms()),
            _ => None,
        }
    }

    /// When it wants to be looked at again, monotonic milliseconds.
    pub(crate) fn due_ms(&self, now_ms: u64) -> Option<u64> {
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
        let pause = self.attempts.due_ms(now_ms).filter(|_| has_news);
        bound.into_iter().chain(pause).min()
    }

    /// Ends what took too long.
    pub(crate) fn look_at_the_clock(&mut self, host: &mut Host) {
        let now_ms = host.now().mono_ms;
        if let Some(Ending::Finish {
            command, deadline, ..
        }) = self.ending
            && deadline.is_over(host.now())
        {
            host.complete(command, Err(unclear()));
            self.ending = Some(Ending::Cancel);
            self.save(host);
        }
        let is_awaited = self.patience_ms.is_some_and(|until_ms| until_ms <= now_ms);
        if is_awaited || self.touched_ms.saturating_add(IDLE_MS) <= now_ms {
            self.end_early();
        }
    }

    /// The command that waits for its end.
    pub(crate) const fn command(&self) -> Option<Id> {
        match self.ending {
            Some(Ending::Finish { command, .. }) => Some(command),
            _ => None,
        }
    }

    /// Goes on with a stored draft.
    pub(crate) fn adopt(&mut self, is_open: impl Fn(Id) -> bool, host: &mut Host) {
        let now = host.now();
        self.touched_ms = now.mono_ms;
        self.attempts.wait_until(now.mono_ms.saturating_add(1));
        if let Some(Ending::Finish { deadline, .. }) = &mut self.ending {
            *deadline = deadline.again(now);
        }
        // The answer to a frame may have gone down with the host.
        if let Some(flight) = self.flight.take_if(|flight| !is_open(flight.request)) {
            self.unclear(flight, host);
        }
        if let Some(flight) = &self.flight {
            host.adopt_http(flight.request, Owner::Stream(self.id));
        }
    }

    /// The channel stops.
    pub(crate) fn stop(&mut self, failure: &Failure, host: &mut Host) {
        if let Some(Ending::Finish { command, .. }) = self.ending
            && self.flight.is_none()
        {
            host.complete(command, Err(failure.clone()));
            self.ending = Some(Ending::Cancel);
        }
        self.end_early();
    }
}

pub(crate) fn unclear() -> Failure {
    answer::maybe_delivered(
        FailureKind::TimedOut,
        "the end of the message was not confirmed",
    )
}

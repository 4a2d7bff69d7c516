//! Requests that are made, or wait to be made: at most so many, each within its
//! time.

use std::collections::{BTreeMap, VecDeque};

use crate::contract::{Failure, Id, MessageEdit};
use crate::courtesies::react::Step;
use crate::cx::Cx;
use crate::host::Host;
use crate::ledger::Anchor;
use crate::owners::Owner;
use crate::requests::attempts::{Attempts, RetryPolicy};
use crate::requests::until::Until;
use crate::requests::{answer, build};

/// Calls that may wait or be in flight.
const MOST: usize = 12;
/// Beyond so many, only what somebody waits for.
const MOST_WITH_TRIFLES: usize = 8;
/// Acknowledgements beside them: the platform waits three seconds for one.
const MOST_URGENT: usize = 4;
const POLICY: RetryPolicy = RetryPolicy {
    first_ms: 1_000,
    most: 3,
};
const URGENT: RetryPolicy = RetryPolicy {
    first_ms: 250,
    most: 3,
};
/// A message waits for it.
const OPENING: RetryPolicy = RetryPolicy {
    first_ms: 1_000,
    most: u32::MAX,
};

/// Something that has a title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Titled {
    /// A guild, by id.
    Guild(String),
    /// A channel of a guild.
    Channel {
        /// Id of the guild.
        guild: String,
        /// Its own id.
        id: String,
    },
}

/// What a call is for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Purpose {
    /// Takes a message back.
    Recall { command: Id },
    /// Takes a message back, and sends another in its place.
    Edit { command: Id, edit: MessageEdit },
    /// Opens the private guild conversation of this target.
    Open { target: String },
    /// Puts a reaction on a message or takes it off.
    React { command: Id },
    /// The same of the channel's own accord, on the message `id`.
    Acknowledge { id: String, step: Step },
    /// Tells the platform that a button was pressed.
    Press,
    /// Shows that an answer is being made.
    Typing { target: String, anchor: Anchor },
    /// Asks what something is called.
    Title(Titled),
}

/// A request that is made, or waits to be made.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Call {
    pub(super) purpose: Purpose,
    method: &'static str,
    url: String,
    body: String,
    pub(super) attempts: Attempts,
    pub(super) deadline_ms: u64,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Calls {
    in_flight: BTreeMap<Id, Call>,
    waiting: VecDeque<Call>,
    /// What will not be made, and why, until somebody deals with it.
    gone: Vec<(Call, Failure)>,
}

impl Calls {
    /// Whether something nobody waits for may be asked.
    pub(super) fn has_room_for_trifles(&self) -> bool {
        self.waiting.len() + self.in_flight.len() < MOST_WITH_TRIFLES
    }

    /// Whether something may be asked that somebody waits for.
    pub(super) fn has_room(&self) -> bool {
        self.waiting.len() + self.in_flight.len() < MOST
    }

    /// Makes a request, or keeps it until it can be made.
    pub(super) fn submit(&mut self, call: Call, cx: &mut Cx) {
        let urgent = call.purpose == Purpose::Press;
        let most = if urgent { MOST + MOST_URGENT } else { MOST };
        if self.waiting.len() + self.in_flight.len() >= most {
            let failure = answer::unavailable("too many requests wait");
            return self.gone.push((call, failure));
        }
        if urgent {
            self.waiting.push_front(call);
        } else {
            self.waiting.push_back(call);
        }
        self.resume(cx);
    }

    /// Makes the requests that are due.
    pub(super) fn resume(&mut self, cx: &mut Cx) {
        let now_ms = cx.host.now().mono_ms;
        for call in std::mem::take(&mut self.waiting) {
            if call.deadline_ms <= now_ms {
                let failure = answer::unavailable("no access token in time");
                self.gone.push((call, failure));
            } else if call.attempts.is_due(now_ms) && cx.has_token() {
                self.transmit(call, cx);
            } else {
                self.waiting.push_back(call);
            }
        }
    }

    fn transmit(&mut self, mut call: Call, cx: &mut Cx) {
        call.attempts.begin(&cx.token);
        let (url, body) = (call.url.clone(), call.body.clone());
        let left_ms = call.deadline_ms.saturating_sub(cx.host.now().mono_ms);
        let timeout_ms = left_ms.clamp(build::SHORTEST_TIMEOUT_MS, build::TIMEOUT_MS);
        let http = build::json(call.method, url, body, timeout_ms, &mut cx.host);
        self.in_flight.insert(http.id, call);
        cx.host.send_http(http, Owner::Courtesy);
    }

    /// Whether there is room for what nobody waits for.
    pub(super) fn is_calm(&self) -> bool {
        self.waiting.len() + self.in_flight.len() < MOST / 2
    }

    pub(super) fn claim(&mut self, id: Id) -> Option<Call> {
        self.in_flight.remove(&id)
    }

    /// Takes what will not be made, and why.
    pub(super) fn take_gone(&mut self) -> Vec<(Call, Failure)> {
        std::mem::take(&mut self.gone)
    }

    /// When something that waits is due, monotonic milliseconds. What could be
    /// asked now waits for a token, and that wakes it.
    pub(super) fn due_ms(&self, now_ms: u64) -> Option<u64> {
        let due = |call: &Call| {
            let again_ms = call.attempts.due_ms(now_ms);
            again_ms.map_or(call.deadline_ms, |ms| ms.min(call.deadline_ms))
        };
        self.waiting.iter().map(due).min()
    }

    /// No request will be made any more.
    pub(super) fn stop(&mut self, failure: &Failure) {
        let waiting = std::mem::take(&mut self.waiting);
        self.gone
            .extend(waiting.into_iter().map(|call| (call, failure.clone())));
    }

    /// Whether this conversation is being opened.
    pub(super) fn is_opening(&self, wanted: &str) -> bool {
        let opens = |call: &Call| match &call.purpose {
            Purpose::Open { target } => target == wanted,
            _ => false,
        };
        self.waiting
            .iter()
            .chain(self.in_flight.values())
            .any(opens)
    }
}

impl Call {
    pub(super) const fn policy(&self) -> RetryPolicy {
        match self.purpose {
            Purpose::Press => URGENT,
            Purpose::Open { .. } => OPENING,
            _ => POLICY,
        }
    }

    pub(super) fn new(
        purpose: Purpose,
        method: &'static str,
        url: String,
        body: String,
        deadline_ms: u64,
        host: &Host,
    ) -> Self {
        Self {
            purpose,
            method,
            url,
            body,
            attempts: Attempts::default(),
            deadline_ms: Until::answered(deadline_ms, host.now()).mono_ms(),
        }
    }
}

//! The way out: every action of the machine passes here.
//!
//! A [`Host`] holds what one call may use of the outside world: the time the
//! envelope brought, fresh ids, timers, randomness from the entropy of `start`.
//! There is no clock and no I/O behind it.

use crate::contract::{
    Action, Check, CheckOutcome, CloseSocket, Complete, Context, Count, Failure, Id, Level,
    NamedValue, Note, OpenSocket, Put, Receipt, SendHttp, SendText, SetTimer, Settle,
};
use crate::ids::Ids;
use crate::owners::{Owner, Owners};
use crate::quiet::Quiet;
use crate::random::Random;
use crate::timer::{Firing, Timer, Timers};

/// Both clocks, as the envelope gave them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Now {
    /// Unix time, milliseconds. May jump; only for what outlives a process.
    pub(crate) wall_ms: u64,
    /// Milliseconds on a clock that never jumps.
    pub(crate) mono_ms: u64,
}

/// What the machine can ask of its host; collects the actions of one call.
#[derive(Debug)]
pub(crate) struct Host {
    now: Now,
    actions: Vec<Action>,
    /// State put in this call, bytes.
    put_bytes: usize,
    ids: Ids,
    owners: Owners,
    random: Random,
    timers: Timers,
    quiet: Quiet,
}

impl Host {
    /// A host whose ids do not collide with those of an earlier instance.
    pub(crate) fn new(context: &Context) -> Self {
        Self {
            now: Now {
                wall_ms: context.wall_ms,
                mono_ms: context.mono_ms,
            },
            actions: Vec::new(),
            put_bytes: 0,
            ids: Ids::after(&context.adopted),
            owners: Owners::default(),
            random: Random::new(&context.entropy),
            timers: Timers::default(),
            quiet: Quiet::default(),
        }
    }

    /// Starts a call.
    pub(crate) fn set_now(&mut self, wall_ms: u64, mono_ms: u64) {
        self.now = Now { wall_ms, mono_ms };
        self.note_held_back();
    }

    /// The time of this call.
    pub(crate) const fn now(&self) -> Now {
        self.now
    }

    /// Ends a call: what it asked for, in order.
    pub(crate) fn take_actions(&mut self) -> Vec<Action> {
        self.put_bytes = 0;
        std::mem::take(&mut self.actions)
    }

    /// Whether this call may still ask for much. The host takes 1,024 actions and
    /// 4 MiB of one event: whoever goes through something long stops here, and
    /// goes on in the next call.
    pub(crate) const fn has_room(&self) -> bool {
        const ACTIONS: usize = 512;
        const BYTES: usize = 1024 * 1024;
        self.actions.len() < ACTIONS && self.put_bytes < BYTES
    }

    /// Uniform in `0..=max`.
    pub(crate) fn random_up_to(&mut self, max: u64) -> u64 {
        self.random.up_to(max)
    }

    /// An id no open socket, request or timer has.
    pub(crate) const fn fresh_id(&mut self) -> Id {
        self.ids.fresh()
    }

    /// Any action without a method of its own.
    pub(crate) fn act(&mut self, action: Action) {
        self.actions.push(action);
    }

    /// Opens a websocket and names it.
    pub(crate) fn open_socket(&mut self, url: &str, connect_timeout_ms: u32) -> Id {
        let id = self.fresh_id();
        self.act(Action::OpenSocket(OpenSocket {
            id,
            url: url.to_owned(),
            headers: Vec::new(),
            subprotocols: Vec::new(),
            connect_timeout_ms,
            secrets: Vec::new(),
        }));
        id
    }

    /// Sends a text frame.
    pub(crate) fn send_text(&mut self, frame: SendText) {
        self.act(Action::SendText(frame));
    }

    /// Closes a socket.
    pub(crate) fn close_socket(&mut self, id: Id, code: u16, reason: &str) {
        self.act(Action::CloseSocket(CloseSocket {
            id,
            code,
            reason: reason.to_owned(),
        }));
    }

    /// Sends a request; its answer is for `owner`.
    pub(crate) fn send_http(&mut self, request: SendHttp, owner: Owner) {
        self.owners.insert(request.id, owner);
        self.act(Action::SendHttp(request));
    }

    /// Calls a request off: nobody waits for its answer any more.
    pub(crate) fn cancel_http(&mut self, request: Id) {
        self.owners.remove(request);
        self.act(Action::CancelHttp(request));
    }

    /// Goes on with a request of an earlier instance.
    pub(crate) fn adopt_http(&mut self, request: Id, owner: Owner) {
        self.owners.insert(request, owner);
    }

    /// An answer came: whose it is. Absent: the request was called off.
    pub(crate) fn claim(&mut self, request: Id) -> Option<Owner> {
        self.owners.remove(request)
    }

    /// Which requests are open, and whose they are.
    pub(crate) const fn owners(&self) -> &Owners {
        &self.owners
    }

    /// Answers a command.
    pub(crate) fn complete(&mut self, command: Id, outcome: Result<Receipt, Failure>) {
        self.act(Action::Complete(Complete { command, outcome }));
    }

    /// Tells what became of a message whose command was answered with `deferred`.
    pub(crate) fn settle(&mut self, settle: Settle) {
        self.act(Action::Settle(settle));
    }

    /// Stores a value.
    pub(crate) fn put(&mut self, key: impl Into<String>, value: Vec<u8>) {
        self.put_bytes += value.len();
        self.act(Action::Put(Put {
            key: key.into(),
            value,
        }));
    }

    /// Forgets a stored value.
    pub(crate) fn remove(&mut self, key: impl Into<String>) {
        self.act(Action::Remove(key.into()));
    }

    /// Reports a finding of `doctor`.
    pub(crate) fn check(
        &mut self,
        command: Id,
        step: &str,
        outcome: CheckOutcome,
        detail: String,
        remedy: Option<String>,
    ) {
        let step = step.to_owned();
        self.act(Action::Check(Check {
            command,
            step,
            outcome,
            detail,
            remedy,
        }));
    }

    /// Adds one to a metric.
    pub(crate) fn count(&mut self, name: &str) {
        self.act(Action::Count(Count {
            name: name.to_owned(),
            delta: 1,
        }));
    }

    /// Writes a log line. The text must not contain any user id.
    pub(crate) fn note(&mut self, level: Level, message: impl Into<String>) {
        self.act(Action::Note(Note {
            level,
            message: message.into(),
            fields: Vec::new(),
        }));
    }

    /// Writes a log line unless one of this `kind` was written within a minute; the
    /// last that was held back is written then, with how many there were. A peer
    /// must not fill the log.
    pub(crate) fn note_seldom(&mut self, kind: &'static str, level: Level, message: &str) {
        let now_ms = self.now.mono_ms;
        if self.quiet.admits(kind, (level, message), now_ms) {
            self.note(level, message);
        }
    }

    /// Writes what was held back for long enough.
    fn note_held_back(&mut self) {
        while let Some((level, message, times)) = self.quiet.next_due(self.now.mono_ms) {
            let (name, value) = ("times".to_owned(), times.to_string());
            let fields = vec![NamedValue { name, value }];
            self.act(Action::Note(Note {
                level,
                message,
                fields,
            }));
        }
    }

    /// Sets a timer, or moves it.
    pub(crate) fn set_timer(&mut self, timer: Timer, after_ms: u64) {
        self.timers
            .set(timer, self.now.mono_ms.saturating_add(after_ms));
        self.act(Action::SetTimer(SetTimer {
            id: timer.id(),
            after_ms,
        }));
    }

    /// When a timer that is set is due, monotonic milliseconds.
    pub(crate) fn due_ms(&self, timer: Timer) -> Option<u64> {
        self.timers.due_ms(timer)
    }

    /// Stops a timer that is set.
    pub(crate) fn cancel_timer(&mut self, timer: Timer) {
        if self.timers.clear(timer) {
            self.act(Action::CancelTimer(timer.id()));
        }
    }

    /// Stops every timer.
    pub(crate) fn cancel_timers(&mut self) {
        for timer in Timer::ALL {
            self.cancel_timer(timer);
        }
    }

    /// Which timer is due, now that the host says `id` fired.
    ///
    /// A firing that was under way when the timer was stopped is dropped; one
    /// that was under way when it was moved is set again for the rest.
    pub(crate) fn timer_fired(&mut self, id: Id) -> Option<Timer> {
        let timer = Timer::from_id(id)?;
        match self.timers.fire(timer, self.now.mono_ms) {
            Firing::Due => Some(timer),
            Firing::NotSet => None,
            Firing::Early { rest_ms } => {
                self.act(Action::SetTimer(SetTimer {
                    id,
                    after_ms: rest_ms,
                }));
                None
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;

//! What the outside is told of a channel: its status, its counts, its notes, its
//! trace, and what became of deferred messages. Nobody who listens slowly holds it up.

use tokio::sync::{mpsc, watch};
use tokio::time::Duration;

use super::event::kind_of;
use crate::contract::{ChannelState, Envelope, Level, Note, Settle, Status};
use crate::counters::Counters;
use crate::limits;
use crate::store::Fault;
use crate::trace::{Crossing, TraceSink};

/// How a channel is doing.
#[derive(Clone, Debug, PartialEq)]
pub struct StatusReport {
    /// Its state.
    pub state: ChannelState,
    /// Why, in words for the operator.
    pub detail: String,
    /// It gave up: nothing but a new configuration starts it again.
    pub fatal: bool,
}

/// Tells what there is to tell.
pub(super) struct Reports {
    /// Name of the channel instance, for logs.
    name: String,
    settled: mpsc::Sender<Settle>,
    status: watch::Sender<StatusReport>,
    counters: Counters,
    trace: Option<TraceSink>,
    /// What the channel said of itself before the disk took nothing.
    before_pause: Option<StatusReport>,
}

impl Reports {
    pub(super) fn new(
        name: String,
        settled: mpsc::Sender<Settle>,
        status: watch::Sender<StatusReport>,
        counters: Counters,
        trace: Option<TraceSink>,
    ) -> Self {
        Self {
            name,
            settled,
            status,
            counters,
            trace,
            before_pause: None,
        }
    }

    /// Name of the channel instance, for logs.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn count(&self, name: &str, delta: u64) {
        self.counters.add(name, delta);
    }

    /// Shows to whoever records a trace what crossed the sandbox.
    pub(super) fn show(&self, crossing: impl FnOnce() -> Crossing) {
        if let Some(trace) = &self.trace {
            trace(&crossing());
        }
    }

    /// Tells whoever listens what became of a message after all. If nobody takes
    /// it, it is only counted.
    pub(super) fn settle(&self, settle: Settle) {
        if self.settled.try_send(settle).is_err() {
            self.count("settlements_untold", 1);
        }
    }

    /// The channel's own words about itself.
    pub(super) fn status(&self, status: Status) {
        self.report(status.state, status.detail, false);
    }

    /// It works with a fault.
    pub(super) fn degraded(&self, detail: String) {
        self.report(ChannelState::Degraded, detail, false);
    }

    /// It has given up.
    pub(super) fn stopped(&mut self, reason: &str) {
        self.before_pause = None;
        tracing::error!(channel = %self.name, %reason, "the channel gives up");
        self.report(ChannelState::Stopped, reason.to_owned(), true);
    }

    /// The disk does not take its state.
    pub(super) fn paused(&mut self, fault: &Fault) {
        if self.before_pause.is_none() {
            self.before_pause = Some(self.status.borrow().clone());
            tracing::error!(channel = %self.name, error = %fault.error, "the channel pauses until its state can be written; it tries again by itself");
            self.count("state_write_failures", 1);
        }
        self.degraded(format!("paused: {}", fault.error.what()));
    }

    /// The disk takes it again, after so long.
    pub(super) fn resumed(&mut self, paused: Duration) {
        tracing::info!(
            channel = %self.name,
            paused_s = paused.as_secs(),
            "the state is written again; the channel goes on"
        );
        if let Some(before) = self.before_pause.take() {
            self.report(before.state, before.detail, before.fatal);
        }
    }

    /// An instance died, over this event if over any.
    pub(super) fn died(&self, envelope: Option<&Envelope>, cause: &str) {
        self.count("instance_deaths", 1);
        let event = envelope.map_or("none", |envelope| kind_of(&envelope.event));
        tracing::error!(channel = %self.name, event, %cause, "the instance died; a fresh one takes over");
        self.show(|| Crossing::Death {
            envelope: envelope.cloned().map(Box::new),
            cause: cause.to_owned(),
        });
    }

    /// The next instance has to wait so long.
    pub(super) fn keeps_failing(&self, wait: Duration, cause: &str) {
        let ms = wait.as_millis();
        self.degraded(format!(
            "the component keeps failing, next try in {ms} ms: {cause}"
        ));
    }

    /// Two instances died over this event.
    pub(super) fn set_aside(&self, envelope: &Envelope) {
        self.count("events_set_aside", 1);
        let (event, seq) = (kind_of(&envelope.event), envelope.seq);
        tracing::error!(channel = %self.name, event, seq, "set aside: two instances died over this event");
    }

    /// Another version was to take over: how long the channel paused, or why it
    /// was refused.
    pub(super) fn swapped(&self, [from, to]: &[String; 2], pause: &Result<Duration, String>) {
        let channel = &self.name;
        match pause {
            Ok(pause) => tracing::info!(
                %channel, %from, %to, pause_us = pause.as_micros(),
                "component replaced; sockets, requests and timers went over"
            ),
            Err(why) => tracing::error!(
                %channel, %from, %to, %why,
                "the new component is refused; the old one goes on"
            ),
        }
    }

    /// A version kept dying, and the one before is back.
    pub(super) fn rolled_back(&self, [from, to]: &[String; 2]) {
        self.count("rollbacks", 1);
        tracing::error!(channel = %self.name, %from, %to, "the new component keeps failing; the old one is back");
    }

    /// The channel goes in a circle of `events` a second, and is given one in
    /// `floor` from now on.
    pub(super) fn slowed(&self, events: u32, floor: Duration, tell: bool) {
        self.count("slowed", 1);
        if tell {
            tracing::warn!(
                channel = %self.name, events, floor_ms = floor.as_millis(),
                "the channel goes in a circle of timers or refused actions and is slowed; \
                 report it to the author of the plugin"
            );
        }
    }

    fn report(&self, state: ChannelState, detail: String, fatal: bool) {
        let report = StatusReport {
            state,
            detail,
            fatal,
        };
        self.status.send_if_modified(|current| {
            let changed = *current != report;
            *current = report;
            changed
        });
    }

    /// A note of the channel, as one line of the log.
    pub(super) fn note(&self, note: &Note) {
        let channel = &self.name;
        let mut line = note.message.clone();
        for field in &note.fields {
            line.push_str(&format!(" {}={}", field.name, field.value));
        }
        if line.len() > limits::NOTE_BYTES {
            line.truncate(line.floor_char_boundary(limits::NOTE_BYTES));
            line.push('…');
        }
        let line = one_line(&line);
        match note.level {
            Level::Trace => tracing::trace!(target: "channel", channel, "{line}"),
            Level::Debug => tracing::debug!(target: "channel", channel, "{line}"),
            Level::Info => tracing::info!(target: "channel", channel, "{line}"),
            Level::Warn => tracing::warn!(target: "channel", channel, "{line}"),
            Level::Error => tracing::error!(target: "channel", channel, "{line}"),
        }
    }

    /// What the component wrote to its standard output.
    pub(super) fn printed(&self, text: &str) {
        tracing::debug!(channel = %self.name, "the component printed: {}", one_line(text));
    }
}

/// One record a text: what a guest writes cannot forge a second line.
fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ⏎ ")
}

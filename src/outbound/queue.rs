//! Sends that wait: for an access token, or to be repeated.

use super::Outbound;
use super::sending::{Attempt, Sending};
use crate::contract::{Failure, FailureKind};
use crate::host::Host;
use crate::timer::Timer;
use crate::token::Token;

/// Sends that may wait for an access token.
const MOST_WAITING: usize = 64;

/// Repetitions of a send that may have arrived, and the wait before the first;
/// each wait is twice the one before.
const MOST_REPEATS: u32 = 4;
const FIRST_REPEAT_MS: u64 = 500;

impl Outbound {
    /// Sends now, or when there is an access token.
    pub(super) fn submit(&mut self, sending: Sending, token: &mut Token, host: &mut Host) {
        if token.require(host) {
            self.transmit(sending, token.generation(), host);
        } else if self.waiting.len() < MOST_WAITING {
            self.waiting.push_back(sending);
            self.watch_deadlines(host);
        } else {
            let failure = unavailable("too many messages wait to be sent", token);
            sending.fail(failure, host);
        }
    }

    /// Sends what waits and may go.
    pub(super) fn transmit_due(&mut self, token: &Token, host: &mut Host) {
        let now_ms = host.now().mono_ms;
        for sending in std::mem::take(&mut self.waiting) {
            if sending.not_before_ms <= now_ms {
                self.transmit(sending, token.generation(), host);
            } else {
                self.waiting.push_back(sending);
            }
        }
    }

    /// An instance died while this waited: it is repeated right away.
    pub(super) fn take_up(&mut self, mut sending: Sending, host: &mut Host) {
        sending.request = None;
        sending.attempt = Attempt::Repeated;
        sending.not_before_ms = host.now().mono_ms.saturating_add(1);
        self.waiting.push_back(sending);
        self.watch_deadlines(host);
    }

    /// It may have arrived. With the same sequence number it can be repeated: if
    /// it had, the platform says so and shows nothing twice.
    pub(super) fn unclear(&mut self, mut sending: Sending, failure: Failure, host: &mut Host) {
        let wait_ms = FIRST_REPEAT_MS << sending.repeats.min(8);
        let due_ms = host.now().mono_ms.saturating_add(wait_ms);
        let is_passive = sending.anchor.is_some();
        if !is_passive || sending.repeats >= MOST_REPEATS || due_ms >= sending.deadline_ms {
            sending.fail(failure, host);
            return;
        }
        sending.repeats += 1;
        sending.attempt = Attempt::Repeated;
        sending.not_before_ms = due_ms;
        sending.forget_request(host);
        host.count("sends_repeated");
        self.waiting.push_back(sending);
        self.watch_deadlines(host);
    }

    /// Time is up for some of those that wait: to be sent, or to be given up.
    pub(crate) fn on_timer(&mut self, token: &mut Token, host: &mut Host) {
        let now_ms = host.now().mono_ms;
        for sending in std::mem::take(&mut self.waiting) {
            if sending.deadline_ms <= now_ms {
                sending.fail(
                    unavailable("the message waited too long to be sent", token),
                    host,
                );
            } else {
                self.waiting.push_back(sending);
            }
        }
        let due = |sending: &Sending| sending.not_before_ms <= now_ms;
        if self.waiting.iter().any(due) && token.require(host) {
            self.transmit_due(token, host);
        }
        self.watch_deadlines(host);
    }

    pub(super) fn watch_deadlines(&self, host: &mut Host) {
        let now_ms = host.now().mono_ms;
        let wake = |sending: &Sending| match sending.not_before_ms {
            later if later > now_ms => later.min(sending.deadline_ms),
            _ => sending.deadline_ms,
        };
        match self.waiting.iter().map(wake).min() {
            Some(due_ms) => {
                let after_ms = due_ms.saturating_sub(now_ms);
                host.set_timer(Timer::Queue, after_ms);
            }
            None => host.cancel_timer(Timer::Queue),
        }
    }
}

fn unavailable(what: &str, token: &Token) -> Failure {
    let failure = Failure::new(FailureKind::Unavailable, what);
    match token.trouble() {
        Some(trouble) => Failure {
            message: format!("{what}: {}", trouble.message),
            code: trouble.code,
            trace_id: trouble.trace_id.clone(),
            remedy: trouble.remedy.clone(),
            ..failure
        },
        None => failure.remedy("Try again in a moment."),
    }
}

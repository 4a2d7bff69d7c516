//! What the answer to a call means.

use super::{Call, Purpose};
use crate::contract::{
    Failure, FailureKind, HttpFailed, HttpResponse, MessageEdit, OutboundMessage, Receipt,
    TextFormat,
};
use crate::host::Host;
use crate::outbound::acknowledge;
use crate::outbound::answer::{self, Answer};
use crate::outbound::{Outbound, Phase};
use crate::platform::{self, Reaction};
use crate::token::AccessToken;
use crate::wire::{self, Text};

impl Outbound {
    pub(in crate::outbound) fn call_answered(
        &mut self,
        call: Call,
        response: &HttpResponse,
        token: &mut AccessToken,
        host: &mut Host,
    ) {
        match answer::refusal(response) {
            None => self.call_done(call, response, token, host),
            Some(Answer::Refused(reaction, failure)) => {
                self.call_refused(call, reaction, failure, token, host);
            }
            Some(Answer::Unclear(failure)) => {
                self.call_refused(call, Reaction::Retry, failure, token, host);
            }
            // Neither can be the answer to a call.
            Some(Answer::Sent { .. } | Answer::Audit(_)) => {
                let failure = Failure::new(FailureKind::Protocol, "an answer out of place");
                self.call_gone(call.purpose, true, failure, host);
            }
        }
    }

    pub(in crate::outbound) fn call_failed(
        &mut self,
        call: Call,
        failed: &HttpFailed,
        token: &mut AccessToken,
        host: &mut Host,
    ) {
        let failure = platform::explain("the request got no answer", &self.api, &failed.failure);
        if !failed.may_have_arrived && matches!(call.purpose, Purpose::Typing { .. }) {
            return self.call_gone(call.purpose, false, failure, host);
        }
        let reaction = match failure.kind {
            FailureKind::Denied | FailureKind::Invalid => Reaction::Report,
            _ => Reaction::Retry,
        };
        self.call_refused(call, reaction, failure, token, host);
    }

    /// All but typing can be repeated without harm.
    fn call_refused(
        &mut self,
        mut call: Call,
        reaction: Reaction,
        failure: Failure,
        token: &mut AccessToken,
        host: &mut Host,
    ) {
        if matches!(call.purpose, Purpose::Typing { .. }) {
            if reaction == Reaction::RefreshToken && call.tries.refresh(token, host) {
                // The answer will need one.
                token.require(host);
            }
            return self.call_gone(call.purpose, true, failure, host);
        }
        let now_ms = host.now().mono_ms;
        let again = match reaction {
            Reaction::RefreshToken => call.tries.refresh(token, host),
            _ if reaction.is_passing() => {
                let (policy, until_ms) = (call.policy(), call.deadline_ms);
                let asked_ms = failure.retry_after_ms;
                call.tries.again(policy, asked_ms, until_ms, now_ms)
            }
            _ => false,
        };
        if !again {
            return self.call_gone(call.purpose, true, failure, host);
        }
        self.submit_call(call, token, host);
    }

    /// Makes a request, or keeps it until it can be made.
    pub(in crate::outbound) fn submit_call(
        &mut self,
        call: Call,
        token: &mut AccessToken,
        host: &mut Host,
    ) {
        self.calls.submit(call, token, host);
        self.calls_gone(host);
    }

    /// Makes the requests that are due.
    pub(in crate::outbound) fn resume_calls(&mut self, token: &mut AccessToken, host: &mut Host) {
        self.calls.resume(token, host);
        self.calls_gone(host);
    }

    /// No request will be made any more.
    pub(in crate::outbound) fn stop_calls(&mut self, failure: &Failure, host: &mut Host) {
        self.calls.stop(failure);
        self.calls_gone(host);
    }

    fn calls_gone(&mut self, host: &mut Host) {
        for (call, failure) in std::mem::take(&mut self.calls.gone) {
            self.call_gone(call.purpose, false, failure, host);
        }
    }

    /// It was not done, for whatever reason: this is the only end a call has
    /// besides success. Whoever waits is told, and what it held is free again.
    pub(super) fn call_gone(
        &mut self,
        purpose: Purpose,
        was_sent: bool,
        failure: Failure,
        host: &mut Host,
    ) {
        match purpose {
            Purpose::Recall { command }
            | Purpose::Edit { command, .. }
            | Purpose::React { command } => host.complete(command, Err(failure)),
            Purpose::Open { target } => self.not_opened(&target, failure, host),
            Purpose::Acknowledge { id, step } => self.step_taken(&id, step, Some(&failure), host),
            Purpose::Typing { target, anchor } => {
                self.typing_failed(&target, &anchor, was_sent, &failure, host);
            }
            Purpose::Press => acknowledge::failed(&failure, host),
            Purpose::Title(of) => self.not_titled(of, &failure, host),
        }
    }

    /// The message that waits for its conversation was not sent: what passes is
    /// waited out. While nothing is sent at all, it is nobody's answer.
    fn not_opened(&mut self, target: &str, failure: Failure, host: &mut Host) {
        if self.phase == Phase::Paused {
            return;
        }
        let Some(reply) = self.lanes.take_if(target, |reply| reply.request.is_none()) else {
            return;
        };
        match failure.kind {
            FailureKind::Unavailable
            | FailureKind::RateLimited
            | FailureKind::TimedOut
            | FailureKind::Unreachable
            | FailureKind::Unresolved
            | FailureKind::Tls => self.later(reply, failure, host),
            _ => {
                self.uploads.cancel(target, host);
                reply.fail(failure, host);
            }
        }
    }

    fn call_done(
        &mut self,
        call: Call,
        response: &HttpResponse,
        token: &mut AccessToken,
        host: &mut Host,
    ) {
        match call.purpose {
            Purpose::Recall { command } | Purpose::React { command } => {
                host.complete(command, Ok(Receipt::nothing()));
            }
            Purpose::Acknowledge { id, step } => self.step_taken(&id, step, None, host),
            Purpose::Typing { .. } => host.count("typing_shown"),
            Purpose::Press => host.count("acknowledgements"),
            Purpose::Title(of) => self.titled(of, response, host),
            Purpose::Edit { command, edit } => {
                let left_ms = call.deadline_ms.saturating_sub(host.now().mono_ms);
                self.send(command, left_ms, anew(edit), token, host);
            }
            Purpose::Open { target } => match guild_id(response) {
                Some(guild_id) => self.ledger.open(&target, guild_id, host),
                None => {
                    let what = "the platform opened a conversation without naming it";
                    self.not_opened(&target, Failure::new(FailureKind::Protocol, what), host);
                }
            },
        }
    }
}

fn anew(edit: MessageEdit) -> OutboundMessage {
    OutboundMessage {
        recipient: edit.recipient,
        text: edit.text,
        format: TextFormat::Auto,
        attachments: Vec::new(),
        reply_to: None,
        quote: None,
        thread: None,
        card: None,
    }
}

fn guild_id(response: &HttpResponse) -> Option<String> {
    #[derive(Default, serde::Deserialize)]
    #[serde(default)]
    struct Opened<'a> {
        #[serde(borrow)]
        guild_id: Text<'a>,
    }
    let opened: Opened<'_> = wire::read(&response.body)?;
    opened.guild_id.to_option()
}

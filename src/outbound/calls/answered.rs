//! What the answer to a call means.

use super::{Call, MOST_RETRIES, Purpose};
use crate::contract::{
    Failure, FailureKind, HttpResponse, MessageEdit, OutboundMessage, Receipt, TextFormat,
};
use crate::host::Host;
use crate::outbound::Outbound;
use crate::outbound::acknowledge;
use crate::outbound::answer::{self, Answer};
use crate::platform::{self, Reaction};
use crate::token::Token;
use crate::wire::{self, Text};

impl Outbound {
    pub(in crate::outbound) fn call_answered(
        &mut self,
        call: Call,
        response: &HttpResponse,
        token: &mut Token,
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
        failure: &Failure,
        token: &mut Token,
        host: &mut Host,
    ) {
        let failure = platform::explain("the request got no answer", &self.api, failure);
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
        token: &mut Token,
        host: &mut Host,
    ) {
        let now_ms = host.now().mono_ms;
        match reaction {
            _ if matches!(call.purpose, Purpose::Typing { .. }) => {
                if reaction == Reaction::RefreshToken {
                    token.refused(call.generation, host);
                    // The answer will need one.
                    token.require(host);
                }
                return self.call_gone(call.purpose, true, failure, host);
            }
            Reaction::RefreshToken if !call.refreshed => {
                call.refreshed = true;
                token.refused(call.generation, host);
            }
            Reaction::Retry | Reaction::Quota | Reaction::Pause if call.retries < MOST_RETRIES => {
                let first_ms = failure.retry_after_ms;
                let first_ms = first_ms.unwrap_or_else(|| call.first_retry_ms());
                call.not_before_ms = now_ms.saturating_add(first_ms << call.retries);
                call.retries += 1;
                if call.not_before_ms >= call.deadline_ms {
                    return self.call_gone(call.purpose, true, failure, host);
                }
            }
            _ => return self.call_gone(call.purpose, true, failure, host),
        }
        self.submit_call(call, token, host);
    }

    /// Makes a request, or keeps it until it can be made.
    pub(in crate::outbound) fn submit_call(
        &mut self,
        call: Call,
        token: &mut Token,
        host: &mut Host,
    ) {
        self.calls.submit(call, token, host);
        self.calls_gone(host);
    }

    /// Makes the requests that are due.
    pub(in crate::outbound) fn resume_calls(&mut self, token: &mut Token, host: &mut Host) {
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

    /// The message that needs the conversation cannot be sent.
    fn not_opened(&mut self, target: &str, failure: Failure, host: &mut Host) {
        if let Some(reply) = self.lanes.take(target) {
            self.uploads.cancel(target, host);
            reply.fail(failure, host);
        }
    }

    fn call_done(
        &mut self,
        call: Call,
        response: &HttpResponse,
        token: &mut Token,
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

//! What the answer to a call means.

use crate::contract::{
    Failure, FailureKind, HttpFailed, HttpResponse, MessageEdit, OutboundMessage, Receipt,
    TextFormat,
};
use crate::courtesies::{Call, Purpose, press};
use crate::cx::Cx;
use crate::platform;
use crate::platform::Reaction;
use crate::replies::{Outbound, Phase};
use crate::requests::answer;
use crate::requests::answer::Answer;
use crate::wire;
use crate::wire::Text;

impl Outbound {
    pub(crate) fn call_answered(&mut self, call: Call, response: &HttpResponse, cx: &mut Cx) {
        match answer::refusal(response) {
            None => self.call_done(call, response, cx),
            Some(Answer::Refused(reaction, failure)) => {
                self.call_refused(call, reaction, failure, cx);
            }
            Some(Answer::Unclear(failure)) => {
                self.call_refused(call, Reaction::Retry, failure, cx);
            }
            // Neither can be the answer to a call.
            Some(Answer::Sent { .. } | Answer::Audit(_)) => {
                let failure = Failure::new(FailureKind::Protocol, "an answer out of place");
                self.call_gone(call.purpose, true, failure, cx);
            }
        }
    }

    pub(crate) fn call_failed(&mut self, call: Call, failed: &HttpFailed, cx: &mut Cx) {
        let failure = platform::explain(
            "the request got no answer",
            &cx.settings.api,
            &failed.failure,
        );
        if !failed.may_have_arrived && matches!(call.purpose, Purpose::Typing { .. }) {
            return self.call_gone(call.purpose, false, failure, cx);
        }
        let reaction = match failure.kind {
            FailureKind::Denied | FailureKind::Invalid => Reaction::Report,
            _ => Reaction::Retry,
        };
        self.call_refused(call, reaction, failure, cx);
    }

    /// All but typing can be repeated without harm.
    fn call_refused(&mut self, mut call: Call, reaction: Reaction, failure: Failure, cx: &mut Cx) {
        if matches!(call.purpose, Purpose::Typing { .. }) {
            if reaction == Reaction::RefreshToken && call.attempts.refresh(cx) {
                // The answer will need one.
                cx.has_token();
            }
            return self.call_gone(call.purpose, true, failure, cx);
        }
        let now_ms = cx.host.now().mono_ms;
        let again = match reaction {
            Reaction::RefreshToken => call.attempts.refresh(cx),
            _ if reaction.is_passing() => {
                let (policy, until_ms) = (call.policy(), call.deadline_ms);
                let asked_ms = failure.retry_after_ms;
                call.attempts.again(policy, asked_ms, until_ms, now_ms)
            }
            _ => false,
        };
        if !again {
            return self.call_gone(call.purpose, true, failure, cx);
        }
        self.submit_call(call, cx);
    }

    /// Makes a request, or keeps it until it can be made.
    pub(crate) fn submit_call(&mut self, call: Call, cx: &mut Cx) {
        self.calls.submit(call, cx);
        self.calls_gone(cx);
    }

    /// Makes the requests that are due.
    pub(crate) fn resume_calls(&mut self, cx: &mut Cx) {
        self.calls.resume(cx);
        self.calls_gone(cx);
    }

    /// No request will be made any more.
    pub(crate) fn stop_calls(&mut self, failure: &Failure, cx: &mut Cx) {
        self.calls.stop(failure);
        self.calls_gone(cx);
    }

    fn calls_gone(&mut self, cx: &mut Cx) {
        for (call, failure) in std::mem::take(&mut self.calls.gone) {
            self.call_gone(call.purpose, false, failure, cx);
        }
    }

    /// It was not done, for whatever reason: this is the only end a call has
    /// besides success. Whoever waits is told, and what it held is free again.
    pub(crate) fn call_gone(
        &mut self,
        purpose: Purpose,
        was_sent: bool,
        failure: Failure,
        cx: &mut Cx,
    ) {
        match purpose {
            Purpose::Recall { command }
            | Purpose::Edit { command, .. }
            | Purpose::React { command } => cx.host.complete(command, Err(failure)),
            Purpose::Open { target } => self.not_opened(&target, failure, cx),
            Purpose::Acknowledge { id, step } => {
                self.step_taken(&id, step, Some(&failure), &mut cx.host)
            }
            Purpose::Typing { target, anchor } => {
                self.typing_failed(&target, &anchor, was_sent, &failure, cx);
            }
            Purpose::Press => press::failed(&failure, &mut cx.host),
            Purpose::Title(of) => self.not_titled(of, &failure, &mut cx.host),
        }
    }

    /// The message that waits for its conversation was not sent: what passes is
    /// waited out. While nothing is sent at all, it is nobody's answer.
    fn not_opened(&mut self, target: &str, failure: Failure, cx: &mut Cx) {
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
            | FailureKind::Tls => {
                let fate = reply.later(&failure, &mut cx.host);
                self.settle(fate, cx);
            }
            _ => {
                self.uploads.cancel(target, &mut cx.host);
                reply.fail(failure, &mut cx.host);
            }
        }
    }

    fn call_done(&mut self, call: Call, response: &HttpResponse, cx: &mut Cx) {
        match call.purpose {
            Purpose::Recall { command } | Purpose::React { command } => {
                cx.host.complete(command, Ok(Receipt::nothing()));
            }
            Purpose::Acknowledge { id, step } => self.step_taken(&id, step, None, &mut cx.host),
            Purpose::Typing { .. } => cx.host.count("typing_shown"),
            Purpose::Press => cx.host.count("acknowledgements"),
            Purpose::Title(of) => self.titled(of, response, &mut cx.host),
            Purpose::Edit { command, edit } => {
                let left_ms = call.deadline_ms.saturating_sub(cx.host.now().mono_ms);
                self.send(command, left_ms, anew(edit), cx);
            }
            Purpose::Open { target } => match guild_id(response) {
                Some(guild_id) => cx.ledger.open(&target, guild_id, &mut cx.host),
                None => {
                    let what = "the platform opened a conversation without naming it";
                    self.not_opened(&target, Failure::new(FailureKind::Protocol, what), cx);
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

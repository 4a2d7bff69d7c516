//! Single requests that are no messages: taking one back, opening a private
//! conversation, reactions, typing. They do not queue behind messages.

use std::collections::{BTreeMap, VecDeque};

use super::answer::{self, Answer};
use super::ledger::Anchor;
use super::react::Step;
use super::{Outbound, Titled, acknowledge, plan, request};
use crate::contract::{
    Failure, FailureKind, HttpResponse, MessageEdit, MessageRef, OutboundMessage, Receipt,
    TextFormat, Token as Id,
};
use crate::host::Host;
use crate::platform::{self, Reaction};
use crate::target::ReplyTarget;
use crate::token::Token;
use crate::wire::{self, Text};

/// Calls that may wait or be in flight.
const MOST: usize = 12;
/// Beyond so many, only what somebody waits for.
const MOST_WITH_TRIFLES: usize = 8;
/// Acknowledgements beside them: the platform waits three seconds for one.
const MOST_URGENT: usize = 4;
const MOST_RETRIES: u32 = 3;
const FIRST_RETRY_MS: u64 = 1_000;
const FIRST_URGENT_RETRY_MS: u64 = 250;

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
    purpose: Purpose,
    method: &'static str,
    url: String,
    body: String,
    refreshed: bool,
    retries: u32,
    not_before_ms: u64,
    generation: u64,
    deadline_ms: u64,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Calls {
    in_flight: BTreeMap<Id, Call>,
    waiting: VecDeque<Call>,
}

impl Calls {
    /// Whether something nobody waits for may be asked.
    pub(super) fn has_room_for_trifles(&self) -> bool {
        self.waiting.len() + self.in_flight.len() < MOST_WITH_TRIFLES
    }

    pub(super) fn submit(&mut self, call: Call, token: &mut Token, host: &mut Host) {
        let urgent = call.purpose == Purpose::Press;
        let most = if urgent { MOST + MOST_URGENT } else { MOST };
        if self.waiting.len() + self.in_flight.len() >= most {
            let failure = answer::unavailable("too many requests wait");
            return call.purpose.fail(failure, host);
        }
        if urgent {
            self.waiting.push_front(call);
        } else {
            self.waiting.push_back(call);
        }
        self.resume(token, host);
    }

    /// Makes the requests that are due.
    pub(super) fn resume(&mut self, token: &mut Token, host: &mut Host) {
        let now_ms = host.now().mono_ms;
        for call in std::mem::take(&mut self.waiting) {
            if call.deadline_ms <= now_ms {
                call.purpose
                    .fail(answer::unavailable("no access token in time"), host);
            } else if call.not_before_ms <= now_ms && token.require(host) {
                self.transmit(call, token, host);
            } else {
                self.waiting.push_back(call);
            }
        }
    }

    fn transmit(&mut self, mut call: Call, token: &Token, host: &mut Host) {
        call.generation = token.generation();
        let (url, body) = (call.url.clone(), call.body.clone());
        let left_ms = call.deadline_ms.saturating_sub(host.now().mono_ms);
        let timeout_ms = left_ms.clamp(request::SHORTEST_TIMEOUT_MS, request::TIMEOUT_MS);
        let http = request::json(call.method, url, body, timeout_ms, host);
        self.in_flight.insert(http.id, call);
        host.send_http(http);
    }

    /// Whether there is room for what nobody waits for.
    pub(super) fn is_calm(&self) -> bool {
        self.waiting.len() + self.in_flight.len() < MOST / 2
    }

    pub(super) fn claim(&mut self, id: Id) -> Option<Call> {
        self.in_flight.remove(&id)
    }

    pub(super) fn owns(&self, id: Id) -> bool {
        self.in_flight.contains_key(&id)
    }

    pub(super) fn requests(&self) -> impl Iterator<Item = Id> {
        self.in_flight.keys().copied()
    }

    /// When something that waits is due, monotonic milliseconds.
    pub(super) fn due_ms(&self) -> Option<u64> {
        let due = self.waiting.iter().map(|call| match call.not_before_ms {
            0 => call.deadline_ms,
            later => later.min(call.deadline_ms),
        });
        due.min()
    }

    pub(super) fn stop(&mut self, failure: &Failure, host: &mut Host) {
        for call in std::mem::take(&mut self.waiting) {
            call.purpose.fail(failure.clone(), host);
        }
    }

    fn is_opening(&self, wanted: &str) -> bool {
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

impl Purpose {
    fn fail(self, failure: Failure, host: &mut Host) {
        match self {
            Self::Recall { command } | Self::Edit { command, .. } | Self::React { command } => {
                host.complete(command, Err(failure));
            }
            Self::Open { .. } | Self::Acknowledge { .. } | Self::Typing { .. } => {}
            Self::Press => acknowledge::failed(&failure, host),
            Self::Title(_) => host.count("titles_unknown"),
        }
    }
}

impl Outbound {
    /// The command `recall`. QQ docs, …/v2_users_user_openid_messages_message_id.delete:
    /// own messages, within two minutes.
    pub(crate) fn recall(
        &mut self,
        command: Id,
        deadline_ms: u64,
        message: &MessageRef,
        token: &mut Token,
        host: &mut Host,
    ) {
        let purpose = Purpose::Recall { command };
        self.take_back(
            purpose,
            &message.recipient,
            &message.message_id,
            deadline_ms,
            token,
            host,
        );
    }

    /// The command `edit`: QQ cannot change a message, so it is taken back and
    /// sent anew.
    pub(crate) fn edit(
        &mut self,
        command: Id,
        deadline_ms: u64,
        edit: MessageEdit,
        token: &mut Token,
        host: &mut Host,
    ) {
        let (recipient, id) = (edit.recipient.clone(), edit.message_id.clone());
        let purpose = Purpose::Edit { command, edit };
        self.take_back(purpose, &recipient, &id, deadline_ms, token, host);
    }

    fn take_back(
        &mut self,
        purpose: Purpose,
        recipient: &str,
        message_id: &str,
        deadline_ms: u64,
        token: &mut Token,
        host: &mut Host,
    ) {
        if let Err(failure) = plan::check_recipient(recipient, &self.app_id) {
            return purpose.fail(failure, host);
        }
        let opened = self.ledger.opened(recipient);
        let messages =
            ReplyTarget::parse(recipient).and_then(|t| request::url(&self.api, t, opened));
        let (Some(messages), false) = (messages, message_id.is_empty()) else {
            let failure = Failure::new(FailureKind::Invalid, "there is no such message")
                .remedy("Use a message id of a receipt.");
            return purpose.fail(failure, host);
        };
        let url = format!("{messages}/{}", request::percent_encode(message_id));
        let call = Call::new(purpose, "DELETE", url, String::new(), deadline_ms, host);
        self.calls.submit(call, token, host);
        self.watch(host);
    }

    /// QQ docs, server-inter/channel/message/dms.
    pub(super) fn open_conversation(
        &mut self,
        target: ReplyTarget<'_>,
        token: &mut Token,
        host: &mut Host,
    ) {
        const DEADLINE_MS: u64 = 60_000;
        let name = target.to_string();
        let (Some((user, guild)), false) = (target.unopened(), self.calls.is_opening(&name)) else {
            return;
        };
        let body = serde_json::json!({"recipient_id": user, "source_guild_id": guild});
        let url = format!("{}/users/@me/dms", self.api);
        let purpose = Purpose::Open { target: name };
        let call = Call::new(purpose, "POST", url, body.to_string(), DEADLINE_MS, host);
        self.calls.submit(call, token, host);
    }

    pub(super) fn call_answered(
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
                self.call_gone(call, failure, host);
            }
        }
    }

    pub(super) fn call_failed(
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
                return self.call_gone(call, failure, host);
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
                    return self.call_gone(call, failure, host);
                }
            }
            _ => return self.call_gone(call, failure, host),
        }
        self.calls.submit(call, token, host);
    }

    fn call_gone(&mut self, call: Call, failure: Failure, host: &mut Host) {
        match &call.purpose {
            Purpose::Open { target } => {
                if let Some(reply) = self.lanes.take(target) {
                    reply.fail(failure, host);
                }
            }
            Purpose::Acknowledge { id, step } => self.step_taken(id, *step, Some(&failure), host),
            Purpose::Typing { target, anchor } => {
                self.typing_failed(target, anchor, &failure, host);
            }
            _ => call.purpose.fail(failure, host),
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
                    if let Some(reply) = self.lanes.take(&target) {
                        let what = "the platform opened a conversation without naming it";
                        reply.fail(Failure::new(FailureKind::Protocol, what), host);
                    }
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

impl Call {
    const fn first_retry_ms(&self) -> u64 {
        match self.purpose {
            Purpose::Press => FIRST_URGENT_RETRY_MS,
            _ => FIRST_RETRY_MS,
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
            refreshed: false,
            retries: 0,
            not_before_ms: 0,
            generation: 0,
            deadline_ms: host.now().mono_ms.saturating_add(deadline_ms),
        }
    }
}

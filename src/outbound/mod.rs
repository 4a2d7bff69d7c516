//! From a reply to a request, and from its answer to a receipt.
//!
//! See QQ docs, autogen/api/v2_users_user_openid_messages.post and
//! …/v2_groups_group_openid_messages.post, and server-inter/message/overview.

mod answer;
mod ledger;
mod plan;
mod request;
mod sending;

use std::collections::{BTreeMap, VecDeque};

use crate::contract::{
    Context, Delivery, Failure, FailureKind, HttpFailed, HttpResponse, LiveKind, OutboundMessage,
    Receipt, Token as Id,
};
use crate::host::Host;
use crate::platform;
use crate::state::State;
use crate::target::Scene;
use crate::timer::Timer;
use crate::token::Token;
use answer::Answer;
use ledger::Ledger;
use sending::{Attempt, Sending};

/// Sends that may wait for an access token.
const MOST_WAITING: usize = 64;

/// Everything on its way to users.
#[derive(Debug)]
pub(crate) struct Outbound {
    api: String,
    ledger: Ledger,
    /// By request.
    in_flight: BTreeMap<Id, Sending>,
    /// For an access token, in order.
    waiting: VecDeque<Sending>,
}

impl Outbound {
    /// Takes over what an earlier instance left: what can be answered, and the
    /// sends whose request is still open. Those whose request is gone may have
    /// arrived; the ledger remembers their numbers.
    pub(crate) fn new(api: &str, context: &Context, state: &State, host: &mut Host) -> Self {
        let mut outbound = Self {
            api: api.to_owned(),
            ledger: Ledger::load(state),
            in_flight: BTreeMap::new(),
            waiting: VecDeque::new(),
        };
        for sending in sending::load(state, host) {
            let open = |id: Id| {
                context
                    .adopted
                    .iter()
                    .any(|live| live.kind == LiveKind::Request && live.id == id)
            };
            match sending.request.filter(|id| open(*id)) {
                Some(request) => {
                    outbound.in_flight.insert(request, sending);
                }
                None => {
                    outbound.ledger.unsettle(&sending, host);
                    sending.erase(host);
                }
            }
        }
        outbound
    }

    /// Uses another REST base from now on.
    pub(crate) fn reconfigure(&mut self, api: &str) {
        api.clone_into(&mut self.api);
    }

    /// A message came that can be answered.
    pub(crate) fn received(&mut self, target: &str, scene: Scene, id: &str, host: &mut Host) {
        self.ledger.received(target, scene, id, host);
    }

    /// Whether the answer to this request is meant for a send.
    pub(crate) fn owns(&self, id: Id) -> bool {
        self.in_flight.contains_key(&id)
    }

    /// Requests in flight.
    pub(crate) fn requests(&self) -> impl Iterator<Item = Id> {
        self.in_flight.keys().copied()
    }

    /// The command `send`.
    pub(crate) fn send(
        &mut self,
        command: Id,
        deadline_ms: u64,
        message: OutboundMessage,
        app_id: &str,
        token: &mut Token,
        host: &mut Host,
    ) {
        match plan::check(message, app_id) {
            Ok(plan) => {
                let deadline_ms = host.now().mono_ms.saturating_add(deadline_ms);
                self.submit(Sending::new(command, plan, deadline_ms), token, host);
            }
            Err(failure) => host.complete(command, Err(failure)),
        }
    }

    /// Sends now, or when there is an access token.
    fn submit(&mut self, sending: Sending, token: &mut Token, host: &mut Host) {
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

    fn transmit(&mut self, mut sending: Sending, generation: u64, host: &mut Host) {
        if sending.anchor.is_none() {
            let reply_to = sending.reply_to.as_deref();
            if let Some(taken) = self.ledger.take(&sending.target, reply_to, host) {
                sending.anchor = Some(taken.anchor);
                if taken.again {
                    sending.attempt = Attempt::Repeated;
                }
            }
        }
        let Some(http) = request::build(&self.api, &sending, host) else {
            sending.fail(plan::window_closed(), host);
            return;
        };
        sending.request = Some(http.id);
        sending.generation = generation;
        sending.save(host);
        self.in_flight.insert(http.id, sending);
        host.send_http(http);
    }

    /// There is a fresh access token.
    pub(crate) fn on_token(&mut self, token: &Token, host: &mut Host) {
        for sending in std::mem::take(&mut self.waiting) {
            self.transmit(sending, token.generation(), host);
        }
        self.watch_deadlines(host);
    }

    /// The answer to a send.
    pub(crate) fn on_response(
        &mut self,
        response: &HttpResponse,
        token: &mut Token,
        host: &mut Host,
    ) {
        let Some(sending) = self.in_flight.remove(&response.id) else {
            return;
        };
        match answer::read(response) {
            Answer::Sent { id, how } => sending.succeed(vec![id], how, host),
            Answer::Audit => sending.succeed(Vec::new(), Delivery::PendingAudit, host),
            Answer::TokenRefused(failure) => self.token_refused(sending, failure, token, host),
            Answer::Duplicate(failure) => self.duplicate(sending, failure, token, host),
            Answer::Closed(failure) => {
                self.ledger.close(&sending, host);
                sending.fail(failure, host);
            }
            Answer::Refused(failure) => {
                self.ledger.refund(&sending, host);
                sending.fail(failure, host);
            }
            Answer::Unclear(failure) => sending.fail(failure, host),
        }
    }

    /// One refresh, one repetition, with the same sequence number: should the
    /// first attempt have arrived after all, the platform knows it.
    fn token_refused(
        &mut self,
        mut sending: Sending,
        failure: Failure,
        token: &mut Token,
        host: &mut Host,
    ) {
        if sending.attempt != Attempt::First {
            self.ledger.refund(&sending, host);
            sending.fail(failure, host);
            return;
        }
        sending.attempt = Attempt::Repeated;
        sending.forget_request(host);
        token.refused(sending.generation, host);
        self.submit(sending, token, host);
    }

    /// After a repetition it means that an earlier attempt arrived. Otherwise
    /// somebody else used the number, and the next one may be free.
    fn duplicate(
        &mut self,
        mut sending: Sending,
        failure: Failure,
        token: &mut Token,
        host: &mut Host,
    ) {
        match sending.attempt {
            Attempt::Repeated => sending.succeed(Vec::new(), Delivery::Duplicate, host),
            Attempt::Renumbered => sending.fail(failure, host),
            Attempt::First => {
                sending.attempt = Attempt::Renumbered;
                sending.forget_request(host);
                self.ledger.renumber(&mut sending, host);
                self.submit(sending, token, host);
            }
        }
    }

    /// A send got no answer.
    pub(crate) fn on_failed(&mut self, failed: &HttpFailed, host: &mut Host) {
        let Some(sending) = self.in_flight.remove(&failed.id) else {
            return;
        };
        let failure = match failed.failure.kind {
            FailureKind::TimedOut => {
                answer::maybe_delivered(FailureKind::TimedOut, "no answer in time")
            }
            _ => platform::explain("the message was not sent", &self.api, &failed.failure),
        };
        sending.fail(failure, host);
    }

    /// Time is up for some of those that wait.
    pub(crate) fn on_timer(&mut self, token: &Token, host: &mut Host) {
        let now_ms = host.now().mono_ms;
        let waiting = std::mem::take(&mut self.waiting);
        for sending in waiting {
            if sending.deadline_ms <= now_ms {
                sending.fail(
                    unavailable("the message waited too long to be sent", token),
                    host,
                );
            } else {
                self.waiting.push_back(sending);
            }
        }
        self.watch_deadlines(host);
    }

    /// Nothing will be sent any more; requests in flight may still be answered.
    pub(crate) fn stop(&mut self, failure: &Failure, host: &mut Host) {
        host.cancel_timer(Timer::Queue);
        for sending in std::mem::take(&mut self.waiting) {
            sending.fail(failure.clone(), host);
        }
    }

    fn watch_deadlines(&self, host: &mut Host) {
        match self.waiting.iter().map(|sending| sending.deadline_ms).min() {
            Some(due_ms) => {
                let after_ms = due_ms.saturating_sub(host.now().mono_ms);
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

impl Sending {
    fn succeed(self, message_ids: Vec<String>, how: Delivery, host: &mut Host) {
        self.erase(host);
        host.complete(self.command, Ok(Receipt { message_ids, how }));
    }

    fn fail(self, failure: Failure, host: &mut Host) {
        self.erase(host);
        host.count("sends_failed");
        host.complete(self.command, Err(failure));
    }
}

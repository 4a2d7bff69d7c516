//! From a reply to a request, and from its answer to a receipt.
//!
//! See QQ docs, autogen/api/v2_users_user_openid_messages.post and
//! …/v2_groups_group_openid_messages.post, and server-inter/message/overview.

mod answer;
mod ledger;
mod plan;
mod queue;
mod request;
mod sending;

use std::collections::{BTreeMap, VecDeque};

use crate::contract::{
    Context, Delivery, Failure, FailureKind, HttpFailed, HttpResponse, Live, LiveKind,
    OutboundMessage, Receipt, Token as Id,
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
    /// sends somebody still waits for. Of the others nobody knows whether they
    /// arrived; the ledger remembers their numbers.
    pub(crate) fn new(api: &str, context: &Context, state: &State, host: &mut Host) -> Self {
        let mut outbound = Self {
            api: api.to_owned(),
            ledger: Ledger::load(state),
            in_flight: BTreeMap::new(),
            waiting: VecDeque::new(),
        };
        for sending in sending::load(state, host) {
            let open = |kind, id: Id| {
                let wanted = |live: &Live| live.kind == kind && live.id == id;
                context.adopted.iter().any(wanted)
            };
            let is_open = |id: &Id| open(LiveKind::Request, *id);
            match sending.request.filter(is_open) {
                Some(request) => {
                    outbound.in_flight.insert(request, sending);
                }
                // It waited to be repeated, or its answer went down with the
                // instance.
                None if open(LiveKind::Command, sending.command) => {
                    outbound.take_up(sending, host);
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
        self.transmit_due(token, host);
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
            Answer::Unclear(failure) => self.unclear(sending, failure, host),
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
        if sending.refreshed {
            self.ledger.refund(&sending, host);
            sending.fail(failure, host);
            return;
        }
        sending.refreshed = true;
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
        match failed.failure.kind {
            // Nothing was sent, and nothing will be.
            FailureKind::Denied | FailureKind::Invalid | FailureKind::Unauthorized => {
                self.ledger.refund(&sending, host);
                sending.fail(failure, host);
            }
            _ => self.unclear(sending, failure, host),
        }
    }

    /// Nothing will be sent any more; requests in flight may still be answered.
    pub(crate) fn stop(&mut self, failure: &Failure, host: &mut Host) {
        host.cancel_timer(Timer::Queue);
        for sending in std::mem::take(&mut self.waiting) {
            sending.fail(failure.clone(), host);
        }
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

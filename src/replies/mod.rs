//! From a reply to requests, and from their answers to a receipt.
//!
//! A reply becomes parts, one message each (`prose`). The replies of a chat wait
//! in a lane of their own (`lanes`). A step looks at the first reply of a lane
//! and sends its first part: in answer to a message (`ledger`), unasked, or not
//! at all, and then the text is kept (`kept`). `resolve` reads the answer.
//!
//! See QQ docs, autogen/api/v2_users_user_openid_messages.post and
//! …/v2_groups_group_openid_messages.post, server-inter/channel/message/send,
//! and server-inter/message/overview.

pub(crate) mod entry;
mod fate;
pub(crate) mod files;
mod growing;
mod kept;
pub(crate) mod message;
mod outcome;
mod overdue;
mod owner;
mod plainer;
pub(crate) mod queues;
pub(crate) mod reply;
mod step;

use self::fate::Fate;
use self::kept::Store;
use self::outcome::Outcome;
pub(crate) use self::outcome::Sent;
use self::queues::Lanes;
use self::reply::{Attempt, Reply};
use crate::contract::{Context, HttpFailed, HttpResponse, Id, Live, LiveKind};
use crate::courtesies::Calls;
use crate::courtesies::react::Acks;
use crate::courtesies::titles::Titled;
use crate::courtesies::typing::Typing;
use crate::cx::Cx;
use crate::host::Host;
use crate::owners::Owner;
use crate::requests::answer;
use crate::state::State;
use crate::streams::Streams;
use crate::uploads::Uploads;
use crate::uploads::cache::Cache;

/// Whether anything is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Running,
    /// The instance goes away, or a person must do something first.
    Paused,
}

/// Everything on its way to users.
#[derive(Debug)]
pub(crate) struct Outbound {
    pub(crate) phase: Phase,
    pub(crate) lanes: Lanes,
    /// Replies of an earlier process that are still to be forgotten.
    pub(crate) gone: Vec<Reply>,
    pub(crate) kept: Store,
    pub(crate) calls: Calls,
    pub(crate) typing: Typing,
    pub(crate) streams: Streams,
    pub(crate) acks: Acks,
    /// What was sent since somebody asked.
    pub(crate) sent: Vec<Sent>,
    /// What guilds and channels are called, since somebody asked.
    pub(crate) titles: Vec<(Titled, Option<String>)>,
    pub(crate) uploads: Uploads,
    pub(crate) cache: Cache,
    /// Numbers the replies without a command.
    pub(crate) own: u64,
}

impl Outbound {
    /// Takes over what an earlier instance left: what can be answered, and the
    /// replies somebody still waits for, or was told will come later. Of the
    /// others nobody knows whether they arrived; the ledger remembers their
    /// numbers.
    pub(crate) fn new(context: &Context, state: &State, cx: &mut Cx) -> Self {
        let host = &mut cx.host;
        let mut outbound = Self {
            phase: Phase::Running,
            lanes: Lanes::default(),
            gone: Vec::new(),
            kept: Store::load(state),
            calls: Calls::default(),
            typing: Typing::default(),
            streams: Streams::load(context, state, host),
            acks: Acks::load(state),
            sent: Vec::new(),
            titles: Vec::new(),
            uploads: Uploads::default(),
            cache: Cache::load(state, host),
            own: 0,
        };
        let mut replies = reply::load(state, host);
        // What is under way is the first of its chat. Keys are in no such order.
        replies.sort_by_key(|reply| (reply.request.is_none(), reply.origin.order()));
        for reply in replies {
            outbound.adopt(reply, &context.adopted, host);
        }
        outbound.forget_gone(cx);
        outbound.watch(&mut cx.host);
        outbound
    }

    fn adopt(&mut self, mut reply: Reply, adopted: &[Live], host: &mut Host) {
        let open = |kind, id: Id| adopted.iter().any(|l| l.kind == kind && l.id == id);
        if let reply::Origin::Own(n) | reply::Origin::Kept(n) = reply.origin {
            self.own = self.own.max(n);
        }
        let in_flight = reply.request.is_some_and(|id| open(LiveKind::Request, id));
        let given_up = |id: Id| !open(LiveKind::Command, id) && !in_flight;
        if reply.awaiting().is_some_and(given_up) {
            return self.gone.push(reply);
        }
        if reply.request.is_some() && !in_flight {
            // Its answer went down with the instance.
            reply.request = None;
            if reply.is_numbered() {
                reply.attempt = Attempt::Repeated;
            } else {
                return reply.fail(answer::lost(), host);
            }
        }
        if let Some(request) = reply.request {
            let owner = Owner::Reply(reply.target.clone());
            host.adopt_http(request, owner);
        } else {
            reply
                .attempts
                .wait_until(host.now().mono_ms.saturating_add(1));
        }
        self.lanes.put_last(reply);
    }

    /// Sends again, after a stop.
    pub(crate) fn go_on(&mut self, host: &mut Host) {
        self.phase = Phase::Running;
        // The stop took the timer of what is under way.
        self.watch_too(host);
    }

    /// What was sent since the last question.
    pub(crate) fn take_sent(&mut self) -> Vec<Sent> {
        std::mem::take(&mut self.sent)
    }

    /// The answer to a courtesy.
    pub(crate) fn on_courtesy(&mut self, response: &HttpResponse, cx: &mut Cx) {
        if let Some(call) = self.calls.claim(response.id) {
            self.call_answered(call, response, cx);
        }
        self.pump(cx);
    }

    /// A courtesy got no answer.
    pub(crate) fn on_courtesy_failed(&mut self, failed: &HttpFailed, cx: &mut Cx) {
        if let Some(call) = self.calls.claim(failed.id) {
            self.call_failed(call, failed, cx);
        }
        self.pump(cx);
    }

    /// The answer to a message for `target`.
    pub(crate) fn on_reply(&mut self, target: &str, response: &HttpResponse, cx: &mut Cx) {
        if let Some(reply) = self.lanes.claim(target, response.id) {
            let outcome = reply.answered(response, &mut self.cache, cx);
            self.conclude(target, outcome, cx);
            self.steps(target, cx);
            self.pump(cx);
        }
    }

    /// A message for `target` got no answer.
    pub(crate) fn on_reply_failed(&mut self, target: &str, failed: &HttpFailed, cx: &mut Cx) {
        if let Some(reply) = self.lanes.claim(target, failed.id) {
            let fate = reply.unanswered(failed, cx);
            self.settle(fate, cx);
            self.pump(cx);
        }
    }

    pub(crate) fn conclude(&mut self, target: &str, outcome: Outcome, cx: &mut Cx) {
        self.sent.extend(outcome.sent);
        self.settle(outcome.fate, cx);
        if let Some(words) = outcome.explain {
            self.explain_refusal(target, words, cx);
        }
    }

    /// Puts what is left of a reply where it belongs.
    pub(crate) fn settle(&mut self, fate: Fate, cx: &mut Cx) {
        match fate {
            Fate::Again(reply) => self.lanes.put_back(reply),
            Fate::Keep(reply) => self.keep(reply, cx),
            Fate::Over => {}
        }
    }
}

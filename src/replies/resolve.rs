//! What the answer to a message means for its reply.

use std::collections::VecDeque;

use crate::compose::part::Part;
use crate::compose::prose;
use crate::contract::{Delivery, Failure, HttpFailed, HttpResponse, Level};
use crate::cx::Cx;
use crate::host::Host;
use crate::ledger::Anchor;
use crate::platform;
use crate::platform::Reaction;
use crate::replies::reply::{Attempt, Reply};
use crate::replies::{Outbound, Sent};
use crate::requests::answer;
use crate::requests::answer::Answer;
use crate::target::ReplyTarget;

impl Outbound {
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
        let Some(reply) = self.lanes.claim(target, response.id) else {
            return;
        };
        match answer::read(response) {
            Answer::Sent { id, index } => {
                self.remember(&reply, &id, index);
                self.sent(reply, Some(id), cx);
            }
            Answer::Audit(audit_id) => self.in_audit(reply, audit_id, &mut cx.host),
            Answer::Refused(reaction, failure) => {
                self.refused(reply, reaction, failure, cx);
            }
            Answer::Unclear(failure) => self.unclear(reply, failure, &mut cx.host),
        }
        self.steps(target, cx);
        self.pump(cx);
    }

    /// A message for `target` got no answer.
    pub(crate) fn on_reply_failed(&mut self, target: &str, failed: &HttpFailed, cx: &mut Cx) {
        let Some(reply) = self.lanes.claim(target, failed.id) else {
            return;
        };
        if failed.failure.is_hopeless() {
            let failure = unsent(failed, &cx.settings.api);
            self.give_up(reply, failure, cx);
        } else if failed.may_have_arrived {
            self.unclear(reply, answer::unanswered(failed.failure.kind), &mut cx.host);
        } else {
            let failure = unsent(failed, &cx.settings.api);
            self.later(reply, failure, &mut cx.host);
        }
        self.pump(cx);
    }

    /// Somebody may quote it.
    fn remember(&mut self, reply: &Reply, id: &str, index: Option<String>) {
        let target = ReplyTarget::parse(&reply.target);
        let is_guild = target.is_some_and(|target| target.scene.is_guild());
        let Some(part) = reply.parts.front() else {
            return;
        };
        self.sent.push(Sent {
            target: reply.target.clone(),
            id: id.to_owned(),
            index: index.or_else(|| is_guild.then(|| id.to_owned())),
            text: part.text().to_owned(),
        });
    }

    /// Why nothing can be sent from this machine.
    pub(crate) const fn trouble(&self) -> Option<&Failure> {
        self.blocked.as_ref()
    }

    fn sent(&mut self, reply: Reply, id: Option<String>, cx: &mut Cx) {
        self.blocked = None;
        let how = match (&id, &reply.anchor) {
            (None, _) => Delivery::Duplicate,
            (Some(_), Some(_)) => Delivery::Passive,
            (Some(_), None) => Delivery::Proactive,
        };
        if how == Delivery::Proactive {
            cx.ledger.decide_push(&reply.target, true, &mut cx.host);
            cx.host.count("messages_sent_unasked");
        } else {
            cx.host.count("messages_sent");
        }
        self.next_part(reply, id, how, &mut cx.host);
    }

    fn next_part(&mut self, mut reply: Reply, id: Option<String>, how: Delivery, host: &mut Host) {
        if reply.advance(id, how, host) {
            reply.finish(host);
        } else {
            self.again(reply, host);
        }
    }

    fn in_audit(&mut self, reply: Reply, audit_id: Option<String>, host: &mut Host) {
        if let Some(id) = audit_id {
            self.audits.wait_for(id, &reply.target, host);
        }
        self.next_part(reply, None, Delivery::PendingAudit, host);
    }

    fn refused(&mut self, mut reply: Reply, reaction: Reaction, failure: Failure, cx: &mut Cx) {
        if self.other_media_way(&mut reply, reaction, &failure, &mut cx.host) {
            reply.start_over();
            return self.again(reply, &mut cx.host);
        }
        let Some(reply) = self.plainer(reply, reaction, &failure, cx) else {
            return;
        };
        match reaction {
            Reaction::RefreshToken => self.token_refused(reply, failure, cx),
            Reaction::Duplicate => self.duplicate(reply, failure, cx),
            Reaction::CloseAnchor => self.closed(reply, failure, cx),
            Reaction::SendPlain => self.without_markup(reply, failure, cx),
            Reaction::MaskUrls => self.masked(reply, failure, cx),
            Reaction::Split => self.split(reply, failure, cx),
            Reaction::NoPush => self.not_unasked(reply, failure, cx),
            Reaction::Quota => self.over_quota(reply, failure, cx),
            Reaction::Pause => self.paused(reply, failure, cx),
            Reaction::Retry => self.later(reply, failure, &mut cx.host),
            Reaction::StopChat => {
                cx.ledger.stops.stop(&reply.target, &failure, &mut cx.host);
                self.give_up(reply, failure, cx);
            }
            Reaction::Moderated => {
                let target = reply.target.clone();
                self.give_up(reply, failure, cx);
                self.explain_refusal(&target, prose::MODERATED, cx);
            }
            Reaction::Blocked => {
                cx.host
                    .note_seldom("blocked", Level::Error, &failure.to_string());
                self.blocked = Some(failure.clone());
                self.give_up(reply, failure, cx);
            }
            Reaction::Report
            | Reaction::Stop
            | Reaction::Audit
            | Reaction::Reupload
            | Reaction::AsFile
            | Reaction::SendBytes
            | Reaction::DropKeyboard
            | Reaction::DropCard => self.give_up(reply, failure, cx),
        }
    }

    /// There is no other way. It did not count, unless an earlier attempt did.
    pub(crate) fn give_up(&mut self, reply: Reply, failure: Failure, cx: &mut Cx) {
        if reply.attempt != Attempt::Repeated {
            cx.ledger.refund(&reply, &mut cx.host);
        }
        let media = reply.parts.front().and_then(Part::media);
        if media.is_some() {
            return self.media_lost(reply, failure, &mut cx.host);
        }
        reply.fail(failure, &mut cx.host);
    }

    /// What is left of it is next in its chat.
    pub(crate) fn again(&mut self, reply: Reply, host: &mut Host) {
        reply.save(host);
        self.lanes.put_back(reply);
    }

    /// One refresh, one repetition, with the same sequence number: should the
    /// first attempt have arrived after all, the platform knows it.
    fn token_refused(&mut self, mut reply: Reply, failure: Failure, cx: &mut Cx) {
        if !reply.tries.refresh(cx) {
            return self.give_up(reply, failure, cx);
        }
        if reply.is_numbered() {
            reply.attempt = Attempt::Repeated;
        }
        self.again(reply, &mut cx.host);
    }

    /// The endpoint rests as long as it was told, and the reply waits.
    fn paused(&mut self, reply: Reply, failure: Failure, cx: &mut Cx) {
        let rest_ms = failure.retry_after_ms.unwrap_or(0);
        if let Some(target) = ReplyTarget::parse(&reply.target) {
            cx.ledger.rests.rest(target.scene, rest_ms, &mut cx.host);
        }
        self.later(reply, failure, &mut cx.host);
    }

    /// After a repetition it means that an earlier attempt arrived. Otherwise
    /// somebody else used the number, and the next one may be free.
    fn duplicate(&mut self, mut reply: Reply, failure: Failure, cx: &mut Cx) {
        match reply.attempt {
            Attempt::Repeated => self.sent(reply, None, cx),
            Attempt::Renumbered => reply.fail(failure, &mut cx.host),
            Attempt::First => {
                reply.attempt = Attempt::Renumbered;
                cx.ledger.renumber(&mut reply, &mut cx.host);
                self.again(reply, &mut cx.host);
            }
        }
    }

    /// Another message, unasked, or later.
    fn closed(&mut self, mut reply: Reply, failure: Failure, cx: &mut Cx) {
        if reply.anchor.is_none() {
            return reply.fail(failure, &mut cx.host);
        }
        cx.ledger.close(&reply, &mut cx.host);
        reply.detach();
        self.again(reply, &mut cx.host);
    }

    fn without_markup(&mut self, mut reply: Reply, failure: Failure, cx: &mut Cx) {
        let Some(plain) = reply.parts.front().and_then(prose::without_markup) else {
            return self.give_up(reply, failure, cx);
        };
        if let Some(target) = ReplyTarget::parse(&reply.target) {
            cx.ledger.scenes.refuse_markdown(target.scene, &mut cx.host);
        }
        let rest = reply.parts.iter().skip(1);
        let rest = rest.map(|part| prose::without_markup(part).unwrap_or_else(|| part.clone()));
        reply.parts = std::iter::once(plain).chain(rest).collect();
        reply.start_over();
        self.again(reply, &mut cx.host);
    }

    /// The addresses may be masked already, or it may be something else that
    /// looks like one: then the user should know why nothing comes.
    fn masked(&mut self, mut reply: Reply, failure: Failure, cx: &mut Cx) {
        let Some(masked) = reply.parts.front().and_then(prose::masked) else {
            let target = reply.target.clone();
            self.give_up(reply, failure, cx);
            return self.explain_refusal(&target, prose::UNREGISTERED, cx);
        };
        reply.replace_first([masked].into());
        cx.host.count("messages_masked");
        self.again(reply, &mut cx.host);
    }

    fn split(&mut self, mut reply: Reply, failure: Failure, cx: &mut Cx) {
        let Some(pieces) = reply.parts.front().and_then(prose::smaller) else {
            return self.give_up(reply, failure, cx);
        };
        reply.replace_first(pieces);
        self.again(reply, &mut cx.host);
    }

    fn not_unasked(&mut self, reply: Reply, failure: Failure, cx: &mut Cx) {
        if reply.anchor.is_some() {
            return self.give_up(reply, failure, cx);
        }
        cx.ledger.refuse_push(&reply.target, &mut cx.host);
        self.keep(reply, cx);
    }

    fn over_quota(&mut self, reply: Reply, failure: Failure, cx: &mut Cx) {
        if let Some(mut reply) = self.later_or_kept(reply, failure, &mut cx.host) {
            cx.ledger.refund(&reply, &mut cx.host);
            reply.detach();
            self.keep(reply, cx);
        }
    }
}

fn unsent(failed: &HttpFailed, api: &str) -> Failure {
    platform::explain("the message was not sent", api, &failed.failure)
}

impl Reply {
    /// Other parts in place of the one under way.
    pub(crate) fn replace_first(&mut self, mut parts: VecDeque<Part>) {
        self.parts.pop_front();
        parts.append(&mut self.parts);
        self.parts = parts;
        self.start_over();
    }

    /// Whether the platform would recognise a repetition.
    pub(crate) fn is_numbered(&self) -> bool {
        let number = |anchor: &Anchor| anchor.msg_seq.is_some();
        self.anchor.as_ref().is_some_and(number)
    }
}

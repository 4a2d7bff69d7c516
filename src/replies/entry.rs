//! What the rest of the channel asks of the way out.

use std::collections::VecDeque;

use crate::compose::part::{Content, Part};
use crate::compose::{check, prose};
use crate::contract::{
    Action, AttachmentLocation, Failure, FailureKind, Id, Level, OutboundMessage,
};
use crate::cx::Cx;
use crate::host::Host;
use crate::inbound::{Audit, Notice, NoticeKind};
use crate::ledger::Anchor;
use crate::replies::owner::Owner;
use crate::replies::queues::Lanes;
use crate::replies::reply::{Origin, Reply};
use crate::replies::{Outbound, Phase};
use crate::requests::until::Until;
use crate::streams::Streams;
use crate::target::Scene;
use crate::timer::Timer;

/// How long the channel's own words are tried.
const OWN_LIFE_MS: u64 = 60_000;
/// How long a reply is tried that answers nothing; then it is kept. Others have
/// their reply window.
const LIFE_MS: u64 = 60 * 60_000;
/// What is under way has until so much before the instance goes away.
const DRAIN_MARGIN_MS: u64 = 500;

impl Outbound {
    /// The command `send`; its quote is what the platform calls the quoted message.
    pub(crate) fn send(
        &mut self,
        command: Id,
        deadline_ms: u64,
        message: OutboundMessage,
        cx: &mut Cx,
    ) {
        self.send_by(
            command,
            Until::answered(deadline_ms, cx.host.now()),
            message,
            cx,
        );
    }

    /// The same with a command that must be answered by then.
    pub(crate) fn send_by(
        &mut self,
        command: Id,
        deadline: Until,
        message: OutboundMessage,
        cx: &mut Cx,
    ) {
        let scene = match check::check(&message, &cx.settings.app_id) {
            Ok(scene) => scene,
            Err(failure) => return refuse(command, &message, failure, &mut cx.host),
        };
        let ways = cx.ways(scene);
        let (recipient, reply_to) = (message.recipient.clone(), message.reply_to.clone());
        let quote = message.quote.clone();
        let (parts, trouble) = ways.parts(message, &mut cx.host);
        let origin = Origin::Command(command);
        let mut reply = Reply::new(origin, recipient, parts, life(&cx.host));
        reply.deadline = Some(deadline);
        reply.reply_to = reply_to;
        self.typing.hush(&reply.target);
        reply.quote = quote;
        reply.trouble = trouble;
        self.submit(reply, cx);
    }

    /// Says something in the channel's own words, in answer to a message of that
    /// chat or not at all.
    pub(crate) fn say(&mut self, target: &str, text: String, cx: &mut Cx) {
        let part = Part::new(Content::Text(text));
        self.own += 1;
        let life = Until::after(OWN_LIFE_MS, cx.host.now());
        let origin = Origin::Own(self.own);
        let reply = Reply::new(origin, target.to_owned(), [part].into(), life);
        self.submit(reply, cx);
    }

    fn submit(&mut self, reply: Reply, cx: &mut Cx) {
        // Markup may be all there was.
        if reply.parts.is_empty() {
            return reply.fail(check::empty(), &mut cx.host);
        }
        if !self.lanes.has_room(&reply) {
            let what = "too many messages wait to be sent";
            let failure = Failure::new(FailureKind::RateLimited, what)
                .remedy("Send more slowly; the platform takes a few a second for each chat.");
            return reply.fail(failure, &mut cx.host);
        }
        let target = reply.target.clone();
        // From here on it survives the instance.
        reply.save(&mut cx.host);
        self.lanes.put_last(reply);
        self.steps(&target, cx);
        self.watch_too(&mut cx.host);
    }

    /// A message came that can be answered.
    pub(crate) fn received(&mut self, target: &str, scene: Scene, anchor: Anchor, cx: &mut Cx) {
        cx.ledger.stops.lift(target);
        self.typing.lift(target);
        let needs = needed(&self.lanes, &self.streams, &self.gone);
        cx.ledger
            .received(target, scene, anchor, needs, &mut cx.host);
        if let Some(kept) = self.kept.release(target, &mut cx.host) {
            self.send_kept(target, kept, cx);
        }
    }

    fn send_kept(
        &mut self,
        target: &str,
        (parts, owners): (VecDeque<Part>, Vec<Owner>),
        cx: &mut Cx,
    ) {
        self.own += 1;
        let origin = Origin::Kept(self.own);
        let mut reply = Reply::new(origin, target.to_owned(), parts, life(&cx.host));
        reply.owners = owners;
        self.submit(reply, cx);
    }

    /// Something happened to a conversation; `event_id` names the event.
    pub(crate) fn noticed(&mut self, notice: &Notice, event_id: &str, cx: &mut Cx) {
        let target = &notice.target;
        match notice.kind {
            NoticeKind::PushAllowed => cx.ledger.decide_push(target, true, &mut cx.host),
            NoticeKind::PushRefused | NoticeKind::FriendRemoved | NoticeKind::GroupLeft => {
                cx.ledger.decide_push(target, false, &mut cx.host);
            }
            NoticeKind::FriendAdded | NoticeKind::GroupJoined => {
                cx.ledger.ask_push(target, &mut cx.host)
            }
            // The others say nothing about what may be sent.
            _ => {}
        }
        if notice.kind.is_answerable() && !event_id.is_empty() {
            let anchor = Anchor::event(event_id);
            self.received(target, notice.scene, anchor, cx);
        }
    }

    /// Moderators decided about a message.
    pub(crate) fn audited(&mut self, audit: &Audit, cx: &mut Cx) {
        let Some(target) = cx.ledger.audits.decided(&audit.id, &mut cx.host) else {
            return cx.host.count("audits_unknown");
        };
        if audit.passed {
            return cx.host.count("audits_passed");
        }
        cx.host.count("audits_rejected");
        let text = format!("moderators refused a message (audit {})", audit.id);
        cx.host.note(Level::Warn, text);
        self.explain_refusal(&target, prose::MODERATED, cx);
    }

    /// Tells the user once a day why nothing came.
    pub(crate) fn explain_refusal(&mut self, target: &str, words: &str, cx: &mut Cx) {
        if cx.ledger.may_explain(target, &mut cx.host) {
            self.say(target, words.to_owned(), cx);
        }
    }

    /// There is a fresh access token.
    pub(crate) fn on_token(&mut self, cx: &mut Cx) {
        self.pump(cx);
    }

    /// Something that waits is due.
    pub(crate) fn on_timer(&mut self, cx: &mut Cx) {
        self.pump(cx);
    }

    /// A person must do something first: nothing is sent any more; requests in
    /// flight may still be answered. What was promised for later stays stored.
    pub(crate) fn stop(&mut self, failure: &Failure, cx: &mut Cx) {
        self.phase = Phase::Paused;
        self.streams.stop(failure, &mut cx.host);
        self.stop_calls(failure, cx);
        let waits = |reply: &&Reply| reply.request.is_none() && reply.awaiting().is_some();
        for (target, origin) in self.lanes.named(waits) {
            // The host answers for whatever is left.
            if !cx.host.has_room() {
                break;
            }
            if let Some(reply) = self.lanes.take_if(&target, |reply| reply.origin == origin) {
                self.uploads.cancel(&target, &mut cx.host);
                // What was sent of it is shown once, should the agent answer again.
                cx.ledger.unsettle(&reply, &mut cx.host);
                reply.fail(failure.clone(), &mut cx.host);
            }
        }
        cx.host.cancel_timer(Timer::Queue);
    }

    /// The instance goes away within this time. What waits is sent by the next
    /// one, and its commands learn so; requests in flight have until shortly
    /// before the end.
    pub(crate) fn drain(&mut self, within_ms: u64, failure: &Failure, cx: &mut Cx) {
        self.streams.drain();
        self.advance_streams(cx);
        self.phase = Phase::Paused;
        self.streams.stop(failure, &mut cx.host);
        self.stop_calls(failure, cx);
        let now = cx.host.now();
        let end = Until::after(within_ms.saturating_sub(DRAIN_MARGIN_MS), now);
        for reply in self.lanes.all_mut() {
            let until = match reply.request {
                Some(_) => end,
                None => Until::after(0, now),
            };
            reply.deadline = reply.deadline.map(|_| until);
        }
        self.end_waits(cx);
        self.watch(&mut cx.host);
    }
}

/// How long a reply is tried at all.
pub(crate) fn life(host: &Host) -> Until {
    Until::after(LIFE_MS, host.now())
}

/// Whether a message of a chat is needed for something on its way, or must still
/// be told what an earlier process sent in answer to it.
pub(crate) fn needed(
    lanes: &Lanes,
    streams: &Streams,
    gone: &[Reply],
) -> impl Fn(&str, &str) -> bool {
    |target, id| {
        let of_gone = |reply: &Reply| reply.target == target && reply.needs(id);
        lanes.needs(target, id) || streams.needs(target, id) || gone.iter().any(of_gone)
    }
}

/// Answers a `send` that is not even tried; the host need not hold its files.
pub(crate) fn refuse(command: Id, message: &OutboundMessage, failure: Failure, host: &mut Host) {
    for attachment in &message.attachments {
        if let AttachmentLocation::Blob(blob) = attachment.location {
            host.act(Action::DropBlob(blob));
        }
    }
    host.complete(command, Err(failure));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::tests::host;

    #[test]
    fn what_an_earlier_process_answered_is_needed_until_that_is_noted() {
        let part = Part::new(Content::Text("hello".to_owned()));
        let (origin, target) = (Origin::Command(1), "c2c:1:A".to_owned());
        let mut reply = Reply::new(origin, target, [part].into(), life(&host()));
        reply.anchor = Some(Anchor::message("M1"));
        let (lanes, streams) = (Lanes::default(), Streams::default());
        let gone = [reply];
        let needs = needed(&lanes, &streams, &gone);
        assert!(needs("c2c:1:A", "M1"));
        assert!(!needs("c2c:1:A", "M2") && !needs("c2c:1:B", "M1"));
    }
}

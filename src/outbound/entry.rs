//! What the rest of the channel asks of the way out.

use std::collections::VecDeque;

use super::compose::Ways;
use super::ledger::Anchor;
use super::reply::{Content, Origin, Part, Reply};
use super::{Drafts, Lanes, Outbound, plan, prose};
use crate::contract::{
    Action, AttachmentLocation, Failure, FailureKind, InboundMessage, Level, OutboundMessage,
    Token as Id,
};
use crate::host::Host;
use crate::inbound::{Audit, Notice, NoticeKind};
use crate::target::Scene;
use crate::timer::Timer;
use crate::token::Token;

/// How long the channel's own words are tried.
const OWN_DEADLINE_MS: u64 = 60_000;
/// A repetition after a crash of the host may take long to be possible.
const KEPT_DEADLINE_MS: u64 = 600_000;

impl Outbound {
    /// The command `send`; `quote` is what the platform calls the quoted message.
    pub(crate) fn send(
        &mut self,
        command: Id,
        deadline_ms: u64,
        message: OutboundMessage,
        token: &mut Token,
        host: &mut Host,
    ) {
        let scene = match plan::check(&message, &self.app_id) {
            Ok(scene) => scene,
            Err(failure) => return refuse(command, &message, failure, host),
        };
        let ways = self.ways(scene, host);
        let (recipient, reply_to) = (message.recipient.clone(), message.reply_to.clone());
        let quote = message.quote.clone();
        let (parts, trouble) = ways.parts(message, host);
        let deadline_ms = host.now().mono_ms.saturating_add(deadline_ms);
        let origin = Origin::Command(command);
        let mut reply = Reply::new(origin, recipient, parts, deadline_ms);
        reply.reply_to = reply_to;
        self.typing.hush(&reply.target);
        reply.quote = quote;
        reply.trouble = trouble;
        self.submit(reply, token, host);
    }

    /// How messages look there now.
    pub(super) fn ways(&self, scene: Scene, host: &Host) -> Ways<'_> {
        Ways {
            scene,
            markdown: self.scenes.has_markdown(scene, host),
            limits: &self.limits,
        }
    }

    /// Says something in the channel's own words, in answer to a message of that
    /// chat or not at all.
    pub(crate) fn say(&mut self, target: &str, text: String, token: &mut Token, host: &mut Host) {
        let part = Part::new(Content::Text(text));
        self.own += 1;
        let deadline_ms = host.now().mono_ms.saturating_add(OWN_DEADLINE_MS);
        let origin = Origin::Own(self.own);
        let reply = Reply::new(origin, target.to_owned(), [part].into(), deadline_ms);
        self.submit(reply, token, host);
    }

    fn submit(&mut self, reply: Reply, token: &mut Token, host: &mut Host) {
        // Markup may be all there was.
        if reply.parts.is_empty() {
            return reply.fail(plan::empty(), host);
        }
        if !self.lanes.has_room(&reply) {
            let what = "too many messages wait to be sent";
            let failure = Failure::new(FailureKind::RateLimited, what)
                .remedy("Send more slowly; the platform takes a few a second for each chat.");
            return reply.fail(failure, host);
        }
        let target = reply.target.clone();
        // From here on it survives the instance.
        reply.save(host);
        self.lanes.put_last(reply);
        self.steps(&target, token, host);
        self.watch(host);
    }

    /// A message came that can be answered.
    pub(crate) fn received(
        &mut self,
        target: &str,
        scene: Scene,
        anchor: Anchor,
        token: &mut Token,
        host: &mut Host,
    ) {
        self.stops.lift(target);
        self.typing.lift(target);
        let needs = needed(&self.lanes, &self.drafts);
        self.ledger.received(target, scene, anchor, needs, host);
        if let Some(parts) = self.kept.release(target, host) {
            self.send_kept(target, parts, token, host);
        }
    }

    /// The agent gets this message: what answers it is kept until its turn is
    /// over.
    pub(crate) fn delivers(&mut self, message: &InboundMessage) {
        self.ledger.awaits(&message.reply_target, &message.id);
    }

    fn send_kept(
        &mut self,
        target: &str,
        parts: VecDeque<Part>,
        token: &mut Token,
        host: &mut Host,
    ) {
        self.own += 1;
        let deadline_ms = host.now().mono_ms.saturating_add(KEPT_DEADLINE_MS);
        let origin = Origin::Kept(self.own);
        let reply = Reply::new(origin, target.to_owned(), parts, deadline_ms);
        self.submit(reply, token, host);
    }

    /// Something happened to a conversation; `event_id` names the event.
    pub(crate) fn noticed(
        &mut self,
        notice: &Notice,
        event_id: &str,
        token: &mut Token,
        host: &mut Host,
    ) {
        let target = &notice.target;
        match notice.kind {
            NoticeKind::PushAllowed => self.ledger.decide_push(target, true, host),
            NoticeKind::PushRefused | NoticeKind::FriendRemoved | NoticeKind::GroupLeft => {
                self.ledger.decide_push(target, false, host);
            }
            NoticeKind::FriendAdded | NoticeKind::GroupJoined => self.ledger.ask_push(target, host),
            // The others say nothing about what may be sent.
            _ => {}
        }
        if notice.kind.is_answerable() && !event_id.is_empty() {
            let anchor = Anchor::event(event_id);
            self.received(target, notice.scene, anchor, token, host);
        }
    }

    /// Moderators decided about a message.
    pub(crate) fn audited(&mut self, audit: &Audit, token: &mut Token, host: &mut Host) {
        let Some(target) = self.audits.decided(&audit.id, host) else {
            return host.count("audits_unknown");
        };
        if audit.passed {
            return host.count("audits_passed");
        }
        host.count("audits_rejected");
        let text = format!("moderators refused a message (audit {})", audit.id);
        host.note(Level::Warn, text);
        self.explain_refusal(&target, prose::MODERATED, token, host);
    }

    /// Tells the user once a day why nothing came.
    pub(super) fn explain_refusal(
        &mut self,
        target: &str,
        words: &str,
        token: &mut Token,
        host: &mut Host,
    ) {
        if self.ledger.may_explain(target, host) {
            self.say(target, words.to_owned(), token, host);
        }
    }

    /// There is a fresh access token.
    pub(crate) fn on_token(&mut self, token: &mut Token, host: &mut Host) {
        self.resume_calls(token, host);
        self.pump(token, host);
    }

    /// Something that waits is due.
    pub(crate) fn on_timer(&mut self, token: &mut Token, host: &mut Host) {
        self.resume_calls(token, host);
        self.pump(token, host);
    }

    /// Nothing will be sent any more; requests in flight may still be answered.
    pub(crate) fn stop(&mut self, failure: &Failure, host: &mut Host) {
        host.cancel_timer(Timer::Queue);
        self.drafts.stop(failure, host);
        for reply in self.lanes.extract(|reply| reply.request.is_none()) {
            self.uploads.cancel(&reply.target, host);
            if matches!(reply.origin, Origin::Kept(_)) {
                self.keep(reply, host);
                continue;
            }
            // What was sent of it is shown once, should the agent answer again.
            self.ledger.unsettle(&reply, host);
            reply.fail(failure.clone(), host);
        }
        self.stop_calls(failure, host);
    }
}

/// Whether a message of a chat is needed for something on its way.
pub(super) fn needed(lanes: &Lanes, drafts: &Drafts) -> impl Fn(&str, &str) -> bool {
    |target, id| lanes.needs(target, id) || drafts.needs(target, id)
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

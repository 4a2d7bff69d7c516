//! What has waited long enough: dealt with before anything else, however busy
//! the channel is. And when to look again.

use crate::compose::{check, prose};
use crate::contract::{Failure, FailureKind};
use crate::cx::Cx;
use crate::host::Host;
use crate::replies::reply::{Attempt, Origin, Reply};
use crate::replies::{Outbound, Phase};
use crate::requests::answer;
use crate::timer::Timer;
use crate::token::AccessToken;

impl Outbound {
    /// Ends what is overdue, as much as one call has room for.
    pub(crate) fn end_waits(&mut self, cx: &mut Cx) {
        self.forget_gone(cx);
        let now = cx.host.now();
        for reply in self.lanes.all_mut() {
            if reply.deadline.is_some_and(|deadline| deadline.is_over(now)) && cx.host.has_room() {
                reply.outlive_command(&mut cx.host);
            }
        }
        if self.phase == Phase::Running {
            self.end_lives(cx);
        }
        self.kept.expire(&mut cx.host);
    }

    fn end_lives(&mut self, cx: &mut Cx) {
        let now = cx.host.now();
        let over = |reply: &&Reply| reply.request.is_none() && reply.end().is_over(now);
        for (target, origin) in self.lanes.named(over) {
            if !cx.host.has_room() {
                break;
            }
            if let Some(reply) = self.lanes.take_if(&target, |reply| reply.origin == origin) {
                self.end_life(reply, cx);
            }
        }
    }

    /// Its window closed, or it waited too long at all. What was surely not sent
    /// may find another way; what may be there is shown again only when the chat
    /// writes, and says so.
    fn end_life(&mut self, mut reply: Reply, cx: &mut Cx) {
        if reply.anchor.is_some() && reply.attempt != Attempt::Repeated {
            reply.detach();
            let fate = reply.again(&mut cx.host);
            return self.settle(fate, cx);
        }
        self.uploads.cancel(&reply.target, &mut cx.host);
        if matches!(reply.origin, Origin::Own(_)) {
            let failure = too_late(&reply, &cx.token);
            return reply.fail(failure, &mut cx.host);
        }
        if reply.attempt == Attempt::Repeated {
            prose::doubt(&mut reply.parts);
        }
        self.keep(reply, cx);
    }

    /// Keeps what is left of a reply for the chat's next message.
    pub(crate) fn keep(&mut self, mut reply: Reply, cx: &mut Cx) {
        let has_room = self.kept.has_room(
            &reply.target,
            (&reply.parts, &reply.owners),
            &cx.settings.limits,
        );
        if matches!(reply.origin, Origin::Own(_)) || !has_room {
            let failure = not_kept(&reply);
            return reply.fail(failure, &mut cx.host);
        }
        let parts = std::mem::take(&mut reply.parts);
        let owners = reply.defer();
        self.kept.keep(
            &reply.target,
            (parts, owners),
            &cx.settings.limits,
            &mut cx.host,
        );
        reply.finish(&mut cx.host);
    }

    /// Replies of an earlier process, which gives their messages to the agent
    /// again: the ledger remembers their numbers for the answers that come, and
    /// those wait for that. They may be thousands.
    pub(crate) fn forget_gone(&mut self, cx: &mut Cx) {
        while cx.host.has_room()
            && let Some(reply) = self.gone.pop()
        {
            cx.ledger.unsettle(&reply, &mut cx.host);
            reply.forget(&mut cx.host);
        }
    }

    /// Wakes up when something that waits is due. Never at once: what is overdue
    /// was dealt with, or finds room in the next call; what is due and waits for
    /// something else is woken by that.
    pub(crate) fn watch(&self, host: &mut Host) {
        match self.due_ms(host) {
            Some(due_ms) => wake_at(due_ms, host),
            None => host.cancel_timer(Timer::Queue),
        }
    }

    /// The same where not everything that is due was dealt with just now.
    pub(crate) fn watch_too(&self, host: &mut Host) {
        let set_ms = host.due_ms(Timer::Queue);
        if let Some(due_ms) = self.due_ms(host).into_iter().chain(set_ms).min() {
            wake_at(due_ms, host);
        }
    }

    /// When something that waits is due, monotonic milliseconds.
    fn due_ms(&self, host: &Host) -> Option<u64> {
        let now = host.now();
        let kept_ms = self.kept.due_wall_ms();
        let kept_ms = kept_ms.map(|ms| now.mono_ms + ms.saturating_sub(now.wall_ms));
        let gone_ms = (!self.gone.is_empty()).then_some(now.mono_ms);
        let drafts_ms = self.streams.due_ms(now.mono_ms);
        let always = [self.lanes_due_ms(host), drafts_ms, kept_ms, gone_ms];
        let running = match self.phase {
            Phase::Running => [
                self.calls.due_ms(now.mono_ms),
                self.acks_due_ms(now.mono_ms),
                self.uploads.due_ms(now.mono_ms),
            ],
            Phase::Paused => [None; 3],
        };
        always.into_iter().chain(running).flatten().min()
    }

    fn lanes_due_ms(&self, host: &Host) -> Option<u64> {
        match self.phase {
            Phase::Running => self.lanes.due_ms(host.now()),
            Phase::Paused => self.lanes.deadline_ms(),
        }
    }
}

fn wake_at(due_ms: u64, host: &mut Host) {
    let now_ms = host.now().mono_ms;
    host.set_timer(Timer::Queue, due_ms.saturating_sub(now_ms).max(1));
}

/// Why it is not tried any more.
fn too_late(reply: &Reply, token: &AccessToken) -> Failure {
    let what = "the message waited too long to be sent";
    match token.trouble().or(reply.why.as_ref()) {
        Some(trouble) => Failure {
            kind: FailureKind::Unavailable,
            message: format!("{what}: {}", trouble.message),
            ..trouble.clone()
        },
        None => answer::unavailable(what),
    }
}

/// There is no room to keep it.
fn not_kept(reply: &Reply) -> Failure {
    match (&reply.why, reply.attempt) {
        (why, Attempt::Repeated) => {
            let kind = why
                .as_ref()
                .map_or(FailureKind::Unavailable, |why| why.kind);
            let what = "no attempt was answered, and the reply cannot be kept";
            answer::maybe_delivered(kind, what)
        }
        _ => check::window_closed(),
    }
}

//! How long a reply is tried, and what becomes of one that was tried too long.

use crate::compose::{check, notices};
use crate::contract::{Failure, FailureKind};
use crate::cx::Cx;
use crate::host::Host;
use crate::replies::fate::Fate;
use crate::replies::origin::{Attempt, Origin};
use crate::replies::queues::Lanes;
use crate::replies::reply::Reply;
use crate::requests::answer;
use crate::requests::until::Until;
use crate::token::AccessToken;
use crate::uploads::Uploads;

/// How long the channel's own words are tried.
const OWN_LIFE_MS: u64 = 60_000;
/// How long a reply is tried that answers nothing; then it is kept. Others have
/// their reply window.
const LIFE_MS: u64 = 60 * 60_000;

/// Until when a reply that begins now is tried.
pub(super) fn of_reply(host: &Host) -> Until {
    Until::after(LIFE_MS, host.now())
}

/// The same of the channel's own words.
pub(super) fn of_own_words(host: &Host) -> Until {
    Until::after(OWN_LIFE_MS, host.now())
}

/// A person must do something first: ends what waits, and tells whoever waits for
/// it.
pub(super) fn stop(lanes: &mut Lanes, failure: &Failure, uploads: &mut Uploads, cx: &mut Cx) {
    let waits = |reply: &&Reply| reply.request.is_none() && reply.awaiting().is_some();
    for named in lanes.named(waits) {
        // The host answers for whatever is left.
        if !cx.host.has_room() {
            break;
        }
        if let Some(reply) = lanes.take_named(&named) {
            uploads.cancel(&reply.target, &mut cx.host);
            // What was sent of it is shown once, should the agent answer again.
            reply.unsettle(cx);
            reply.fail(failure.clone(), &mut cx.host);
        }
    }
}

impl Reply {
    /// Its window closed, or it waited too long at all. What was surely not sent
    /// may find another way; what may be there is shown again only when the chat
    /// writes, and says so.
    pub(super) fn end_life(mut self, uploads: &mut Uploads, cx: &mut Cx) -> Fate {
        if self.anchor.is_some() && self.attempt != Attempt::Repeated {
            self.detach();
            return self.again(&mut cx.host);
        }
        uploads.cancel(&self.target, &mut cx.host);
        if matches!(self.origin, Origin::Own(_)) {
            let failure = self.too_late(&cx.token);
            return self.over(failure, &mut cx.host);
        }
        if self.attempt == Attempt::Repeated {
            notices::doubt(&mut self.parts);
        }
        Fate::Keep(self)
    }

    /// Why it is not tried any more.
    fn too_late(&self, token: &AccessToken) -> Failure {
        let what = "the message waited too long to be sent";
        match token.trouble().or(self.why.as_ref()) {
            Some(trouble) => Failure {
                kind: FailureKind::Unavailable,
                message: format!("{what}: {}", trouble.message),
                ..trouble.clone()
            },
            None => answer::unavailable(what),
        }
    }

    /// There is no room to keep it.
    pub(super) fn not_kept(&self) -> Failure {
        match (&self.why, self.attempt) {
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
}

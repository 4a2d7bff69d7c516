//! Replies that another instance left.

use crate::contract::{Id, Live, LiveKind};
use crate::host::Host;
use crate::owners::Owner;
use crate::replies::origin::Attempt;
use crate::replies::reply::Reply;
use crate::requests::answer;
use crate::state::{self, State};
use crate::wire;

/// What becomes of it here.
#[derive(Debug)]
pub(super) enum Adopted {
    GoesOn(Reply),
    /// Nobody waits for it, and nobody knows whether it arrived.
    Gone(Reply),
    Over,
}

impl Reply {
    /// Goes on with it, if somebody waits for it, or its answer can still come.
    pub(super) fn adopted(mut self, adopted: &[Live], host: &mut Host) -> Adopted {
        let open = |kind, id: Id| adopted.iter().any(|l| l.kind == kind && l.id == id);
        let in_flight = self.request.is_some_and(|id| open(LiveKind::Request, id));
        let given_up = |id: Id| !open(LiveKind::Command, id) && !in_flight;
        if self.awaiting().is_some_and(given_up) {
            return Adopted::Gone(self);
        }
        if self.request.is_some() && !in_flight {
            // Its answer went down with the instance.
            self.request = None;
            if !self.is_numbered() {
                self.fail(answer::lost(), host);
                return Adopted::Over;
            }
            self.attempt = Attempt::Repeated;
        }
        if let Some(request) = self.request {
            let owner = Owner::Reply(self.target.clone());
            host.adopt_http(request, owner);
        } else {
            let soon_ms = host.now().mono_ms.saturating_add(1);
            self.attempts.wait_until(soon_ms);
        }
        Adopted::GoesOn(self)
    }
}

/// The stored replies; what cannot be read is removed.
pub(super) fn load(state: &State, host: &mut Host) -> Vec<Reply> {
    let mut replies = Vec::new();
    for (name, value) in state.under(state::SEND) {
        match wire::read::<Reply>(value).filter(|reply| !reply.parts.is_empty()) {
            Some(mut reply) => {
                reply.adopt(host.now());
                replies.push(reply);
            }
            None => host.remove(format!("{}{name}", state::SEND)),
        }
    }
    replies
}

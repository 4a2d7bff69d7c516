//! Calling a request off: one that has not begun is never sent, and one that has
//! begun may have arrived. Either way it ends as every request does.

use super::batch::Batch;
use super::parts::Actor;
use crate::contract::{Event, Failure, FailureKind, HttpFailed};

impl Actor {
    /// The channel does not want this request any more. Of one that has ended
    /// the event is on its way.
    pub(super) fn call_off(&mut self, id: u64, batch: &mut Batch) {
        if self.resources.cancel(id) {
            return self.hold(called_off(id, true));
        }
        let waits = self.committing.as_mut();
        if batch.unsend(id) || waits.is_some_and(|committing| committing.unsend(id)) {
            self.hold(called_off(id, false));
        }
    }
}

fn called_off(id: u64, may_have_arrived: bool) -> Event {
    let what = match may_have_arrived {
        true => "called off while it was under way",
        false => "called off before it was sent",
    };
    Event::HttpFailed(HttpFailed {
        id,
        failure: Failure::new(FailureKind::Cancelled, what),
        may_have_arrived,
    })
}

#[cfg(test)]
pub(super) mod tests {
    use crate::contract::{Body, SendHttp};

    /// A request with this number.
    pub(in crate::actor) fn request(id: u64) -> SendHttp {
        SendHttp {
            id,
            method: "GET".to_owned(),
            url: "https://x.test/".to_owned(),
            headers: vec![],
            body: Body::Empty,
            timeout_ms: 1_000,
            secrets: vec![],
            into_blob: false,
        }
    }
}

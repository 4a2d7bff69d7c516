//! Files on their way to where they can be sent from, one for each chat at most.
//!
//! This machine decides what of a file is asked next, how often, and what the
//! platform still has. It never sends a message: how a file ended is told with
//! [`Uploads::take_ended`]. Read `tests/transcripts/media.txt` first.

mod answers;
mod ask;
mod cache;
mod chunk;
mod chunks;
mod desk;
mod fetched;
mod upload;
mod wire;

use std::collections::BTreeMap;

use crate::contract::{Action, BlobDigested, HttpFailed, HttpResponse, Id};
use crate::cx::Cx;
use crate::host::Host;
use crate::state::State;
use cache::Cache;
use desk::Desk;
pub(crate) use desk::{End, Order};
use upload::Upload;

/// Requests of all uploads together. The parts of one file leave half of them to
/// the files of other chats.
const MOST_REQUESTS: usize = 8;
const RESERVED: usize = 4;
/// Digests of all uploads together; the host allows 64.
const MOST_DIGESTS: usize = 32;

/// All files on their way.
#[derive(Debug, Default)]
pub(crate) struct Uploads {
    /// By reply target.
    under_way: BTreeMap<String, Upload>,
    /// What the platform still has.
    cache: Cache,
    /// By reply target, until somebody asks.
    ended: Vec<(String, End)>,
}

impl Uploads {
    pub(crate) fn load(state: &State, host: &mut Host) -> Self {
        Self {
            cache: Cache::load(state, host),
            ..Self::default()
        }
    }

    /// Whether a file of this chat is on its way.
    pub(crate) fn is_under_way(&self, target: &str) -> bool {
        self.under_way.contains_key(target)
    }

    /// Begins one; the chat must have none.
    pub(crate) fn begin(&mut self, order: Order, cx: &mut Cx) {
        let target = order.target.clone();
        self.under_way.insert(target, Upload::new(order));
        self.on_time(cx);
    }

    /// The platform does not have this any more.
    pub(crate) fn forget(&mut self, key: &str, host: &mut Host) {
        self.cache.forget(key, host);
    }

    /// Gives up the one of this chat, also if it has ended and nobody was told:
    /// another reply of the chat must not be given its file.
    pub(crate) fn cancel(&mut self, target: &str, host: &mut Host) {
        self.end(target, None, host);
        for (_, end) in self.ended.extract_if(.., |(of, _)| of == target) {
            if let End::Fetched(found) = end {
                host.act(Action::DropBlob(found.blob.id));
            }
        }
    }

    /// Goes on with all that can go on.
    pub(crate) fn on_time(&mut self, cx: &mut Cx) {
        let open = self.requests().count();
        let digests = self.under_way.values().map(Upload::digests).sum();
        let mut desk = Desk {
            cx,
            cache: &self.cache,
            room: MOST_REQUESTS.saturating_sub(open),
            reserved: RESERVED,
            digests: MOST_DIGESTS.saturating_sub(digests),
        };
        for upload in self.under_way.values_mut() {
            upload.advance(&mut desk);
        }
    }

    /// Those that ended since the last call.
    pub(crate) fn take_ended(&mut self) -> Vec<(String, End)> {
        std::mem::take(&mut self.ended)
    }

    /// Requests in flight.
    pub(crate) fn requests(&self) -> impl Iterator<Item = Id> {
        self.under_way.values().flat_map(Upload::requests)
    }

    /// When the next of them goes on by itself, monotonic milliseconds. What is due
    /// already waits for something else.
    pub(crate) fn due_ms(&self, now_ms: u64) -> Option<u64> {
        let due = self
            .under_way
            .values()
            .filter_map(|upload| upload.due_ms(now_ms));
        due.min()
    }

    /// The answer to a request for the file of this target.
    pub(crate) fn on_response(&mut self, target: &str, response: &HttpResponse, cx: &mut Cx) {
        self.tell(target, Some(response.id), cx, |upload, desk| {
            upload.answered(response, desk)
        });
    }

    /// A request for the file of this target got no answer.
    pub(crate) fn on_failed(&mut self, target: &str, failed: &HttpFailed, cx: &mut Cx) {
        self.tell(target, Some(failed.id), cx, |upload, desk| {
            upload.failed(failed, desk)
        });
    }

    /// The host looked into a file.
    pub(crate) fn on_digested(&mut self, done: &BlobDigested, cx: &mut Cx) {
        let mut all = self.under_way.iter();
        let Some((target, _)) = all.find(|(_, upload)| upload.owns(done.id)) else {
            return;
        };
        let target = target.clone();
        self.tell(&target, None, cx, |upload, desk| {
            upload.digested(done, desk)
        });
    }

    fn tell(
        &mut self,
        target: &str,
        done: Option<Id>,
        cx: &mut Cx,
        what: impl FnOnce(&mut Upload, &mut Desk<'_>) -> Option<End>,
    ) {
        let Some(upload) = self.under_way.get_mut(target) else {
            return;
        };
        let mut desk = Desk {
            cx,
            cache: &self.cache,
            room: 0,
            reserved: 0,
            digests: 0,
        };
        let Some(end) = what(upload, &mut desk) else {
            return;
        };
        self.end(target, done, &mut cx.host);
        if let End::Ready(ready) = &end {
            self.cache.keep(ready, &mut cx.host);
        }
        self.ended.push((target.to_owned(), end));
    }

    /// It is over; its request `done` is over already.
    fn end(&mut self, target: &str, done: Option<Id>, host: &mut Host) {
        let Some(upload) = self.under_way.remove(target) else {
            return;
        };
        for id in upload.requests() {
            if Some(id) != done {
                host.cancel_http(id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{Failure, FailureKind};
    use crate::host::tests::host;
    use crate::platform::Reaction;

    #[test]
    fn what_ended_for_a_reply_that_is_gone_is_told_to_no_other() {
        let failed = || {
            let failure = Failure::new(FailureKind::Unavailable, "gone");
            End::Failed(Reaction::Report, failure)
        };
        let mut uploads = Uploads::default();
        uploads.ended.push(("c2c:1:A".to_owned(), failed()));
        uploads.ended.push(("c2c:1:B".to_owned(), failed()));
        uploads.cancel("c2c:1:A", &mut host());
        let left = uploads.take_ended();
        let of: Vec<_> = left.iter().map(|(target, _)| target.as_str()).collect();
        assert_eq!(of, ["c2c:1:B"]);
    }
}

//! The numbers that name what is open.

use std::collections::BTreeSet;

use crate::contract::{Event, Live, LiveKind};

/// Numbers in use, as the channel knows them after its newest action list; the
/// effects may still wait for their commit.
#[derive(Clone, Debug, Default)]
pub(super) struct Ids {
    pub(super) sockets: BTreeSet<u64>,
    pub(super) requests: BTreeSet<u64>,
    /// Requests that were called off, until that is told.
    pub(super) called_off: BTreeSet<u64>,
    pub(super) timers: BTreeSet<u64>,
    pub(super) digests: BTreeSet<u64>,
}

impl Ids {
    /// The event ends something: its number is free from here on.
    pub(super) fn free(&mut self, event: &Event) {
        if let Some((numbers, id)) = self.ended_by(event) {
            numbers.remove(&id);
        }
    }

    /// The event did not arrive after all.
    pub(super) fn take_back(&mut self, event: &Event) {
        if let Some((numbers, id)) = self.ended_by(event) {
            numbers.insert(id);
        }
    }

    /// All that is open by these numbers, but for digests: nobody adopts one.
    pub(super) fn live(&self) -> impl Iterator<Item = Live> {
        let live = |kind| move |id: &u64| Live { kind, id: *id };
        let requests = self.requests.iter().chain(&self.called_off);
        let sockets = self.sockets.iter().map(live(LiveKind::Socket));
        sockets
            .chain(requests.map(live(LiveKind::Request)))
            .chain(self.timers.iter().map(live(LiveKind::Timer)))
    }

    fn request(&mut self, id: u64) -> &mut BTreeSet<u64> {
        if self.called_off.contains(&id) {
            &mut self.called_off
        } else {
            &mut self.requests
        }
    }

    fn ended_by(&mut self, event: &Event) -> Option<(&mut BTreeSet<u64>, u64)> {
        match event {
            Event::SocketClosed(closed) => Some((&mut self.sockets, closed.id)),
            Event::HttpResponse(response) => Some((self.request(response.id), response.id)),
            Event::HttpFailed(failed) => Some((self.request(failed.id), failed.id)),
            Event::Timer(id) => Some((&mut self.timers, *id)),
            Event::BlobDigested(digested) => Some((&mut self.digests, digested.id)),
            _ => None,
        }
    }
}

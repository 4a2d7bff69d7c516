//! Frames of streams on their way: a user must never have two of them, or they arrive in
//! any order.

use std::sync::Arc;

use crate::faults::Endpoint;
use crate::journal::record::Record;
use crate::server::hub::Hub;

/// A frame until it is answered, or its client left.
pub(super) struct InFlight {
    hub: Arc<Hub>,
    user: String,
}

impl InFlight {
    /// Counts a frame; one beside another goes into the journal. `None` for any other
    /// request.
    pub(super) fn of(
        hub: &Arc<Hub>,
        number: u64,
        endpoint: Option<Endpoint>,
        path: &str,
    ) -> Option<Self> {
        let user = Endpoint::peer_of(path).filter(|_| endpoint == Some(Endpoint::Stream))?;
        hub.with(|world| {
            let count = world.frames_in_flight.entry(user.to_owned()).or_default();
            *count += 1;
            if *count > 1 {
                let peer = user.to_owned();
                world
                    .journal
                    .push(Some(number), Record::FramesOverlap { peer });
            }
        });
        Some(Self {
            hub: Arc::clone(hub),
            user: user.to_owned(),
        })
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.hub.with(|world| {
            if let Some(count) = world.frames_in_flight.get_mut(&self.user) {
                *count = count.saturating_sub(1);
            }
        });
    }
}

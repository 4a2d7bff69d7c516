//! A channel that is ready to run, and its beginning.

use std::sync::Arc;

use tokio::sync::{mpsc, watch};

use crate::about::About;
use crate::actor::{Actor, Inlets, Kept, Mail, Outlets, Spec, StatusReport};
use crate::contract::ChannelState;
use crate::counters::Counters;
use crate::handle::{ChannelHandle, Settlements};
use crate::limits;
use crate::media::Fetcher;

/// Everything of a channel but its beginning.
pub(super) struct Ready {
    pub(super) about: About,
    pub(super) spec: Spec,
    pub(super) kept: Kept,
}

impl Ready {
    pub(super) fn start(self, mail: Mail, inlets: Inlets) -> ChannelHandle {
        let name: Arc<str> = self.spec.name.as_str().into();
        let (messages, inbox) = mpsc::channel(limits::DELIVERIES);
        let (settled, settlements) = mpsc::channel(limits::SETTLEMENTS);
        let (status, status_seen) = watch::channel(starting());
        let counters = Counters::default();
        let outlets = Outlets {
            messages,
            settled,
            status,
            counters: counters.clone(),
        };
        let wire = &self.spec.wire;
        let blobs = wire.blobs.clone();
        let fetcher = Fetcher {
            channel: Arc::clone(&name),
            client: wire.client.clone(),
            policy: wire.policy.clone(),
        };
        let actor = Actor::new(self.spec, self.kept, inlets, outlets);
        let task = tokio::spawn(actor.run()).abort_handle();
        ChannelHandle {
            name,
            mail,
            about: self.about,
            inbox: Some(inbox),
            settled: Settlements::new(settlements),
            status: status_seen,
            counters,
            blobs,
            fetcher,
            task,
        }
    }
}

fn starting() -> StatusReport {
    StatusReport {
        state: ChannelState::Connecting,
        detail: "starting".to_owned(),
        fatal: false,
    }
}

//! `--media` and `--media-root`.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use super::args::MediaArgs;
use crate::actor::Delivered;
use crate::error::Result;
use crate::handle::ChannelHandle;
use crate::media::{Inbox, Markers, Roots, fetching};

/// How files pass between users and the agent.
pub(super) struct Media {
    markers: Arc<Markers>,
    inbox: Option<Inbox>,
}

impl Media {
    pub(super) fn new(args: &MediaArgs) -> Result<Self> {
        let inbox = args.folder.clone().map(|folder| Inbox {
            quota_bytes: args.quota_mb.saturating_mul(1024 * 1024),
            keep: Duration::from_secs(args.days.saturating_mul(86_400)),
            ..Inbox::new(folder)
        });
        Ok(Self {
            markers: Arc::new(Markers::new(Roots::open(&args.roots)?)),
            inbox,
        })
    }

    pub(super) fn markers(&self) -> Arc<Markers> {
        Arc::clone(&self.markers)
    }

    /// The messages as the agent gets them.
    pub(super) fn incoming(
        &self,
        handle: &ChannelHandle,
        messages: mpsc::Receiver<Delivered>,
    ) -> Result<mpsc::Receiver<Delivered>> {
        match &self.inbox {
            Some(inbox) => fetching(inbox.clone(), handle.fetcher(), messages),
            None => Ok(messages),
        }
    }
}

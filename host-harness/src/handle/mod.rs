//! A channel that runs, seen from outside: its messages, its state, and the
//! commands PRX's `Channel` trait needs.

mod asking;
mod commands;
mod messages;
mod settlements;
mod swapping;

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::AbortHandle;
use tokio::time::Duration;

pub(crate) use asking::ask_first;
pub use commands::ChannelCommands;
pub(crate) use settlements::Settlements;

use asking::GRACE;

use crate::about::About;
use crate::actor::{Control, Delivered, Mail, StatusReport};
use crate::contract::Descriptor;
use crate::counters::Counters;
use crate::media::Fetcher;
use crate::net::Blobs;

/// A running channel. Dropping it stops the channel; [`Self::drain`] stops it
/// gently.
pub struct ChannelHandle {
    pub(crate) name: Arc<str>,
    pub(crate) mail: Mail,
    pub(crate) about: About,
    pub(crate) inbox: Option<mpsc::Receiver<Delivered>>,
    pub(crate) settled: Settlements,
    pub(crate) status: watch::Receiver<StatusReport>,
    pub(crate) counters: Counters,
    pub(crate) blobs: Blobs,
    pub(crate) fetcher: Fetcher,
    pub(crate) task: AbortHandle,
}

impl Drop for ChannelHandle {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl ChannelHandle {
    /// Name of the channel.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The messages users sent. The first caller gets them all, and says of each
    /// that it is [answered](ChannelCommands::answered); what was not is given
    /// again after a restart.
    pub fn take_messages(&mut self) -> Option<mpsc::Receiver<Delivered>> {
        self.inbox.take()
    }

    /// How the channel is doing, now and whenever it changes.
    pub fn status(&self) -> watch::Receiver<StatusReport> {
        self.status.clone()
    }

    /// What the channel counted.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// The side that asks.
    pub fn commands(&self) -> ChannelCommands {
        ChannelCommands {
            mail: self.mail.clone(),
            about: self.about.clone(),
            blobs: self.blobs.clone(),
            markers: Arc::default(),
            settled: self.settled.clone(),
        }
    }

    /// What the running component says about itself: name, version, features.
    pub fn descriptor(&self) -> Arc<Descriptor> {
        self.about.now()
    }

    /// Fetches what users sent, by the channel's own rules.
    pub fn fetcher(&self) -> Fetcher {
        self.fetcher.clone()
    }

    /// Gives the channel `within` to finish, then stops it: half a second later
    /// it is gone, whatever its component or the disk does. False: it had to be
    /// cut off; what was not committed by then is given again.
    ///
    /// A commit that hangs in the disk keeps one blocking thread of the runtime,
    /// and the state file, until the disk answers.
    pub async fn drain(self, within: Duration) -> bool {
        let (done, finished) = oneshot::channel();
        let drained = async {
            match self.mail.control.send(Control::Drain(within, done)).await {
                Ok(()) => finished.await.is_ok(),
                // It has ended by itself.
                Err(_gone) => true,
            }
        };
        tokio::time::timeout(within + GRACE, drained)
            .await
            .unwrap_or(false)
    }
}

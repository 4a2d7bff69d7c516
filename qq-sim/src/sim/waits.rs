//! Waiting for what the journal will say; by events, never by polling.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::Sim;
use crate::journal::record::Record;
use crate::journal::sent::SentMessage;
use crate::journal::{Entry, NotSeen};

impl Sim {
    /// First entry of the whole journal that fits, now or within `deadline`.
    ///
    /// # Errors
    ///
    /// If there is none in time; the error shows the end of the journal.
    pub async fn wait_for(
        &self,
        fits: impl FnMut(&Entry) -> bool,
        deadline: Duration,
    ) -> Result<Entry, NotSeen> {
        self.wait_after(0, fits, deadline).await
    }

    /// As [`Sim::wait_for`], among the entries after a [`Sim::mark`].
    ///
    /// # Errors
    ///
    /// If there is none in time; the error shows the end of the journal.
    pub async fn wait_after(
        &self,
        mark: u64,
        mut fits: impl FnMut(&Entry) -> bool,
        deadline: Duration,
    ) -> Result<Entry, NotSeen> {
        let pick = |entry: &Entry| fits(entry).then(|| entry.clone());
        Ok(self.hub().journal.wait(mark, deadline, pick).await?.1)
    }

    /// The next message of a bot that was accepted, typing notices left out. Each one
    /// is returned once, in order.
    ///
    /// # Errors
    ///
    /// If there is none in time; the error shows the end of the journal.
    pub async fn next_reply(&self, deadline: Duration) -> Result<SentMessage, NotSeen> {
        let pick = |entry: &Entry| match &entry.record {
            Record::MessageAccepted(message) if message.msg_type != 6 => Some(message.clone()),
            _ => None,
        };
        let read = self.read.load(Ordering::Relaxed);
        let (n, message) = self.hub().journal.wait(read, deadline, pick).await?;
        self.read.store(n, Ordering::Relaxed);
        Ok(message)
    }

    /// Waits until so many messages got through to this user or group, and returns them
    /// all; see [`Sim::delivered`].
    ///
    /// # Errors
    ///
    /// If there are fewer in time; the error shows the end of the journal.
    pub async fn wait_delivered(
        &self,
        openid: &str,
        count: usize,
        deadline: Duration,
    ) -> Result<Vec<SentMessage>, NotSeen> {
        let enough = |_: &Entry| Some(self.delivered(openid)).filter(|sent| sent.len() >= count);
        // Marked before looking: what comes in between is waited for.
        let mark = self.mark();
        let sent = self.delivered(openid);
        if sent.len() >= count {
            return Ok(sent);
        }
        Ok(self.hub().journal.wait(mark, deadline, enough).await?.1)
    }

    /// Waits until at least one socket has seen READY or RESUMED and is still open.
    ///
    /// # Errors
    ///
    /// If there is none in time; the error shows the end of the journal.
    pub async fn wait_live(&self, deadline: Duration) -> Result<(), NotSeen> {
        let is_live = |_: &Entry| (self.live_sockets() > 0).then_some(());
        // Marked before looking: READY is written down after the socket became live.
        let mark = self.mark();
        if self.live_sockets() > 0 {
            return Ok(());
        }
        self.hub()
            .journal
            .wait(mark, deadline, is_live)
            .await
            .map(|(_, ())| ())
    }
}

//! Questions to the journal that assertions ask again and again.

use super::Sim;
use crate::journal::Entry;
use crate::journal::record::Record;
use crate::journal::sent::SentMessage;
use crate::world::streams::Stream;

impl Sim {
    /// Messages the bots got through to this user or group, in order, typing notices
    /// left out; as many as the journal still has.
    ///
    /// ```
    /// # use qq_sim::{Sim, SimConfig};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let sim = Sim::start(SimConfig::default()).await?;
    /// assert!(sim.delivered("E4F4AEA33253A2797FB897C50B81D7ED").is_empty());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn delivered(&self, openid: &str) -> Vec<SentMessage> {
        let mut messages = self.sent_messages();
        messages.retain(|message| message.peer == openid);
        messages
    }

    /// As [`Sim::delivered`], to anybody.
    #[must_use]
    pub fn sent_messages(&self) -> Vec<SentMessage> {
        self.hub().journal.sent_messages()
    }

    /// Texts of [`Sim::sent_messages`]; a message without one is left out.
    #[must_use]
    pub fn sent_texts(&self) -> Vec<String> {
        let messages = self.sent_messages().into_iter();
        messages.filter_map(|message| message.text).collect()
    }

    /// Every streamed message, oldest first; the finished ones are in
    /// [`Sim::sent_messages`], too.
    #[must_use]
    pub fn streams(&self) -> Vec<Stream> {
        self.hub().with(|world| world.streams.clone())
    }

    /// Streams that were begun and not ended: a user sees them grow for ever. None should
    /// be left at the end of a test.
    ///
    /// ```
    /// # use qq_sim::{Sim, SimConfig};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let sim = Sim::start(SimConfig::default()).await?;
    /// assert!(sim.open_streams().is_empty());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn open_streams(&self) -> Vec<Stream> {
        let mut streams = self.streams();
        streams.retain(|stream| stream.is_open);
        streams
    }

    /// Interactions nobody acknowledged in time, oldest first.
    #[must_use]
    pub fn expired_clicks(&self) -> Vec<String> {
        let expired = |entry: Entry| match entry.record {
            Record::ClickExpired { id, .. } => Some(id),
            _ => None,
        };
        self.journal().into_iter().filter_map(expired).collect()
    }

    /// Highest number of sockets any one bot has had in use at one time: after READY or
    /// RESUMED, with the session still theirs. More than one per shard means that every
    /// event came twice. Half-open sockets and those that lost their session to a Resume
    /// are not in use.
    #[must_use]
    pub fn max_live_sockets(&self) -> usize {
        self.hub()
            .with(|world| world.live_peaks.values().copied().max().unwrap_or(0))
    }

    /// As [`Sim::max_live_sockets`], of one bot.
    #[must_use]
    pub fn max_live_sockets_of(&self, app_id: &str) -> usize {
        self.hub()
            .with(|world| world.live_peaks.get(app_id).copied().unwrap_or(0))
    }
}

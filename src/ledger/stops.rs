//! Chats that nothing reaches for now: the bot is muted there, or was removed.

use std::collections::BTreeMap;

use crate::contract::{Failure, Level};
use crate::host::Host;

const STOPPED_MS: u64 = 5 * 60_000;
/// Chats remembered; the one that is over soonest makes room.
const MOST: usize = 512;

/// By reply target: until when (monotonic milliseconds), and why.
#[derive(Debug, Default)]
pub(crate) struct Stops(BTreeMap<String, (u64, Failure)>);

impl Stops {
    /// Nothing is sent to this chat for a while.
    pub(crate) fn stop(&mut self, target: &str, failure: &Failure, host: &mut Host) {
        let now_ms = host.now().mono_ms;
        self.0.retain(|_, (until_ms, _)| *until_ms > now_ms);
        if self.0.len() >= MOST {
            let soonest = self.0.iter().min_by_key(|(_, (until_ms, _))| *until_ms);
            if let Some(target) = soonest.map(|(target, _)| target.clone()) {
                self.0.remove(&target);
            }
        }
        let stop = (now_ms + STOPPED_MS, failure.clone());
        if self.0.insert(target.to_owned(), stop).is_none() {
            let text = format!("nothing is sent to a chat for five minutes: {failure}");
            host.note_seldom("chat_stopped", Level::Warn, &text);
        }
    }

    /// Why nothing is sent there.
    pub(crate) fn why(&self, target: &str, host: &Host) -> Option<Failure> {
        let (until_ms, failure) = self.0.get(target)?;
        let left_ms = until_ms.checked_sub(host.now().mono_ms)?;
        Some(failure.clone().retry_after(Some(left_ms)))
    }

    /// The chat was heard of.
    pub(crate) fn lift(&mut self, target: &str) {
        self.0.remove(target);
    }
}

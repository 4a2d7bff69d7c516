//! What was said lately, by the names that quotes use.
//!
//! A quote names its message by an index, `REFIDX_…`, that came with it or in the
//! answer to its send, and often says nothing more; a message id never works
//! there (QQ docs, autogen/event/c2c_message_create). In guilds the message id is
//! the name.

mod entry;
mod ring;

use entry::Entry;
use ring::Ring;

use crate::contract::Quote;
use crate::host::Host;
use crate::inbound::Received;
use crate::replies::Sent;
use crate::state::{self, State};

/// Messages of others remembered.
const HEARD: usize = 512;
/// Messages of the bot remembered: a busy group must not push them out.
const SAID: usize = 256;

/// The messages a quote may name.
#[derive(Debug)]
pub(crate) struct Quotes {
    heard: Ring,
    said: Ring,
}

impl Quotes {
    /// The stored ones.
    pub(crate) fn load(state: &State) -> Self {
        Self {
            heard: Ring::load(state::HEARD, HEARD, state),
            said: Ring::load(state::SAID, SAID, state),
        }
    }

    /// Somebody said something. What is not `delivered` is remembered in memory
    /// only, so that it costs no write.
    pub(crate) fn heard(&mut self, received: &Received, delivered: bool, host: &mut Host) {
        if let Some(entry) = Entry::heard(received, host.now().wall_ms) {
            self.heard.insert(entry, delivered.then_some(host));
        }
    }

    /// The bot said something.
    pub(crate) fn said(&mut self, sent: Sent, host: &mut Host) {
        if let Some(entry) = Entry::said(sent, host.now().wall_ms) {
            self.said.insert(entry, Some(host));
        }
    }

    /// Fills in what the event left out. Whether the bot's own message is quoted.
    pub(crate) fn fill(&self, target: &str, quote: &mut Quote, bot_id: &str, host: &Host) -> bool {
        let Some(index) = quote.id.as_deref() else {
            return false;
        };
        let own = self.said.find(target, index);
        if let Some(entry) = own.or_else(|| self.heard.find(target, index)) {
            entry.fill(quote, bot_id, host.now().wall_ms);
        }
        own.is_some()
    }

    /// What a quote calls this inbound message.
    pub(crate) fn index_of(&self, target: &str, message_id: &str) -> Option<&str> {
        let entry = self.heard.find_message(target, message_id)?;
        Some(&entry.index)
    }
}

#[cfg(test)]
mod tests;

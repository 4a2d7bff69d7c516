//! What courtesies have for others to do.

use crate::contract::{Failure, Id, OutboundMessage};

/// What others must do.
#[derive(Debug)]
pub(crate) enum Event {
    /// The conversation a message of this chat waits for was not opened.
    NotOpened { target: String, failure: Failure },
    /// A message was taken back: this one is sent in its place, within so many
    /// milliseconds.
    SendAnew {
        command: Id,
        deadline_ms: u64,
        message: Box<OutboundMessage>,
    },
}

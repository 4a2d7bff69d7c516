//! What courtesies have for others to do.

use crate::contract::{Failure, Id, OutboundMessage};
use crate::requests::until::Until;

/// What others must do.
#[derive(Debug)]
pub(crate) enum Event {
    /// The conversation a message of this chat waits for was not opened.
    NotOpened(String, Failure),
    /// A message was taken back: this one is sent in its place. The command is to
    /// be answered by then.
    SendAnew(Id, Until, Box<OutboundMessage>),
}

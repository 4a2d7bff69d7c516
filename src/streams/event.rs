//! What a stream has for others to do.

use std::collections::VecDeque;

use crate::compose::part::Part;
use crate::contract::{Delivery, Id, OutboundMessage};
use crate::requests::until::Until;

/// What others must do.
#[derive(Debug)]
pub(crate) enum Event {
    /// A frame went out to this chat: nobody needs to see that somebody types.
    Frame(String),
    /// The whole text goes out as a message of this command, which is to be
    /// answered by then.
    Message(Id, Until, Box<OutboundMessage>),
    /// The stream is over.
    Finished(Box<Finished>),
}

/// A stream that is over, and what it does not show.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) command: Id,
    pub(crate) deadline: Until,
    pub(crate) target: String,
    pub(crate) reply_to: Option<String>,
    /// The platform's id of what is shown.
    pub(crate) id: Option<String>,
    pub(crate) how: Delivery,
    pub(crate) rest: VecDeque<Part>,
}

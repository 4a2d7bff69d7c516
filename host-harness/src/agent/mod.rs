//! The agent's side: who answers the messages a channel delivers.
//!
//! An [`Agent`] makes one reply out of one message. [`run`] keeps messages of
//! one sender in one chat in order, everything else concurrent, sends the
//! replies and reports what became of them.

mod echo;
mod exec;
mod looping;
mod scopes;

use std::future::Future;
use std::pin::Pin;

use crate::contract::InboundMessage;

pub use echo::Echo;
pub use exec::Exec;
pub use looping::{Happened, Report, run};

/// One message to be answered.
#[derive(Clone, Debug)]
pub struct Turn {
    /// Unique in this process.
    pub id: u64,
    /// Same for all messages of one chat of one channel: the agent's memory.
    pub conversation: String,
    /// What was said.
    pub message: InboundMessage,
    /// It may have been given before, by a host that died before it was answered.
    pub again: bool,
}

/// The reply being made. Dropping it cancels the turn.
pub type Reply<'a> = Pin<Box<dyn Future<Output = Result<String, String>> + Send + 'a>>;

/// Something that answers messages.
pub trait Agent: Send + Sync + 'static {
    /// Answers one message, or says why it cannot. An empty reply is none.
    fn answer(&self, turn: Turn) -> Reply<'_>;
}

//! The agent's side: who answers the messages a channel delivers.
//!
//! An [`Agent`] makes one reply out of one message. [`run`] keeps messages of
//! one sender in one chat in order, everything else concurrent. It shows that an
//! answer is being made, lets it grow where the channel can, sends it, and
//! reports what became of it.

mod apology;
mod deltas;
mod draft;
mod echo;
mod exec;
mod lines;
mod looping;
mod loose;
mod openai;
mod promised;
mod scopes;
#[cfg(test)]
mod stub;
#[cfg(test)]
mod tests;
mod told;
mod turn;
mod typing;

use std::future::Future;
use std::pin::Pin;

use prx_channel_host::contract::InboundMessage;

pub use deltas::Deltas;
pub use echo::Echo;
pub use exec::Exec;
pub use looping::{Happened, Report, run};
pub use openai::{OpenAi, OpenAiOptions};

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
    /// Where to say what there is of the answer so far, for channels that show
    /// it. Using it is up to the agent.
    pub deltas: Deltas,
}

/// The reply being made. Dropping it cancels the turn. An error is for the
/// operator's log; the user is told in one sentence that something went wrong.
pub type Reply<'a> = Pin<Box<dyn Future<Output = Result<String, String>> + Send + 'a>>;

/// Something that answers messages.
pub trait Agent: Send + Sync + 'static {
    /// Answers one message, or says why it cannot. An empty reply is none.
    ///
    /// A turn that a newer message cancels is still started, so that the agent
    /// knows what was said; its reply may be dropped after the first poll.
    fn answer(&self, turn: Turn) -> Reply<'_>;
}

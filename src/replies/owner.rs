//! Who is told later what became of a message.

use serde::{Deserialize, Serialize};

use crate::contract::{Failure, Id, Receipt, Settle};
use crate::host::Host;

/// Whose command was answered with `deferred`, and is told later what became of
/// its message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Owner {
    pub(crate) command: Id,
    /// The message it answered.
    pub(crate) message_id: Option<String>,
}

impl Owner {
    /// Bytes it takes in the stored state.
    pub(crate) fn bytes(&self) -> usize {
        const REST: usize = 48;
        REST + self.message_id.as_ref().map_or(0, String::len)
    }

    /// Tells it.
    pub(crate) fn settle(
        self,
        recipient: &str,
        outcome: Result<Receipt, Failure>,
        host: &mut Host,
    ) {
        host.settle(Settle {
            command: self.command,
            recipient: recipient.to_owned(),
            message_id: self.message_id,
            outcome,
        });
    }
}

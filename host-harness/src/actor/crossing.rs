//! What crossed the sandbox: for recordings, demonstrations and tests.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::contract::{Action, Context, Envelope};

/// One call and its result. As JSON, one a line, these make a trace.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Crossing {
    /// An instance was started.
    Start {
        /// What it was given.
        context: Box<Context>,
        /// What it asked for.
        actions: Vec<Action>,
    },
    /// An event was handled.
    Event {
        /// The event.
        envelope: Box<Envelope>,
        /// What it asked for.
        actions: Vec<Action>,
    },
    /// A call did not return.
    Death {
        /// The event it died over; none when it died starting, or was killed.
        envelope: Option<Box<Envelope>>,
        /// Why.
        cause: String,
    },
}

/// Is shown every crossing, in order, from the channel's own task: it must be
/// quick.
pub type TraceSink = Arc<dyn Fn(&Crossing) + Send + Sync>;

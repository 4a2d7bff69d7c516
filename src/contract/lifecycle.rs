//! How an instance introduces itself, checks a configuration and starts.

use serde::{Deserialize, Serialize};

use super::Id;

/// Something the channel can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Feature {
    /// Send messages.
    Send,
    /// Show that an answer is being made.
    Typing,
    /// Messages that grow.
    Draft,
    /// Reactions.
    React,
    /// Take messages back.
    Recall,
    /// Attachments from users.
    MediaIn,
    /// Attachments to users.
    MediaOut,
    /// Markdown.
    Markdown,
    /// Cards and buttons.
    Cards,
    /// The `doctor` command.
    Doctor,
}

/// Who this is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Descriptor {
    /// Name of the capability in the manifest.
    pub name: String,
    /// Version of the channel.
    pub version: String,
    /// Version of the contract.
    pub contract: u32,
    /// What it can do.
    pub features: Vec<Feature>,
    /// Longest silence of the platform, in milliseconds, before the channel may
    /// be thought dead.
    pub liveness_ms: u64,
    /// JSON Schema of the configuration.
    pub config_schema: String,
    /// Versions of the stored state that `start` accepts; the first is written.
    pub state_versions: Vec<u32>,
}

/// How bad a problem of the configuration is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Severity {
    /// The channel cannot start.
    Error,
    /// It starts, and something will surprise.
    Warning,
}

/// Something wrong with a configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Key of the configuration, `intents[2]`.
    pub field: String,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, with the value.
    pub message: String,
    /// What to write instead.
    pub remedy: String,
}

/// What an adopted id names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LiveKind {
    /// A websocket.
    Socket,
    /// A request.
    Request,
    /// A timer.
    Timer,
    /// A command that was given and not completed.
    Command,
}

/// Something an earlier instance opened that is still open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Live {
    /// What it is.
    pub kind: LiveKind,
    /// Its name.
    pub id: Id,
}

/// One stored value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateEntry {
    /// Its key.
    pub key: String,
    /// The value.
    pub value: Vec<u8>,
}

/// What an instance starts from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Context {
    /// Unique among the instances of this host.
    pub instance: String,
    /// JSON object; a key bound to a secret holds `{"$secret":"NAME"}`.
    pub config: String,
    /// Unix time, milliseconds.
    pub wall_ms: u64,
    /// Milliseconds on a clock that never jumps.
    pub mono_ms: u64,
    /// 32 random bytes.
    pub entropy: Vec<u8>,
    /// Names of the secrets that have a value now.
    pub secrets: Vec<String>,
    /// All that was put and not removed.
    pub state: Vec<StateEntry>,
    /// What an earlier instance left open.
    pub adopted: Vec<Live>,
}

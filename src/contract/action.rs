//! What the channel asks of the host.

use serde::{Deserialize, Serialize};

use super::{
    Blob, BlobSlice, Body, DigestAlgorithm, Failure, Header, Id, InboundMessage, NamedValue,
    Receipt, SecretUse, SocketBinary,
};

/// Open a websocket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenSocket {
    /// Its name from now on.
    pub id: Id,
    /// `wss://…`.
    pub url: String,
    /// Headers of the upgrade request.
    pub headers: Vec<Header>,
    /// Subprotocols offered.
    pub subprotocols: Vec<String>,
    /// Name resolution, TLS and upgrade together.
    pub connect_timeout_ms: u32,
    /// Secrets in the upgrade request.
    pub secrets: Vec<SecretUse>,
}

/// Send a text frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendText {
    /// On which socket.
    pub id: Id,
    /// Its text.
    pub text: String,
    /// Secrets inserted into it.
    pub secrets: Vec<SecretUse>,
}

/// Close a socket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloseSocket {
    /// Which socket.
    pub id: Id,
    /// Close code.
    pub code: u16,
    /// Words for the peer.
    pub reason: String,
}

/// Send a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendHttp {
    /// Its name from now on.
    pub id: Id,
    /// Upper case.
    pub method: String,
    /// Absolute URL.
    pub url: String,
    /// Headers.
    pub headers: Vec<Header>,
    /// Body.
    pub body: Body,
    /// Until the last byte of the answer.
    pub timeout_ms: u32,
    /// Secrets inserted into it.
    pub secrets: Vec<SecretUse>,
    /// Keep the response body outside, as a blob.
    pub into_blob: bool,
}

/// Set a timer; one that is set is moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetTimer {
    /// Which timer.
    pub id: Id,
    /// Milliseconds from now.
    pub after_ms: u64,
}

/// Digest a blob.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DigestBlob {
    /// Its name from now on.
    pub id: Id,
    /// Which bytes.
    pub slice: BlobSlice,
    /// Which digests.
    pub algorithms: Vec<DigestAlgorithm>,
}

/// Answer a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Complete {
    /// Which command.
    pub command: Id,
    /// How it went.
    pub outcome: Result<Receipt, Failure>,
}

/// What became of a message after its command was answered with `deferred`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settle {
    /// That command; it may be one of an earlier process of the host.
    pub command: Id,
    /// Whom the message was for.
    pub recipient: String,
    /// `reply_to` of the message.
    pub message_id: Option<String>,
    /// How it went; never `deferred`.
    pub outcome: Result<Receipt, Failure>,
}

/// Store a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Put {
    /// Under this key.
    pub key: String,
    /// The value.
    pub value: Vec<u8>,
}

/// How the channel is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChannelState {
    /// On its way.
    Connecting,
    /// Messages flow.
    Ready,
    /// Working with a fault.
    Degraded,
    /// Not working, and not trying.
    Stopped,
}

/// How the channel is, in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// In one word.
    pub state: ChannelState,
    /// In a sentence.
    pub detail: String,
}

/// How a step of `doctor` or `access` went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CheckOutcome {
    /// In order.
    Passed,
    /// Not in order.
    Failed,
    /// Not reached.
    Skipped,
}

/// One finding of `doctor` or `access`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// For which command.
    pub command: Id,
    /// Which step.
    pub step: String,
    /// How it went.
    pub outcome: CheckOutcome,
    /// What was found.
    pub detail: String,
    /// What a person can do about it.
    pub remedy: Option<String>,
}

/// Add to a metric.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// Which metric.
    pub name: String,
    /// How much.
    pub delta: u64,
}

/// Weight of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Level {
    /// Everything.
    Trace,
    /// For developers.
    Debug,
    /// For operators.
    Info,
    /// Something is odd.
    Warn,
    /// Something is broken.
    Error,
}

/// A line for the operator's log, without any user id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Its weight.
    pub level: Level,
    /// Its text.
    pub message: String,
    /// Its fields.
    pub fields: Vec<NamedValue>,
}

/// One thing the host should do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// Open a websocket.
    OpenSocket(OpenSocket),
    /// Send a text frame.
    SendText(SendText),
    /// Send a binary frame.
    SendBinary(SocketBinary),
    /// Close a socket.
    CloseSocket(CloseSocket),
    /// Send a request.
    SendHttp(SendHttp),
    /// Give up a request.
    CancelHttp(Id),
    /// Set a timer.
    SetTimer(SetTimer),
    /// Stop a timer.
    CancelTimer(Id),
    /// Digest a blob.
    DigestBlob(DigestBlob),
    /// Forget a blob.
    DropBlob(Blob),
    /// Give a message to the agent.
    Deliver(Box<InboundMessage>),
    /// Answer a command.
    Complete(Complete),
    /// Say what became of a message after all.
    Settle(Settle),
    /// Store a value.
    Put(Put),
    /// Forget a stored value.
    Remove(String),
    /// Say how the channel is.
    Status(Status),
    /// A finding of `doctor` or `access`.
    Check(Check),
    /// Add to a metric.
    Count(Count),
    /// Write a log line.
    Note(Note),
    /// Stop for good; the text says why and what to do.
    GiveUp(String),
}

//! What the host tells the channel.

use serde::{Deserialize, Serialize};

use super::{Blob, Command, Failure, Header, Id};

/// A socket is open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SocketOpened {
    /// Which socket.
    pub id: Id,
    /// Subprotocol the server chose.
    pub subprotocol: Option<String>,
}

/// A text frame arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SocketText {
    /// On which socket.
    pub id: Id,
    /// Its text.
    pub text: String,
}

/// A binary frame, in either direction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SocketBinary {
    /// On which socket.
    pub id: Id,
    /// Its bytes.
    pub data: Vec<u8>,
}

/// A message came that is larger than the host gives; the socket goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SocketSkipped {
    /// On which socket.
    pub id: Id,
    /// Bytes of the message.
    pub size: u64,
}

/// A socket is closed, or never opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SocketClosed {
    /// Which socket.
    pub id: Id,
    /// Close code of the peer, when it sent a close frame.
    pub code: Option<u16>,
    /// The peer's words.
    pub reason: String,
    /// Why there was no clean close, or why it never opened.
    pub failure: Option<Failure>,
}

/// A request was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpResponse {
    /// Which request.
    pub id: Id,
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: Vec<Header>,
    /// Body; empty when it went into a blob.
    pub body: Vec<u8>,
    /// The body was cut.
    pub truncated: bool,
    /// Secrets sealed from this body.
    pub sealed: Vec<String>,
    /// The body, when it went into a blob.
    pub blob: Option<HeldBlob>,
}

/// A body that is kept outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldBlob {
    /// Its number.
    pub id: Blob,
    /// Bytes.
    pub size: u64,
    /// Media type by its first bytes, when they tell.
    pub mime: Option<String>,
}

/// A request got no answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpFailed {
    /// Which request.
    pub id: Id,
    /// Why.
    pub failure: Failure,
    /// The request, or part of it, was on its way: the peer may have acted on
    /// it. Not set: it certainly did not.
    pub may_have_arrived: bool,
}

/// How to digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DigestAlgorithm {
    /// MD5.
    Md5,
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
}

/// Digests of a blob.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlobDigested {
    /// Which digest.
    pub id: Id,
    /// Lower-case hex, in the order asked for.
    pub digests: Result<Vec<String>, Failure>,
    /// Bytes of the whole blob.
    pub size: u64,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// A socket is open.
    SocketOpened(SocketOpened),
    /// A text frame arrived.
    SocketText(SocketText),
    /// A binary frame arrived.
    SocketBinary(SocketBinary),
    /// A message was too large to be given.
    SocketSkipped(SocketSkipped),
    /// A socket is closed, or never opened.
    SocketClosed(SocketClosed),
    /// A request was answered.
    HttpResponse(HttpResponse),
    /// A request got no answer.
    HttpFailed(HttpFailed),
    /// A timer fired.
    Timer(Id),
    /// A blob was digested.
    BlobDigested(BlobDigested),
    /// The host asks for something.
    Command(Command),
    /// The operator changed the configuration.
    Configure(String),
    /// The instance goes away in this many milliseconds.
    Drain(u64),
}

/// An event, and when it happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// Counts events of this instance from 1, without gaps.
    pub seq: u64,
    /// Unix time, milliseconds.
    pub wall_ms: u64,
    /// Milliseconds on a clock that never jumps.
    pub mono_ms: u64,
    /// An instance died over this event before.
    pub redelivered: bool,
    /// Frames of a socket wait in the host; an answer of the peer may be among
    /// them. Absent from older traces.
    #[serde(default)]
    pub frames_waiting: bool,
    /// What happened.
    pub event: Event,
}

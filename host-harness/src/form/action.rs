//! What the channel asks for.

use super::bytes::Bytes;
use super::http::{BlobSlice, Header, SecretUse, SendHttp};
use super::message::{InboundMessage, NamedValue};
use super::{choices, records};

choices! {
    Delivery { Passive, Proactive, Deferred, PendingAudit, Duplicate, Nothing }
    FailureKind {
        Denied,
        Unauthorized,
        Invalid,
        Unsupported,
        RateLimited,
        Unresolved,
        Unreachable,
        Tls,
        TimedOut,
        TooLarge,
        Cancelled,
        Rejected,
        Protocol,
        Unavailable,
        Internal,
    }
    DigestAlgorithm { Md5, Sha1, Sha256 }
    ChannelState { Connecting, Ready, Degraded, Stopped }
    CheckOutcome { Passed, Failed, Skipped }
    Level { Trace, Debug, Info, Warn, Error }
    Action {
        OpenSocket(open: OpenSocket),
        SendText(send: SendText),
        SendBinary(send: SocketBinary),
        CloseSocket(close: CloseSocket),
        SendHttp(send: SendHttp),
        CancelHttp(id: u64),
        SetTimer(set: SetTimer),
        CancelTimer(id: u64),
        DigestBlob(digest: DigestBlob),
        DropBlob(blob: u64),
        Deliver(message: InboundMessage),
        Complete(complete: Complete),
        Settle(settle: Settle),
        Put(put: Put),
        Remove(key: String),
        Status(status: Status),
        Check(check: Check),
        Count(count: Count),
        Note(note: Note),
        GiveUp(reason: String),
    }
}

records! {
    Receipt { message_ids: Vec<String>, how: Delivery }
    Failure {
        kind: FailureKind,
        code: Option<i64>,
        message: String,
        trace_id: Option<String>,
        retry_after_ms: Option<u64>,
        remedy: Option<String>,
    }
    OpenSocket {
        id: u64,
        url: String,
        headers: Vec<Header>,
        subprotocols: Vec<String>,
        connect_timeout_ms: u32,
        secrets: Vec<SecretUse>,
    }
    SendText { id: u64, text: String, secrets: Vec<SecretUse> }
    SocketBinary { id: u64, data: Bytes }
    CloseSocket { id: u64, code: u16, reason: String }
    SetTimer { id: u64, after_ms: u64 }
    DigestBlob { id: u64, slice: BlobSlice, algorithms: Vec<DigestAlgorithm> }
    Complete { command: u64, outcome: Result<Receipt, Failure> }
    Settle {
        command: u64,
        recipient: String,
        message_id: Option<String>,
        outcome: Result<Receipt, Failure>,
    }
    Put { key: String, value: Bytes }
    Status { state: ChannelState, detail: String }
    Check {
        command: u64,
        step: String,
        outcome: CheckOutcome,
        detail: String,
        remedy: Option<String>,
    }
    Count { name: String, delta: u64 }
    Note { level: Level, message: String, fields: Vec<NamedValue> }
}

//! What goes out: the descriptor, problems and actions.

use super::bindings::exports::prx::channel::channel as wc;
use super::bindings::prx::channel::types as w;
use super::convert::{list, option};
use super::convert_message::keep;
use crate::contract as c;

cases!(c::Feature => wc::Feature {
    Send, Typing, Draft, React, Recall, MediaIn, MediaOut, Markdown, Cards, Doctor
});
record!(c::Descriptor => wc::Descriptor {
    name, version, contract, features: list, liveness_ms, config_schema, state_versions
});
cases!(c::Severity => wc::Severity { Error, Warning });
record!(c::Problem => wc::Problem { field, severity: Into::into, message, remedy });

cases!(c::SecretPlace => w::SecretPlace { Header(keep), Json(keep) });
record!(c::SecretUse => w::SecretUse { secret, place: Into::into, prefix });
record!(c::Header => w::Header { name, value });
record!(c::SocketBinary => w::SocketBinary { id, data });
record!(c::OpenSocket => w::OpenSocket {
    id, url, headers: list, subprotocols, connect_timeout_ms, secrets: list
});
record!(c::SendText => w::SendText { id, text, secrets: list });
record!(c::CloseSocket => w::CloseSocket { id, code, reason });
record!(c::BlobSlice => w::BlobSlice { blob, offset, length });
record!(c::JsonBlob => w::JsonBlob { pointer, slice: Into::into });
record!(c::JsonBody => w::JsonBody { text, blobs: list });
cases!(c::PartContent => w::PartContent { Bytes(keep), Blob(Into::into) });
record!(c::Part => w::Part { name, filename, content_type, content: Into::into });
cases!(c::Body => w::Body { Empty, Bytes(keep), Json(Into::into), Blob(Into::into), Multipart(list) });
record!(c::SendHttp => w::SendHttp {
    id, method, url, headers: list, body: Into::into, timeout_ms, secrets: list,
    into_blob
});
record!(c::SetTimer => w::SetTimer { id, after_ms });
cases!(c::DigestAlgorithm => w::DigestAlgorithm { Md5, Sha1, Sha256 });
record!(c::DigestBlob => w::DigestBlob { id, slice: Into::into, algorithms: list });
cases!(c::Delivery => w::Delivery { Passive, Proactive, Deferred, PendingAudit, Duplicate, Nothing });
record!(c::Receipt => w::Receipt { message_ids, how: Into::into });
record!(c::Complete => w::Complete { command, outcome: outcome });
record!(c::Settle => w::Settle { command, recipient, message_id, outcome: outcome });
record!(c::Put => w::Put { key, value });
cases!(c::ChannelState => w::ChannelState { Connecting, Ready, Degraded, Stopped });
record!(c::Status => w::Status { state: Into::into, detail });
cases!(c::CheckOutcome => w::CheckOutcome { Passed, Failed, Skipped });
record!(c::Check => w::Check { command, step, outcome: Into::into, detail, remedy: option });
record!(c::Count => w::Count { name, delta });
cases!(c::Level => w::Level { Trace, Debug, Info, Warn, Error });
record!(c::Note => w::Note { level: Into::into, message, fields: list });

cases!(c::Action => w::Action {
    OpenSocket(Into::into), SendText(Into::into), SendBinary(Into::into), CloseSocket(Into::into),
    SendHttp(Into::into), CancelHttp(keep), SetTimer(Into::into), CancelTimer(keep),
    DigestBlob(Into::into), DropBlob(keep), Deliver(unboxed), Complete(Into::into),
    Settle(Into::into), Put(Into::into), Remove(keep), Status(Into::into), Check(Into::into), Count(Into::into),
    Note(Into::into), GiveUp(keep)
});

fn unboxed(message: Box<c::InboundMessage>) -> w::InboundMessage {
    (*message).into()
}

fn outcome(outcome: Result<c::Receipt, c::Failure>) -> Result<w::Receipt, w::Failure> {
    outcome.map(Into::into).map_err(Into::into)
}

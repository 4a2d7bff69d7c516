//! What comes in: the context and the events.

use super::bindings::exports::prx::channel::channel as wc;
use super::bindings::prx::channel::types as w;
use super::convert::{list, option};
use super::convert_message::keep;
use crate::contract as c;

cases!(wc::LiveKind => c::LiveKind { Socket, Request, Timer, Command });
record!(wc::Live => c::Live { kind: Into::into, id });
record!(wc::StateEntry => c::StateEntry { key, value });
record!(wc::Context => c::Context {
    instance, config, wall_ms, mono_ms, entropy, secrets, state: list, adopted: list
});

record!(w::Header => c::Header { name, value });
record!(w::SocketOpened => c::SocketOpened { id, subprotocol });
record!(w::SocketText => c::SocketText { id, text });
record!(w::SocketBinary => c::SocketBinary { id, data });
record!(w::SocketSkipped => c::SocketSkipped { id, size });
record!(w::SocketClosed => c::SocketClosed { id, code, reason, failure: option });
record!(w::HeldBlob => c::HeldBlob { id, size, mime });
record!(w::HttpResponse => c::HttpResponse {
    id, status, headers: list, body, truncated, sealed, blob: option
});
record!(w::HttpFailed => c::HttpFailed { id, failure: Into::into, may_have_arrived });
record!(w::BlobDigested => c::BlobDigested { id, digests: digests, size });

record!(w::DraftText => c::DraftText { draft, text });
record!(w::Reaction => c::Reaction { recipient, message_id, emoji, add });
record!(w::MessageRef => c::MessageRef { recipient, message_id });
record!(w::MessageEdit => c::MessageEdit { recipient, message_id, text });
cases!(w::TurnOutcome => c::TurnOutcome { Answered, Failed, Cancelled });
record!(w::TurnEnd => c::TurnEnd { message_id, recipient, outcome: Into::into });
cases!(w::AccessRequest => c::AccessRequest { Show, Allow(keep), Revoke(keep), Code(keep) });
cases!(w::Request => c::Request {
    Send(Into::into), Typing(keep), TypingStop(keep), DraftBegin(Into::into),
    DraftUpdate(Into::into), DraftFinish(Into::into), DraftCancel(keep), React(Into::into),
    Recall(Into::into), Edit(Into::into), TurnEnded(Into::into), Doctor, Health,
    Access(Into::into)
});
record!(w::Command => c::Command { id, request: Into::into, deadline_ms });

cases!(w::Event => c::Event {
    SocketOpened(Into::into), SocketText(Into::into), SocketBinary(Into::into),
    SocketSkipped(Into::into), SocketClosed(Into::into), HttpResponse(Into::into),
    HttpFailed(Into::into), Timer(keep), BlobDigested(Into::into), Command(Into::into), Configure(keep), Drain(keep)
});
record!(w::Envelope => c::Envelope {
    seq, wall_ms, mono_ms, redelivered, frames_waiting, event: Into::into
});

fn digests(digests: Result<Vec<String>, w::Failure>) -> Result<Vec<String>, c::Failure> {
    digests.map_err(Into::into)
}

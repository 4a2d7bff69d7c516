//! What the channel is told: its start, events and the commands among them.

use super::action::{Failure, SocketBinary};
use super::bytes::Bytes;
use super::http::HttpResponse;
use super::message::OutboundMessage;
use super::{choices, records};

choices! {
    LiveKind { Socket, Request, Timer, Command }
    TurnOutcome { Answered, Failed, Cancelled }
    AccessRequest { Show, Allow(user: String), Revoke(user: String), Code(fresh: bool) }
    Request {
        Send(message: OutboundMessage),
        Typing(recipient: String),
        TypingStop(recipient: String),
        DraftBegin(message: OutboundMessage),
        DraftUpdate(text: DraftText),
        DraftFinish(text: DraftText),
        DraftCancel(draft: String),
        React(reaction: Reaction),
        Recall(message: MessageRef),
        Edit(edit: MessageEdit),
        TurnEnded(end: TurnEnd),
        Doctor,
        Health,
        Access(request: AccessRequest),
    }
    Event {
        SocketOpened(opened: SocketOpened),
        SocketText(text: SocketText),
        SocketBinary(binary: SocketBinary),
        SocketSkipped(skipped: SocketSkipped),
        SocketClosed(closed: SocketClosed),
        HttpResponse(response: HttpResponse),
        HttpFailed(failed: HttpFailed),
        Timer(id: u64),
        BlobDigested(digested: BlobDigested),
        Command(command: Command),
        Configure(json: String),
        Drain(ms: u64),
    }
}

records! {
    Live { kind: LiveKind, id: u64 }
    StateEntry { key: String, value: Bytes }
    Context {
        instance: String,
        config: String,
        wall_ms: u64,
        mono_ms: u64,
        entropy: Bytes,
        secrets: Vec<String>,
        state: Vec<StateEntry>,
        adopted: Vec<Live>,
    }
    DraftText { draft: String, text: String }
    Reaction { recipient: String, message_id: String, emoji: String, add: bool }
    MessageRef { recipient: String, message_id: String }
    MessageEdit { recipient: String, message_id: String, text: String }
    TurnEnd { message_id: String, recipient: String, outcome: TurnOutcome }
    Command { id: u64, request: Request, deadline_ms: u64 }
    SocketOpened { id: u64, subprotocol: Option<String> }
    SocketText { id: u64, text: String }
    SocketSkipped { id: u64, size: u64 }
    SocketClosed { id: u64, code: Option<u16>, reason: String, failure: Option<Failure> }
    HttpFailed { id: u64, failure: Failure, may_have_arrived: bool }
    BlobDigested { id: u64, digests: Result<Vec<String>, Failure>, size: u64 }
    Envelope {
        seq: u64,
        wall_ms: u64,
        mono_ms: u64,
        redelivered: bool,
        frames_waiting: bool,
        event: Event,
    }
}

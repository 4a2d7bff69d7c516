//! The contract with the host, as plain Rust: the types of `wit/types.wit` and
//! `wit/channel.wit`, one to one.
//!
//! The core speaks these and never the generated bindings, so it runs natively.
//! As JSON they look like the bindings with serde derives: records in snake
//! case, variants externally tagged in upper camel case, `list<u8>` as an array
//! of numbers. A trace recorded in the sandbox replays natively because of it.

mod action;
mod command;
mod event;
mod failure;
mod http;
mod lifecycle;
mod message;

pub use action::{
    Action, ChannelState, Check, CheckOutcome, CloseSocket, Complete, Count, DigestBlob, Level,
    NamedValue, Note, OpenSocket, Put, SendHttp, SendText, SetTimer, Status,
};
pub use command::{
    Command, Delivery, DraftText, MessageRef, Reaction, Receipt, Request, TurnEnd, TurnOutcome,
};
pub use event::{
    BlobDigested, DigestAlgorithm, Envelope, Event, HttpFailed, HttpResponse, SocketBinary,
    SocketClosed, SocketOpened, SocketText,
};
pub use failure::{Failure, FailureKind};
pub use http::{
    BlobSlice, Body, Header, JsonBlob, JsonBody, Part, PartContent, Seal, SecretPlace, SecretUse,
};
pub use lifecycle::{Context, Descriptor, Feature, Live, LiveKind, Problem, Severity, StateEntry};
pub use message::{
    Ark, ArkEntry, Attachment, AttachmentKind, AttachmentLocation, Button, ButtonAction,
    ButtonAudience, Card, ChatKind, Embed, InboundMessage, Keyboard, OutboundMessage, Quote,
    TextFormat,
};

/// Names one socket, request, timer, digest or command while it is outstanding.
pub type Token = u64;

/// Names bytes held by the host.
pub type Blob = u64;

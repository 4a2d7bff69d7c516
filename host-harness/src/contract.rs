//! The contract's types under one name each: what crosses the sandbox.
//!
//! `wit/types.wit` documents every field; `wit/README.md` is the contract in
//! prose.

mod names;

pub use crate::bindings::exports::prx::channel::channel::{
    Context, Descriptor, Feature, Live, LiveKind, Problem, Severity, StateEntry,
};
pub use crate::bindings::prx::channel::types::{
    AccessRequest, Action, Ark, ArkEntry, Attachment, AttachmentKind, AttachmentLocation,
    BlobDigested, BlobSlice, Body, Button, ButtonAction, ButtonAudience, ButtonPress, Card,
    ChannelState, ChatKind, Check, CheckOutcome, CloseSocket, Command, Complete, Count, Delivery,
    DigestAlgorithm, DigestBlob, DraftText, Embed, Envelope, Event, Failure, FailureKind, Header,
    HeldBlob, HttpFailed, HttpResponse, InboundMessage, JsonBlob, JsonBody, Keyboard, Level,
    MessageEdit, MessageRef, NamedValue, Note, OpenSocket, OutboundMessage, Part, PartContent, Put,
    Quote, Reaction, Receipt, Request, SecretPlace, SecretUse, SendHttp, SendText, SetTimer,
    Settle, SocketBinary, SocketClosed, SocketOpened, SocketSkipped, SocketText, Status,
    TextFormat, TurnEnd, TurnOutcome,
};

/// Version of the contract this host speaks.
pub const VERSION: u32 = 2;

impl Failure {
    /// A failure with a message and nothing else known.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            code: None,
            message: message.into(),
            trace_id: None,
            retry_after_ms: None,
            remedy: None,
        }
    }

    /// Adds what a person can do about it.
    #[must_use]
    pub fn with_remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// What the command sent may be there in spite of this failure: the answer
    /// was lost, not the request. Sending it again may show it twice.
    #[must_use]
    pub fn may_have_arrived(&self) -> bool {
        matches!(
            self.kind,
            FailureKind::TimedOut
                | FailureKind::Unreachable
                | FailureKind::Unavailable
                | FailureKind::Protocol
        )
    }
}

impl OutboundMessage {
    /// A plain text for `recipient`, rendered as the channel sees fit.
    pub fn text(recipient: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            recipient: recipient.into(),
            text: text.into(),
            format: TextFormat::Auto,
            attachments: Vec::new(),
            reply_to: None,
            quote: None,
            thread: None,
            card: None,
        }
    }
}

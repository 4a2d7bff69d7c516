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
    Note, OpenSocket, Put, SendHttp, SendText, SetTimer, Settle, Status,
};
pub use command::{
    AccessRequest, Command, Delivery, DraftText, MessageEdit, MessageRef, Reaction, Receipt,
    Request, TurnEnd, TurnOutcome,
};
pub use event::{
    BlobDigested, DigestAlgorithm, Envelope, Event, HeldBlob, HttpFailed, HttpResponse,
    SocketBinary, SocketClosed, SocketOpened, SocketSkipped, SocketText,
};
pub use failure::{Failure, FailureKind};
pub use http::{
    BlobSlice, Body, Header, JsonBlob, JsonBody, Part, PartContent, SecretPlace, SecretUse,
};
pub use lifecycle::{Context, Descriptor, Feature, Live, LiveKind, Problem, Severity, StateEntry};
pub use message::{
    Ark, ArkEntry, Attachment, AttachmentKind, AttachmentLocation, Button, ButtonAction,
    ButtonAudience, ButtonPress, Card, ChatKind, Embed, InboundMessage, Keyboard, NamedValue,
    OutboundMessage, Quote, TextFormat,
};

/// Names one socket, request, timer, digest or command while it is outstanding.
pub type Id = u64;

/// Names bytes held by the host.
pub type Blob = u64;

#[cfg(test)]
mod tests {
    use serde_json::{Value, json, to_value};

    use super::*;

    #[test]
    fn json_looks_like_the_bindings_with_serde_derives() {
        let failure = Failure::new(FailureKind::RateLimited, "m");
        let outcome = |outcome| {
            Action::Complete(Complete {
                command: 1,
                outcome,
            })
        };
        for (action, expected) in [
            (Action::CancelHttp(7), json!({"CancelHttp": 7})),
            (Action::Remove("k".to_owned()), json!({"Remove": "k"})),
            (
                Action::Put(Put {
                    key: "k".to_owned(),
                    value: vec![1, 255],
                }),
                json!({"Put": {"key": "k", "value": [1, 255]}}),
            ),
            (
                outcome(Ok(Receipt {
                    message_ids: vec![],
                    how: Delivery::PendingAudit,
                })),
                json!({"Complete": {"command": 1, "outcome": {"Ok": {"message_ids": [], "how": "PendingAudit"}}}}),
            ),
            (
                outcome(Err(failure)),
                json!({"Complete": {"command": 1, "outcome": {"Err": {"kind": "RateLimited", "code": null,
                    "message": "m", "trace_id": null, "retry_after_ms": null, "remedy": null}}}}),
            ),
        ] {
            assert_eq!(to_value(&action).ok(), Some(expected));
        }
        assert_eq!(to_value(Body::Empty).ok(), Some(Value::from("Empty")));
        assert_eq!(
            to_value(Event::Command(Command {
                id: 1,
                request: Request::Doctor,
                deadline_ms: 2
            }))
            .ok(),
            Some(json!({"Command": {"id": 1, "request": "Doctor", "deadline_ms": 2}}))
        );
    }
}

//! Events as sockets bring them, and their names for logs.

use crate::contract::{Event, SocketBinary, SocketClosed, SocketOpened, SocketSkipped, SocketText};
use crate::net::{SocketEvent, SocketWhat};

/// What a socket brought.
pub(super) fn socket_event(event: SocketEvent) -> Event {
    let id = event.id;
    match event.what {
        SocketWhat::Opened { subprotocol } => Event::SocketOpened(SocketOpened { id, subprotocol }),
        SocketWhat::Text(text) => Event::SocketText(SocketText {
            id,
            text: text.as_str().to_owned(),
        }),
        SocketWhat::Binary(data) => Event::SocketBinary(SocketBinary {
            id,
            data: data.into(),
        }),
        SocketWhat::Skipped { size } => Event::SocketSkipped(SocketSkipped {
            id,
            size: size as u64,
        }),
        SocketWhat::Closed {
            code,
            reason,
            failure,
        } => Event::SocketClosed(SocketClosed {
            id,
            code,
            reason,
            failure,
        }),
    }
}

/// An event's kind, for logs: never its content.
pub(super) fn kind_of(event: &Event) -> &'static str {
    match event {
        Event::SocketOpened(_) => "socket-opened",
        Event::SocketText(_) => "socket-text",
        Event::SocketBinary(_) => "socket-binary",
        Event::SocketSkipped(_) => "socket-skipped",
        Event::SocketClosed(_) => "socket-closed",
        Event::HttpResponse(_) => "http-response",
        Event::HttpFailed(_) => "http-failed",
        Event::Timer(_) => "timer",
        Event::BlobDigested(_) => "blob-digested",
        Event::Command(_) => "command",
        Event::Configure(_) => "configure",
        Event::Drain(_) => "drain",
    }
}

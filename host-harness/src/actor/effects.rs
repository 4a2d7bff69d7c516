//! Letting actions happen, after their state is committed. What cannot happen
//! comes back to the channel as the ordinary failure of that thing.

use super::parts::{Actor, StatusReport};
use super::requests;
use crate::contract::{
    Action, Event, Failure, FailureKind, HttpFailed, Level, Note, OpenSocket, SecretPlace,
    SendHttp, SendText, SocketBinary, SocketClosed, Status,
};
use crate::limits;
use crate::net::{SocketSpec, open_socket};
use crate::secrets::insert_json;

impl Actor {
    /// Performs one action.
    pub(super) fn perform(&mut self, action: Action) {
        match action {
            Action::OpenSocket(open) => self.open_socket(&open),
            Action::SendText(send) => self.send_text(send),
            Action::SendBinary(send) => self.send_binary(send),
            Action::CloseSocket(close) => self.close_socket(close.id, close.code, close.reason),
            Action::SendHttp(send) => self.send_http(send),
            Action::DigestBlob(ask) => {
                let life = self.resources.new_life();
                self.resources.digests.insert(ask.id, life);
                requests::digest_blob(
                    &self.wire.blobs,
                    ask,
                    life,
                    self.lanes.completions_in.clone(),
                );
            }
            Action::DropBlob(id) => self.wire.blobs.drop_blob(id),
            Action::Complete(done) => self.commands.complete(done.command, done.outcome),
            Action::Settle(settle) => self.outlets.settle(settle),
            Action::Status(status) => self.show_status(status),
            Action::Check(check) => self.commands.check(check),
            Action::Count(count) => self.outlets.counters.add(&count.name, count.delta),
            Action::Note(note) => write_note(&self.spec.name, &note),
            // Dealt with before and after the others.
            Action::Put(_)
            | Action::Remove(_)
            | Action::SetTimer(_)
            | Action::CancelTimer(_)
            | Action::CancelHttp(_)
            | Action::Deliver(_)
            | Action::GiveUp(_) => {}
        }
    }

    fn open_socket(&mut self, open: &OpenSocket) {
        let spec = self
            .wire
            .policy
            .now()
            .check_socket(&open.url)
            .and_then(|target| SocketSpec::new(open, target, &self.wire.vault));
        match spec {
            Ok(spec) => {
                let life = self.resources.new_life();
                let events = self.lanes.data_in.clone();
                let handle = open_socket(&self.spec.net, spec, life, events);
                self.resources.sockets.insert(open.id, handle);
            }
            Err(failure) => self.socket_failed(open.id, failure),
        }
    }

    fn send_text(&mut self, send: SendText) {
        let Some(socket) = self.resources.sockets.get(&send.id) else {
            // It closed while the channel was writing; the event is on its way.
            return;
        };
        let mut values = Vec::with_capacity(send.secrets.len());
        for secret in &send.secrets {
            let SecretPlace::Json(pointer) = &secret.place else {
                let failure =
                    Failure::new(FailureKind::Invalid, "a text frame has no header place");
                return self.socket_failed(send.id, failure);
            };
            match self.wire.vault.value(secret, socket.target()) {
                Ok(value) => values.push((pointer.as_str(), value.to_string())),
                Err(failure) => return self.socket_failed(send.id, failure),
            }
        }
        let text = if values.is_empty() {
            Ok(send.text)
        } else {
            insert_json(&send.text, values)
        };
        let sent = text.map(|text| socket.send_text(text));
        match sent {
            Ok(true) => {}
            Ok(false) => self.socket_failed(send.id, stuck()),
            Err(failure) => self.socket_failed(send.id, failure),
        }
    }

    fn send_binary(&mut self, send: SocketBinary) {
        let sent = self
            .resources
            .sockets
            .get(&send.id)
            .map(|socket| socket.send_binary(send.data));
        if sent == Some(false) {
            self.socket_failed(send.id, stuck());
        }
    }

    fn close_socket(&mut self, id: u64, code: u16, reason: String) {
        let asked = self
            .resources
            .sockets
            .get(&id)
            .map(|socket| socket.close(code, reason));
        if asked == Some(false) {
            self.socket_failed(id, stuck());
        }
    }

    /// Ends a socket from our side and tells the channel why.
    fn socket_failed(&mut self, id: u64, failure: Failure) {
        self.resources.sockets.remove(&id);
        let closed = SocketClosed {
            id,
            code: None,
            reason: String::new(),
            failure: Some(failure),
        };
        self.refuse(Event::SocketClosed(closed));
    }

    fn send_http(&mut self, send: SendHttp) {
        let id = send.id;
        let life = self.resources.new_life();
        match requests::send(&self.wire, send, life, self.lanes.completions_in.clone()) {
            Ok(task) => drop(self.resources.requests.insert(id, (life, task))),
            Err(failure) => self.refuse(Event::HttpFailed(HttpFailed {
                id,
                failure,
                may_have_arrived: false,
            })),
        }
    }

    fn show_status(&self, status: Status) {
        let (state, detail) = (status.state, status.detail);
        self.outlets.report(StatusReport {
            state,
            detail,
            fatal: false,
        });
    }
}

fn stuck() -> Failure {
    Failure::new(
        FailureKind::Unreachable,
        format!("the peer left {} frames unread", limits::WRITES),
    )
}

fn write_note(channel: &str, note: &Note) {
    let mut line = note.message.clone();
    for field in &note.fields {
        line.push_str(&format!(" {}={}", field.name, field.value));
    }
    if line.len() > limits::NOTE_BYTES {
        line.truncate(line.floor_char_boundary(limits::NOTE_BYTES));
        line.push('…');
    }
    let line = one_line(&line);
    match note.level {
        Level::Trace => tracing::trace!(target: "channel", channel, "{line}"),
        Level::Debug => tracing::debug!(target: "channel", channel, "{line}"),
        Level::Info => tracing::info!(target: "channel", channel, "{line}"),
        Level::Warn => tracing::warn!(target: "channel", channel, "{line}"),
        Level::Error => tracing::error!(target: "channel", channel, "{line}"),
    }
}

/// One record a text: what a guest writes cannot forge a second line.
pub(super) fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ⏎ ")
}

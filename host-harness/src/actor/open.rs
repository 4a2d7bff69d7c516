//! What a channel has open: sockets, requests, digests and timers. They belong to
//! the host and outlive the instance that opened them.
//!
//! An action that cannot happen comes back as the ordinary event of that thing's
//! failure, for the caller to give to the channel.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use super::ids::Ids;
use super::lanes::Arrivals;
use super::requests::{self, Completion, Wire};
use super::timers::Timers;
use crate::contract::{
    CloseSocket, DigestBlob, Event, Failure, FailureKind, HttpFailed, Live, LiveKind, OpenSocket,
    SecretPlace, SendHttp, SendText, SocketBinary, SocketClosed,
};
use crate::limits;
use crate::net::{Net, SocketEvent, SocketHandle, SocketSpec, open_socket};
use crate::policy::NetworkPolicy;
use crate::sandbox::HttpGate;
use crate::secrets::{Vault, insert_json};

/// The open things, and the ways out. Behind a number in use again stands another
/// life, which tells what comes late from an earlier holder.
pub(super) struct Open {
    net: Net,
    wire: Wire,
    arrivals: Arrivals,
    /// Numbers in use, as the channel knows them.
    pub(super) ids: Ids,
    pub(super) timers: Timers,
    sockets: BTreeMap<u64, SocketHandle>,
    requests: BTreeMap<u64, (u64, AbortHandle)>,
    digests: BTreeMap<u64, u64>,
    lives: u64,
}

impl Open {
    pub(super) fn new(net: Net, wire: Wire, arrivals: Arrivals) -> Self {
        Self {
            net,
            wire,
            arrivals,
            ids: Ids::default(),
            timers: Timers::default(),
            sockets: BTreeMap::new(),
            requests: BTreeMap::new(),
            digests: BTreeMap::new(),
            lives: 0,
        }
    }

    /// Puts another policy and other secrets in place; what they were comes back.
    pub(super) fn permit(
        &mut self,
        policy: Arc<NetworkPolicy>,
        vault: Arc<Vault>,
    ) -> (Arc<NetworkPolicy>, Arc<Vault>) {
        let policy = self.wire.policy.replace(policy);
        (policy, std::mem::replace(&mut self.wire.vault, vault))
    }

    pub(super) fn vault(&self) -> &Vault {
        &self.wire.vault
    }

    /// The way out of an instance's own requests.
    pub(super) fn gate(&self) -> HttpGate {
        HttpGate {
            policy: self.wire.policy.clone(),
            client: self.wire.client.clone(),
        }
    }

    /// The event is given: what it ends is free from here on.
    pub(super) fn ended(&mut self, event: &Event) {
        self.ids.free(event);
        match event {
            Event::SocketClosed(closed) => drop(self.sockets.remove(&closed.id)),
            Event::HttpResponse(response) => drop(self.requests.remove(&response.id)),
            Event::HttpFailed(failed) => drop(self.requests.remove(&failed.id)),
            Event::BlobDigested(digested) => drop(self.digests.remove(&digested.id)),
            _ => {}
        }
    }

    /// Is this from the socket that has the number now?
    pub(super) fn is_current(&self, event: &SocketEvent) -> bool {
        let socket = self.sockets.get(&event.id);
        socket.is_some_and(|socket| socket.life() == event.life)
    }

    /// Does anybody still wait for this?
    pub(super) fn is_awaited(&self, done: &Completion) -> bool {
        let request = |id| self.requests.get(id).map(|(life, _)| *life);
        let life = match &done.event {
            Event::HttpResponse(response) => request(&response.id),
            Event::HttpFailed(failed) => request(&failed.id),
            Event::BlobDigested(digested) => self.digests.get(&digested.id).copied(),
            _ => None,
        };
        life == Some(done.life)
    }

    /// Is there something to read on a socket that is not in the lane yet?
    pub(super) fn any_behind(&self) -> bool {
        self.sockets.values().any(SocketHandle::is_behind)
    }

    /// Nothing is on the wire any more.
    pub(super) fn is_idle(&self) -> bool {
        self.sockets.is_empty() && self.requests.is_empty()
    }

    /// What a fresh instance is told it has, with the commands it has not
    /// answered.
    pub(super) fn adopted(&self, commands: impl Iterator<Item = u64>) -> Vec<Live> {
        let kind = LiveKind::Command;
        let commands = commands.map(|id| Live { kind, id });
        self.ids.live().chain(commands).collect()
    }

    /// Closes and cancels everything; no number is in use then.
    pub(super) fn drop_all(&mut self) {
        for (_, (_, request)) in std::mem::take(&mut self.requests) {
            request.abort();
        }
        self.digests.clear();
        self.sockets.clear();
        self.timers = Timers::default();
        self.ids = Ids::default();
    }

    pub(super) fn open_socket(&mut self, open: &OpenSocket) -> Option<Event> {
        let target = self.wire.policy.now().check_socket(&open.url);
        match target.and_then(|target| SocketSpec::new(open, target, &self.wire.vault)) {
            Ok(spec) => {
                let (life, frames) = (self.new_life(), self.arrivals.frames.clone());
                let handle = open_socket(&self.net, spec, life, frames);
                self.sockets.insert(open.id, handle);
                None
            }
            Err(failure) => Some(closed(open.id, failure)),
        }
    }

    pub(super) fn send_text(&mut self, send: SendText) -> Option<Event> {
        let vault = Arc::clone(&self.wire.vault);
        self.on_socket(send.id, |socket| {
            let text = with_secrets(send, socket, &vault)?;
            Ok(socket.send_text(text))
        })
    }

    pub(super) fn send_binary(&mut self, send: SocketBinary) -> Option<Event> {
        self.on_socket(send.id, |socket| Ok(socket.send_binary(send.data)))
    }

    pub(super) fn close_socket(&mut self, close: CloseSocket) -> Option<Event> {
        self.on_socket(
            close.id,
            |socket| Ok(socket.close(close.code, close.reason)),
        )
    }

    /// Hands something to a socket. One that cannot take it is ended from our
    /// side; of one that closed meanwhile the event is on its way.
    fn on_socket(
        &mut self,
        id: u64,
        hand_over: impl FnOnce(&SocketHandle) -> Result<bool, Failure>,
    ) -> Option<Event> {
        let failure = match hand_over(self.sockets.get(&id)?) {
            Ok(true) => return None,
            Ok(false) => stuck(),
            Err(failure) => failure,
        };
        self.sockets.remove(&id);
        Some(closed(id, failure))
    }

    pub(super) fn send_http(&mut self, send: SendHttp) -> Option<Event> {
        let (id, life, done) = (send.id, self.new_life(), self.completions());
        match requests::send(&self.wire, send, life, done) {
            Ok(task) => {
                self.requests.insert(id, (life, task));
                None
            }
            Err(failure) => Some(failed(id, failure, false)),
        }
    }

    /// Ends a request whose answer nobody wants; the event with which it ends. Of
    /// one that has ended the event is on its way.
    pub(super) fn cancel_http(&mut self, id: u64) -> Option<Event> {
        let (_, task) = self.requests.remove(&id)?;
        task.abort();
        Some(called_off(id, true))
    }

    pub(super) fn digest_blob(&mut self, ask: DigestBlob) {
        let life = self.new_life();
        self.digests.insert(ask.id, life);
        requests::digest_blob(&self.wire.blobs, ask, life, self.completions());
    }

    pub(super) fn drop_blob(&self, id: u64) {
        self.wire.blobs.drop_blob(id);
    }

    fn new_life(&mut self) -> u64 {
        self.lives += 1;
        self.lives
    }

    fn completions(&self) -> mpsc::Sender<Completion> {
        self.arrivals.completions.clone()
    }
}

/// The text of a frame, its secrets in their places.
fn with_secrets(send: SendText, socket: &SocketHandle, vault: &Vault) -> Result<String, Failure> {
    let mut values = Vec::with_capacity(send.secrets.len());
    for secret in &send.secrets {
        let SecretPlace::Json(pointer) = &secret.place else {
            let what = "a text frame has no header place";
            return Err(Failure::new(FailureKind::Invalid, what));
        };
        let value = vault.value(secret, socket.target())?;
        values.push((pointer.as_str(), value.to_string()));
    }
    if values.is_empty() {
        return Ok(send.text);
    }
    insert_json(&send.text, values)
}

/// How a request ends that was called off: one that has begun may have arrived.
pub(super) fn called_off(id: u64, may_have_arrived: bool) -> Event {
    let what = match may_have_arrived {
        true => "called off while it was under way",
        false => "called off before it was sent",
    };
    let failure = Failure::new(FailureKind::Cancelled, what);
    failed(id, failure, may_have_arrived)
}

fn failed(id: u64, failure: Failure, may_have_arrived: bool) -> Event {
    Event::HttpFailed(HttpFailed {
        id,
        failure,
        may_have_arrived,
    })
}

fn closed(id: u64, failure: Failure) -> Event {
    Event::SocketClosed(SocketClosed {
        id,
        code: None,
        reason: String::new(),
        failure: Some(failure),
    })
}

fn stuck() -> Failure {
    Failure::new(
        FailureKind::Unreachable,
        format!("the peer left {} frames unread", limits::WRITES),
    )
}

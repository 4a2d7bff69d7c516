//! What the platform and the network do, as events of the host.

use qq_channel::contract::{
    Action, Event, Failure, HttpFailed, HttpResponse, SocketClosed, SocketOpened, SocketText,
};

use super::World;

/// The first frame of a connection.
pub const HELLO: &str = r#"{"op":10,"d":{"heartbeat_interval":40000}}"#;
/// A session begins.
pub const READY: &str = r#"{"op":0,"s":1,"t":"READY","d":{"session_id":"S"}}"#;
/// A heartbeat arrived.
pub const HEARTBEAT_ACK: &str = r#"{"op":11}"#;

impl World {
    /// A frame over the newest socket.
    pub fn frame(&mut self, text: &str) -> Vec<Action> {
        let id = self.newest_socket();
        let text = text.to_owned();
        self.tell(Event::SocketText(SocketText { id, text }), false)
    }

    /// The same, unless no socket is left to send it over.
    pub fn frame_if_open(&mut self, text: &str) -> Vec<Action> {
        match self.sockets.is_empty() {
            true => Vec::new(),
            false => self.frame(text),
        }
    }

    /// The newest socket opens, and the gateway says Hello over it.
    pub fn greet(&mut self) -> Vec<Action> {
        let opened = opened(self.newest_socket());
        let mut actions = self.tell(opened, false);
        actions.extend(self.frame(HELLO));
        actions
    }

    fn newest_socket(&self) -> u64 {
        *self.sockets.last().expect("a socket is open")
    }

    /// There is a socket over which neither Identify nor Resume was sent.
    pub fn awaits_hello(&self) -> bool {
        let newest = self.sockets.last();
        newest.is_some_and(|id| self.greeted != Some(*id))
    }

    /// The newest socket closes, if there is one.
    pub fn close(&mut self, code: Option<u16>) {
        if let Some(id) = self.sockets.last().copied() {
            self.tell(Event::SocketClosed(closed(id, code)), false);
        }
    }

    /// Answers a request; where it asked for a token it gets one, if all is well.
    pub fn answer(&mut self, id: u64, status: u16, body: &str) -> Vec<Action> {
        let asked = self.requests.get(&id);
        let is_token = asked.is_some_and(|http| http.url.ends_with("AppAccessToken"));
        let response = response(id, status, body, is_token && status == 200);
        self.tell(Event::HttpResponse(response), false)
    }

    /// Answers every open request for a token or the gateway's address.
    pub fn answer_gateway(&mut self) {
        let wanted = |url: &str| url.ends_with("AppAccessToken") || url.contains("/gateway");
        let open = self.requests.values().filter(|http| wanted(&http.url));
        let open: Vec<u64> = open.map(|http| http.id).collect();
        for id in open {
            self.answer(id, 200, r#"{"expires_in":"7200","url":"wss://g/"}"#);
        }
    }

    /// A request ends without an answer, though it may have arrived.
    pub fn lose_answer(&mut self, id: u64, failure: Failure) -> Vec<Action> {
        let failed = HttpFailed {
            id,
            failure,
            may_have_arrived: true,
        };
        self.tell(Event::HttpFailed(failed), false)
    }
}

pub fn opened(id: u64) -> Event {
    Event::SocketOpened(SocketOpened {
        id,
        subprotocol: None,
    })
}

pub fn closed(id: u64, code: Option<u16>) -> SocketClosed {
    SocketClosed {
        id,
        code,
        reason: String::new(),
        failure: None,
    }
}

/// With a token that the host keeps to itself, or without.
pub fn response(id: u64, status: u16, body: &str, has_token: bool) -> HttpResponse {
    HttpResponse {
        id,
        status,
        headers: Vec::new(),
        body: body.as_bytes().to_vec(),
        truncated: false,
        sealed: Vec::from_iter(has_token.then(|| "access_token".to_owned())),
        blob: None,
    }
}

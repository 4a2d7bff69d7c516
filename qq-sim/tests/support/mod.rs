//! A small client written by hand: plain HTTP over TCP, and raw gateway frames.
#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "shared by several test programs; a panic here is a failed test"
)]

pub mod command;

use std::collections::HashMap;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use qq_sim::{Sim, SimConfig};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// Longer than anything takes, so that a hang is a failure and not a blockade.
pub const LONG: Duration = Duration::from_secs(20);
pub const APP: &str = "102012345";
pub const USER: &str = "E4F4AEA33253A2797FB897C50B81D7ED";
pub const GROUP: &str = "C9F778FE6ADF9D1D1DBE395BF744A33A";
pub const MEMBER: &str = "A1B2C3D4E5F6A1B2C3D4E5F6A1B2C3D4";
pub const C2C: u32 = 1 << 25;
pub const GUILD: &str = "18700000000001";
pub const CHANNEL: &str = "100010";
pub const DM: &str = "5512000000000001";
pub const GUILD_USER: &str = "1234567890123456789";
/// Guild messages in channels and conversations, and what is around them.
pub const GUILDS: u32 = 1 | 1 << 1 | 1 << 12 | 1 << 26 | 1 << 30;

/// A simulator as it comes, and a client of its first bot.
pub async fn start() -> (Sim, Client) {
    let sim = Sim::start(SimConfig::default()).await.unwrap();
    let client = Client::new(&sim).await;
    (sim, client)
}

/// The same with a session that hears of guilds.
pub async fn start_in_guilds() -> (Sim, Client, Socket) {
    let (sim, client) = start().await;
    let (socket, _) = client.ready_for(GUILDS).await;
    (sim, client, socket)
}

/// A passive reply to a private or a group message.
pub fn text(content: &str, msg_id: &str, msg_seq: u64) -> Value {
    json!({"msg_type": 0, "content": content, "msg_id": msg_id, "msg_seq": msg_seq})
}

/// A passive reply in a guild.
pub fn guild_reply(content: &str, msg_id: &str) -> Value {
    json!({"content": content, "msg_id": msg_id})
}

/// An HTTP answer.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HashMap<String, String>,
    pub text: String,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    /// `err_code` if there is one, else `code`, as clients should read it.
    pub fn code(&self) -> i64 {
        let body = self.json();
        let code = |name: &str| body.get(name).and_then(Value::as_i64);
        code("err_code").or_else(|| code("code")).unwrap_or(0)
    }
}

/// One request on its own connection. `Err` if the connection broke before the end.
pub async fn http(base: &str, line: &str, headers: &str, body: &str) -> Result<Reply, String> {
    http_bytes(base, line, headers, body.as_bytes()).await
}

/// As [`http`], with any bytes.
pub async fn http_bytes(
    base: &str,
    line: &str,
    headers: &str,
    body: &[u8],
) -> Result<Reply, String> {
    let host = base.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).await.unwrap();
    let length = body.len();
    let request = format!(
        "{line} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    let mut bytes = Vec::new();
    let read = timeout(LONG, stream.read_to_end(&mut bytes)).await.unwrap();
    let reply = parse(&String::from_utf8(bytes).unwrap())?;
    read.map_err(|error| error.to_string())?;
    Ok(reply)
}

fn parse(answer: &str) -> Result<Reply, String> {
    let (head, text) = answer.split_once("\r\n\r\n").ok_or("no answer")?;
    let mut lines = head.lines();
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1))
        .unwrap()
        .parse()
        .unwrap();
    let headers: HashMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let announced = headers
        .get("content-length")
        .map(|length| length.parse::<usize>().unwrap());
    if announced.is_some_and(|length| length != text.len()) {
        return Err("truncated".to_owned());
    }
    Ok(Reply {
        status,
        headers,
        text: text.to_owned(),
    })
}

/// A bot that does what it is told.
pub struct Client {
    pub base: String,
    pub app_id: String,
    pub token: String,
}

impl Client {
    /// With the token of the default bot.
    pub async fn new(sim: &Sim) -> Self {
        Self::of(&sim.base_url(), APP, "SECRET").await
    }

    pub async fn of(base: &str, app_id: &str, secret: &str) -> Self {
        let reply = fetch_token(base, app_id, secret).await.json();
        let token = reply["access_token"].as_str().unwrap().to_owned();
        Self {
            base: base.to_owned(),
            app_id: app_id.to_owned(),
            token,
        }
    }

    pub async fn call(&self, line: &str, body: &Value) -> Reply {
        self.try_call(line, body).await.unwrap()
    }

    pub async fn try_call(&self, line: &str, body: &Value) -> Result<Reply, String> {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let headers = format!(
            "authorization: QQBot {}\r\ncontent-type: application/json\r\n",
            self.token
        );
        http(&self.base, line, &headers, &body).await
    }

    pub async fn send_user(&self, body: Value) -> Reply {
        self.call(&format!("POST /v2/users/{USER}/messages"), &body)
            .await
    }

    pub async fn send_group(&self, body: Value) -> Reply {
        self.call(&format!("POST /v2/groups/{GROUP}/messages"), &body)
            .await
    }

    pub async fn send_channel(&self, body: Value) -> Reply {
        self.call(&format!("POST /channels/{CHANNEL}/messages"), &body)
            .await
    }

    pub async fn send_dm(&self, body: Value) -> Reply {
        self.call(&format!("POST /dms/{DM}/messages"), &body).await
    }

    /// A body that is no JSON.
    pub async fn post_bytes(&self, path: &str, content_type: &str, body: &[u8]) -> Reply {
        let headers = format!(
            "authorization: QQBot {}\r\ncontent-type: {content_type}\r\n",
            self.token
        );
        http_bytes(&self.base, &format!("POST {path}"), &headers, body)
            .await
            .unwrap()
    }

    /// A socket that has read Hello.
    pub async fn dial(&self) -> Socket {
        let mut socket = Socket::open(&self.base).await;
        assert_eq!(socket.frame().await["op"], 10);
        socket
    }

    /// A socket that has read READY, and the session.
    pub async fn ready(&self) -> (Socket, String) {
        self.ready_for(C2C).await
    }

    /// As [`Client::ready`], with this mask.
    pub async fn ready_for(&self, intents: u32) -> (Socket, String) {
        let mut socket = self.dial().await;
        socket.send(self.identify(intents)).await;
        let ready = socket.frame().await;
        assert_eq!(ready["t"], "READY", "{ready}");
        (
            socket,
            ready["d"]["session_id"].as_str().unwrap().to_owned(),
        )
    }

    /// A socket on which a Resume was accepted: its replay comes next.
    pub async fn comes_back(&self, session_id: &str, seq: u64) -> Socket {
        loop {
            let Some(mut socket) = Socket::try_open(&self.base).await else {
                continue;
            };
            if !matches!(socket.next().await, Said::Frame(hello) if hello["op"] == 10) {
                continue;
            }
            socket.send(self.resume(session_id, seq)).await;
            let first = socket.peek().await;
            match first {
                Said::Frame(frame) if frame["op"] == 9 => continue,
                Said::Closed(_) => continue,
                _ => return socket,
            }
        }
    }

    pub fn identify(&self, intents: u32) -> Value {
        json!({"op": 2, "d": {"token": format!("QQBot {}", self.token), "intents": intents,
               "shard": [0, 1], "properties": {}}})
    }

    pub fn resume(&self, session_id: &str, seq: u64) -> Value {
        json!({"op": 6, "d": {"token": format!("QQBot {}", self.token), "session_id": session_id, "seq": seq}})
    }
}

pub async fn fetch_token(base: &str, app_id: &str, secret: &str) -> Reply {
    let body = json!({"appId": app_id, "clientSecret": secret}).to_string();
    http(
        base,
        "POST /app/getAppAccessToken",
        "content-type: application/json\r\n",
        &body,
    )
    .await
    .unwrap()
}

/// A raw gateway socket.
pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>, Option<Said>);

/// What a socket said.
#[derive(Clone, Debug, PartialEq)]
pub enum Said {
    Frame(Value),
    Text(String),
    Closed(Option<u16>),
}

impl Socket {
    pub async fn open(base: &str) -> Self {
        Self::try_open(base).await.unwrap()
    }

    pub async fn try_open(base: &str) -> Option<Self> {
        let url = base.replacen("http", "ws", 1) + "/websocket/";
        Some(Self(connect_async(url).await.ok()?.0, None))
    }

    /// What comes next, which [`Socket::next`] will return again.
    pub async fn peek(&mut self) -> Said {
        let said = self.next().await;
        self.1 = Some(said.clone());
        said
    }

    pub async fn send(&mut self, frame: Value) {
        self.send_text(&frame.to_string()).await;
    }

    pub async fn send_text(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.unwrap();
    }

    pub async fn next(&mut self) -> Said {
        if let Some(said) = self.1.take() {
            return said;
        }
        loop {
            let message = timeout(LONG, self.0.next()).await.unwrap();
            return match message {
                Some(Ok(Message::Text(text))) => serde_json::from_str(&text)
                    .map_or_else(|_| Said::Text(text.to_string()), Said::Frame),
                Some(Ok(Message::Close(frame))) => {
                    Said::Closed(frame.map(|close| close.code.into()))
                }
                None | Some(Err(_)) => Said::Closed(None),
                Some(Ok(_)) => continue,
            };
        }
    }

    pub async fn frame(&mut self) -> Value {
        match self.next().await {
            Said::Frame(frame) => frame,
            other => panic!("expected a frame, got {other:?}"),
        }
    }

    /// Op 9 if it comes first, and the close code.
    pub async fn refusal(&mut self) -> (Option<Value>, Option<u16>) {
        match self.next().await {
            Said::Frame(frame) if frame["op"] == 9 => match self.next().await {
                Said::Closed(code) => (Some(frame["d"].clone()), code),
                other => panic!("expected a close, got {other:?}"),
            },
            Said::Closed(code) => (None, code),
            other => panic!("expected a refusal, got {other:?}"),
        }
    }

    /// The connection below, for tests that look at bytes. Frames that were read
    /// with others are lost to it.
    pub fn tcp(&mut self) -> &mut TcpStream {
        match self.0.get_mut() {
            MaybeTlsStream::Plain(tcp) => tcp,
            _ => panic!("not a plain socket"),
        }
    }

    pub async fn ping(&mut self) {
        self.0.send(Message::Ping("?".into())).await.unwrap();
    }

    pub async fn leave(mut self) {
        self.0.close(None).await.unwrap();
    }
}

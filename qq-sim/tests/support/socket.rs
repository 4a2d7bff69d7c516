//! Raw frames.

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::LONG;

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

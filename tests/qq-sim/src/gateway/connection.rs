//! One websocket from Hello to its end.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::io::AsyncReadExt;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::hub::Hub;
use crate::platform::deliver::{End, Step};
use crate::record::{Record, Side};

type Socket = WebSocketStream<TokioIo<Upgraded>>;

/// A client that does not read for so long is gone.
const SEND_PATIENCE: Duration = Duration::from_secs(30);
/// How long the answer to a close frame is waited for.
const CLOSE_PATIENCE: Duration = Duration::from_secs(5);

/// How a socket ended.
enum Ended {
    ByServer(End),
    ByClient { code: Option<u16>, reason: String },
}

struct Connection {
    hub: Arc<Hub>,
    number: u64,
    socket: Socket,
    bell: watch::Receiver<()>,
    patience: Option<Duration>,
    last_beat: Instant,
}

/// Serves a socket until it ends.
pub(crate) async fn run(hub: Arc<Hub>, number: u64, socket: Socket) {
    let patience = hub.with(|world| world.heartbeat_patience());
    let bell = hub.bell();
    let mut connection = Connection {
        hub,
        number,
        socket,
        bell,
        patience,
        last_beat: Instant::now(),
    };
    let ended = connection.serve().await;
    connection.finish(ended).await;
}

impl Connection {
    async fn serve(&mut self) -> Ended {
        let mut steps = self.hub.with(|world| world.open(self.number));
        loop {
            for step in steps {
                if let Err(ended) = self.take(step).await {
                    return ended;
                }
            }
            steps = match self.next().await {
                Ok(steps) => steps,
                Err(ended) => return ended,
            };
        }
    }

    /// What to do next: what the world has for this socket, else what comes first.
    async fn next(&mut self) -> Result<Vec<Step>, Ended> {
        // Marked before looking: a bell that rings in between is not lost.
        self.bell.mark_unchanged();
        let steps = self.hub.with(|world| world.next_steps(self.number));
        if !steps.is_empty() {
            return Ok(steps);
        }
        let deadline = self.last_beat + self.patience.unwrap_or(Duration::MAX / 4);
        tokio::select! {
            frame = self.socket.next() => self.read(frame),
            _ = self.bell.changed() => Ok(Vec::new()),
            () = sleep_until(deadline), if self.patience.is_some() => {
                Ok(vec![Step::End(End::Close(4009, "heartbeat timeout"))])
            }
        }
    }

    fn read(&self, frame: Option<Result<Message, Error>>) -> Result<Vec<Step>, Ended> {
        let lost = || Ended::ByClient {
            code: None,
            reason: String::new(),
        };
        // A change: a Resume here ends the socket that had the session before.
        let received = |text: &str| Ok(self.hub.change(|world| world.receive(self.number, text)));
        match frame {
            None | Some(Err(_)) => Err(lost()),
            Some(Ok(Message::Text(text))) => received(&text),
            // JSON in binary frames is accepted on the platform too.
            Some(Ok(Message::Binary(bytes))) => received(&String::from_utf8_lossy(&bytes)),
            Some(Ok(Message::Close(None))) => Err(lost()),
            Some(Ok(Message::Close(Some(close)))) => Err(Ended::ByClient {
                code: Some(close.code.into()),
                reason: close.reason.to_string(),
            }),
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => Ok(Vec::new()),
        }
    }

    async fn take(&mut self, step: Step) -> Result<(), Ended> {
        match step {
            Step::Beat => self.last_beat = Instant::now(),
            Step::End(end) => return Err(Ended::ByServer(end)),
            Step::Garbage(text) => self.send(text).await?,
            Step::Send(frame) => {
                self.note_frame(&frame);
                self.send(frame.to_string()).await?;
            }
        }
        Ok(())
    }

    async fn send(&mut self, text: String) -> Result<(), Ended> {
        let sent = timeout(SEND_PATIENCE, self.socket.send(Message::text(text))).await;
        match sent {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Ended::ByClient {
                code: None,
                reason: String::new(),
            }),
            Err(_) => Err(Ended::ByServer(End::Drop)),
        }
    }

    /// Ends the socket; the session is free for a resume before the client can know.
    async fn finish(mut self, ended: Ended) {
        self.hub.with(|world| world.detach(self.number));
        match ended {
            Ended::ByClient { code, reason } => {
                self.note_closed(Side::Client, code, &reason);
                // Lets the answer to its close frame out.
                let _ = timeout(CLOSE_PATIENCE, self.socket.close(None)).await;
            }
            Ended::ByServer(End::Close(code, reason)) => {
                self.note_closed(Side::Server, Some(code), reason);
                let frame = CloseFrame {
                    code: code.into(),
                    reason: reason.into(),
                };
                let _ = timeout(CLOSE_PATIENCE, self.say_goodbye(frame)).await;
            }
            Ended::ByServer(End::Drop) => self.note_closed(Side::Server, None, ""),
            Ended::ByServer(End::Silence) => self.stay_silent().await,
        }
    }

    async fn say_goodbye(&mut self, frame: CloseFrame) {
        if self.socket.close(Some(frame)).await.is_ok() {
            while let Some(Ok(_)) = self.socket.next().await {}
        }
    }

    /// Swallows raw bytes until the client gives up; not even a ping is answered.
    async fn stay_silent(self) {
        let Self {
            hub,
            number,
            socket,
            ..
        } = self;
        let mut io = socket.into_inner();
        let mut swallowed = [0; 4096];
        while !matches!(io.read(&mut swallowed).await, Ok(0) | Err(_)) {}
        let record = Record::SocketClosed {
            by: Side::Client,
            code: None,
            reason: String::new(),
        };
        hub.journal.push(Some(number), record);
    }

    fn note_frame(&self, frame: &Value) {
        let field = |name: &str| frame.get(name);
        let record = Record::FrameOut {
            op: field("op").and_then(Value::as_u64).unwrap_or_default(),
            s: field("s").and_then(Value::as_u64),
            t: field("t").and_then(Value::as_str).map(str::to_owned),
            frame: self.hub.journal.redacted(frame.clone()),
        };
        self.hub.journal.push(Some(self.number), record);
    }

    fn note_closed(&self, by: Side, code: Option<u16>, reason: &str) {
        let record = Record::SocketClosed {
            by,
            code,
            reason: reason.to_owned(),
        };
        self.hub.journal.push(Some(self.number), record);
    }
}

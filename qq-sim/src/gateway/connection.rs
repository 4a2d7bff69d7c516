//! One websocket from Hello to its end.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::ending::swallow;
use super::outbox::{Outbox, Parcel, halved};
use crate::faults::Stall;
use crate::journal::record::Record;
use crate::server::hub::Hub;
use crate::server::wire::Fuse;
use crate::world::deliver::{End, Step};

pub(super) type Socket = WebSocketStream<TokioIo<Upgraded>>;

/// A client that does not read for so long is gone.
const SEND_PATIENCE: Duration = Duration::from_secs(30);
/// How long a dispatch is held back for another one to overtake it.
const HOLD_PATIENCE: Duration = Duration::from_secs(1);
/// A whole text frame of two bytes that are no UTF-8.
const BROKEN_TEXT: &[u8] = &[0x81, 2, 0xff, 0xfe];
/// No deadline: longer than any simulator runs.
const NEVER: Duration = Duration::from_secs(1 << 32);

/// How a socket ended.
pub(super) enum Ended {
    ByServer(End),
    ByClient { code: Option<u16>, reason: String },
}

impl Ended {
    /// TCP ended on the client's side, without a close frame.
    const LOST: Self = Self::ByClient {
        code: None,
        reason: String::new(),
    };
}

pub(super) struct Connection {
    pub(super) hub: Arc<Hub>,
    pub(super) number: u64,
    pub(super) socket: Socket,
    pub(super) fuse: Fuse,
    bell: watch::Receiver<()>,
    patience: Option<Duration>,
    last_beat: Instant,
    outbox: Outbox,
    /// When a dispatch that is held back goes out after all.
    held_until: Option<Instant>,
    /// An end that was announced.
    doom: Option<(Instant, End)>,
}

/// Serves a socket until it ends.
pub(crate) async fn run(hub: Arc<Hub>, number: u64, socket: Socket, fuse: Fuse) {
    let patience = hub.with(|world| world.heartbeat_patience());
    let bell = hub.bell();
    let mut connection = Connection {
        hub,
        number,
        socket,
        bell,
        fuse,
        patience,
        last_beat: Instant::now(),
        outbox: Outbox::default(),
        held_until: None,
        doom: None,
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
        let now = Instant::now();
        let or_never = |at: Option<Instant>| at.unwrap_or(now + NEVER);
        let silent = or_never(self.patience.map(|patience| self.last_beat + patience));
        let due = or_never(self.outbox.due());
        let held = or_never(self.held_until);
        let doom = or_never(self.doom.as_ref().map(|(at, _)| *at));
        tokio::select! {
            frame = self.socket.next() => self.read(frame),
            _ = self.bell.changed() => Ok(Vec::new()),
            () = sleep_until(due) => self.send_due().await.map(|()| Vec::new()),
            () = sleep_until(held) => {
                self.held_until = None;
                Ok(self.hub.with(|world| world.release_held(self.number)))
            }
            () = sleep_until(doom) => Ok(self.meet_doom()),
            () = sleep_until(silent) => {
                Ok(vec![Step::End(End::Close(4009, "heartbeat timeout"))])
            }
        }
    }

    fn meet_doom(&mut self) -> Vec<Step> {
        let end = self.doom.take().map(|(_, end)| end);
        if let Some(end) = &end {
            self.hub.with(|world| world.conclude(self.number, end));
        }
        end.map(Step::End).into_iter().collect()
    }

    fn read(&self, frame: Option<Result<Message, Error>>) -> Result<Vec<Step>, Ended> {
        // A change: a Resume here ends the socket that had the session before.
        let received = |text: &str| Ok(self.hub.change(|world| world.receive(self.number, text)));
        match frame {
            None | Some(Err(_)) => Err(Ended::LOST),
            Some(Ok(Message::Text(text))) => received(&text),
            // JSON in binary frames is accepted on the platform too.
            Some(Ok(Message::Binary(bytes))) => received(&String::from_utf8_lossy(&bytes)),
            Some(Ok(Message::Close(None))) => Err(Ended::LOST),
            Some(Ok(Message::Close(Some(close)))) => Err(Ended::ByClient {
                code: Some(close.code.into()),
                reason: close.reason.to_string(),
            }),
            Some(Ok(Message::Ping(_))) => {
                self.note(Record::Ping);
                Ok(Vec::new())
            }
            Some(Ok(Message::Pong(_) | Message::Frame(_))) => Ok(Vec::new()),
        }
    }

    async fn take(&mut self, step: Step) -> Result<(), Ended> {
        match step {
            Step::Beat => self.last_beat = Instant::now(),
            Step::End(end) => {
                // A close frame is late like any other frame.
                if matches!(end, End::Close(..)) {
                    self.drain().await?;
                }
                return Err(Ended::ByServer(end));
            }
            Step::EndLater(after, end) => self.doom = Some((Instant::now() + after, end)),
            Step::Delay(lag) => self.outbox.lag = lag,
            Step::Hold => self.held_until = Some(Instant::now() + HOLD_PATIENCE),
            Step::Garbage(text) => self.post(Parcel::Garbage(text)).await?,
            Step::BrokenText => {
                self.drain().await?;
                self.write(BROKEN_TEXT).await?;
            }
            Step::Send(frame) => self.post(Parcel::Frame(frame)).await?,
            Step::SendHalf(frame, stall) => self.stall(frame, stall).await?,
        }
        Ok(())
    }

    /// Sends now or, if the socket is slow, later.
    async fn post(&mut self, parcel: Parcel) -> Result<(), Ended> {
        let delay_ms = self.hub.with(|world| world.config.rules.frame_delay_ms);
        let delay = Duration::from_millis(delay_ms);
        match self.outbox.accept(parcel, delay) {
            Some(parcel) => self.transmit(parcel).await,
            None => Ok(()),
        }
    }

    async fn send_due(&mut self) -> Result<(), Ended> {
        match self.outbox.pop() {
            Some(parcel) => self.transmit(parcel).await,
            None => Ok(()),
        }
    }

    /// Sends everything that still waits, each at its time.
    async fn drain(&mut self) -> Result<(), Ended> {
        while let Some(due) = self.outbox.due() {
            sleep_until(due).await;
            self.send_due().await?;
        }
        Ok(())
    }

    async fn transmit(&mut self, parcel: Parcel) -> Result<(), Ended> {
        match parcel {
            Parcel::Garbage(text) => self.send(text).await,
            Parcel::Frame(frame) => {
                self.note_frame(&frame);
                self.send(frame.to_string()).await
            }
        }
    }

    /// Writes half a frame past the websocket, and what the script says after it.
    async fn stall(&mut self, frame: Value, stall: Stall) -> Result<(), Ended> {
        self.drain().await?;
        let (bytes, half) = halved(&frame.to_string());
        let (first, second) = bytes.split_at(half);
        self.write(first).await?;
        match stall {
            Stall::Forever => Err(Ended::ByServer(End::Silence)),
            Stall::CutAfterMs(ms) => {
                let wait = Duration::from_millis(ms);
                let _ = timeout(wait, swallow(self.socket.get_mut())).await;
                Err(Ended::ByServer(End::Drop))
            }
            Stall::ReleaseAfterMs(ms) => {
                sleep(Duration::from_millis(ms)).await;
                self.note_frame(&frame);
                // Heartbeats of this time lie unread; that is not the client's fault.
                self.last_beat = Instant::now();
                self.write(second).await?;
                self.hub.with(|world| world.revive(self.number));
                Ok(())
            }
        }
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), Ended> {
        let io = self.socket.get_mut();
        let written = async {
            io.write_all(bytes).await?;
            io.flush().await
        };
        match timeout(SEND_PATIENCE, written).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Ended::LOST),
            Err(_) => Err(Ended::ByServer(End::Drop)),
        }
    }

    async fn send(&mut self, text: String) -> Result<(), Ended> {
        let sent = timeout(SEND_PATIENCE, self.socket.send(Message::text(text))).await;
        match sent {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Ended::LOST),
            Err(_) => Err(Ended::ByServer(End::Drop)),
        }
    }

    fn note_frame(&self, frame: &Value) {
        let field = |name: &str| frame.get(name);
        let record = Record::FrameOut {
            op: field("op").and_then(Value::as_u64).unwrap_or_default(),
            s: field("s").and_then(Value::as_u64),
            t: field("t").and_then(Value::as_str).map(str::to_owned),
            frame: self.hub.journal.redacted(frame.clone()),
        };
        self.note(record);
    }

    pub(super) fn note(&self, record: Record) {
        self.hub.journal.push(Some(self.number), record);
    }
}

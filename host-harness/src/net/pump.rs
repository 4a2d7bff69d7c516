//! The life of an open websocket: reading while there is room, writing always.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error as WsError, Message, Utf8Bytes};

use crate::contract::{Failure, FailureKind};
use crate::limits;

/// How long a peer may take to answer our close frame.
const CLOSE_WAIT: Duration = Duration::from_secs(2);

/// How long a peer may take to read one of our frames.
const WRITE_WAIT: Duration = Duration::from_secs(30);

/// Whether there may be something to read on a socket that its task has not
/// handed on yet.
#[derive(Clone, Default)]
pub(crate) struct Behind(Arc<AtomicBool>);

impl Behind {
    /// False: everything that could be read is in the channel's lane.
    pub(crate) fn is_so(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    fn set(&self, behind: bool) {
        self.0.store(behind, Ordering::Release);
    }
}

/// What a socket tells its channel.
#[derive(Debug)]
pub(crate) struct SocketEvent {
    pub(crate) id: u64,
    /// Which of the sockets that ever had this number.
    pub(crate) life: u64,
    pub(crate) what: SocketWhat,
    /// Its share of what may wait; free again when this is dropped.
    #[expect(dead_code, reason = "it is held, and dropped with the event")]
    pub(crate) room: Option<OwnedSemaphorePermit>,
}

#[derive(Debug)]
pub(crate) enum SocketWhat {
    Opened {
        subprotocol: Option<String>,
    },
    Text(Utf8Bytes),
    Binary(Bytes),
    /// A message too large for the channel, read and let go.
    Skipped {
        size: usize,
    },
    /// Always the last.
    Closed {
        code: Option<u16>,
        reason: String,
        failure: Option<Failure>,
    },
}

pub(super) enum Write {
    Text(String),
    Binary(Vec<u8>),
    Close { code: u16, reason: String },
}

pub(super) type Stream = WebSocketStream<Box<dyn Io>>;

pub(super) trait Io: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// The life of an open socket.
pub(super) struct Pump<'a> {
    pub(super) id: u64,
    pub(super) life: u64,
    pub(super) stream: Stream,
    pub(super) events: &'a mpsc::Sender<SocketEvent>,
    pub(super) queue: mpsc::Receiver<Write>,
    pub(super) behind: Behind,
}

impl Pump<'_> {
    /// Runs until the socket is closed. `None`: nobody is left to be told.
    pub(super) async fn run(mut self) -> Option<SocketWhat> {
        let room = Arc::new(Semaphore::new(limits::FRAMES_BYTES));
        let mut waiting: Option<SocketWhat> = None;
        loop {
            tokio::select! {
                write = self.queue.recv() => match write {
                    None => return None,
                    Some(Write::Close { code, reason }) => return Some(self.close(code, reason).await),
                    Some(Write::Text(text)) => if let Err(what) = self.write(Message::text(text)).await { return Some(what) },
                    Some(Write::Binary(data)) => if let Err(what) = self.write(Message::binary(data)).await { return Some(what) },
                },
                // One message waits here while the lane is full; none is read.
                place = place(self.events, &room, waiting.as_ref()), if waiting.is_some() => {
                    let (what, (permit, room)) = (waiting.take()?, place?);
                    permit.send(SocketEvent { id: self.id, life: self.life, what, room });
                }
                message = read(&mut self.stream, &self.behind), if waiting.is_none() => match receive(message) {
                    Received::Data(what) => waiting = Some(what),
                    Received::Nothing => {}
                    Received::Closed(what) => return Some(what),
                },
            }
        }
    }

    /// A write that fails is seen by the next read, which says why. An error: the
    /// peer takes nothing any more, and no close frame either.
    async fn write(&mut self, message: Message) -> Result<(), SocketWhat> {
        match tokio::time::timeout(WRITE_WAIT, self.stream.send(message)).await {
            Ok(Ok(())) => {}
            Ok(Err(cause)) => tracing::debug!(%cause, "websocket write failed"),
            Err(_elapsed) => return Err(unread()),
        }
        Ok(())
    }

    /// Sends our close frame and waits a little for the answer.
    async fn close(&mut self, code: u16, reason: String) -> SocketWhat {
        let frame = CloseFrame {
            code: CloseCode::from(code),
            reason: reason.into(),
        };
        let handshake = async {
            self.stream.close(Some(frame)).await?;
            while self.stream.next().await.transpose()?.is_some() {}
            Ok::<(), WsError>(())
        };
        let _either_way = tokio::time::timeout(CLOSE_WAIT, handshake).await;
        closed_by_us("closed by the channel")
    }
}

/// The next message. Having to wait for one means that nothing is left behind.
async fn read(stream: &mut Stream, behind: &Behind) -> Option<Result<Message, WsError>> {
    poll_fn(|context| {
        let polled = stream.poll_next_unpin(context);
        behind.set(polled.is_ready());
        polled
    })
    .await
}

/// A place in the lane, and among the bytes that may wait. `None`: nobody is left.
async fn place<'a>(
    events: &'a mpsc::Sender<SocketEvent>,
    room: &Arc<Semaphore>,
    what: Option<&SocketWhat>,
) -> Option<(mpsc::Permit<'a, SocketEvent>, Option<OwnedSemaphorePermit>)> {
    let bytes = what.map_or(0, SocketWhat::bytes);
    let share = u32::try_from(bytes).ok()?;
    let room = Arc::clone(room).acquire_many_owned(share).await.ok()?;
    Some((events.reserve().await.ok()?, Some(room)))
}

impl SocketWhat {
    fn bytes(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Binary(data) => data.len(),
            Self::Opened { .. } | Self::Skipped { .. } | Self::Closed { .. } => 0,
        }
    }
}

enum Received {
    Data(SocketWhat),
    Nothing,
    Closed(SocketWhat),
}

fn receive(message: Option<Result<Message, WsError>>) -> Received {
    match message {
        Some(Ok(data @ (Message::Text(_) | Message::Binary(_))))
            if data.len() > limits::FRAME_BYTES =>
        {
            Received::Data(SocketWhat::Skipped { size: data.len() })
        }
        Some(Ok(Message::Text(text))) => Received::Data(SocketWhat::Text(text)),
        Some(Ok(Message::Binary(data))) => Received::Data(SocketWhat::Binary(data)),
        Some(Ok(Message::Close(frame))) => Received::Closed(closed_by_peer(frame)),
        // Pings are answered by the library.
        Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => Received::Nothing,
        Some(Err(cause)) => Received::Closed(broken(&cause)),
        None => Received::Closed(closed_by_peer(None)),
    }
}

fn closed_by_peer(frame: Option<CloseFrame>) -> SocketWhat {
    let (code, reason) = match frame {
        Some(frame) => (
            Some(u16::from(frame.code)),
            frame.reason.as_str().to_owned(),
        ),
        None => (None, String::new()),
    };
    SocketWhat::Closed {
        code,
        reason,
        failure: None,
    }
}

fn broken(cause: &WsError) -> SocketWhat {
    let kind = match cause {
        WsError::Capacity(_) => FailureKind::TooLarge,
        WsError::Protocol(ProtocolError::ResetWithoutClosingHandshake)
        | WsError::ConnectionClosed
        | WsError::AlreadyClosed
        | WsError::Io(_) => FailureKind::Unreachable,
        WsError::Tls(_) => FailureKind::Tls,
        _ => FailureKind::Protocol,
    };
    let failure = Failure::new(kind, format!("the connection broke: {cause}"));
    SocketWhat::Closed {
        code: None,
        reason: String::new(),
        failure: Some(failure),
    }
}

fn unread() -> SocketWhat {
    let failure = Failure::new(
        FailureKind::TimedOut,
        format!("the peer read nothing for {} s", WRITE_WAIT.as_secs()),
    );
    SocketWhat::Closed {
        code: None,
        reason: String::new(),
        failure: Some(failure),
    }
}

pub(super) fn closed_by_us(reason: &str) -> SocketWhat {
    SocketWhat::Closed {
        code: None,
        reason: reason.to_owned(),
        failure: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio_tungstenite::tungstenite::protocol::Role;

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_reads_nothing_does_not_hold_its_socket_for_ever() {
        let (near, _far) = tokio::io::duplex(64);
        let near: Box<dyn Io> = Box::new(near);
        let stream = WebSocketStream::from_raw_socket(near, Role::Client, None).await;
        let (events, _lane) = mpsc::channel(1);
        let (writes, queue) = mpsc::channel(1);
        writes.send(Write::Text("x".repeat(4_096))).await.unwrap();
        let behind = Behind::default();
        let pump = Pump {
            id: 1,
            life: 1,
            stream,
            events: &events,
            queue,
            behind,
        };
        let closed = tokio::time::timeout(WRITE_WAIT * 2, pump.run()).await;
        let Ok(Some(SocketWhat::Closed { failure, .. })) = closed else {
            panic!("it was not closed");
        };
        assert_eq!(failure.unwrap().kind, FailureKind::TimedOut);
    }
}

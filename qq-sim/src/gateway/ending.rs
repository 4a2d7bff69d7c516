//! The last moments of a socket.

use std::time::Duration;

use futures_util::StreamExt;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use super::connection::{Connection, Ended};
use crate::journal::record::{Record, Side};
use crate::world::deliver::End;

/// How long the answer to a close frame is waited for.
const CLOSE_PATIENCE: Duration = Duration::from_secs(5);

impl Connection {
    /// Ends the socket; the session is free for a resume before the client can know.
    pub(super) async fn finish(mut self, ended: Ended) {
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
            Ended::ByServer(End::Drop) => {
                self.note_closed(Side::Server, None, "");
                let _ = timeout(CLOSE_PATIENCE, self.hang_up()).await;
            }
            Ended::ByServer(End::Reset) => {
                self.note_closed(Side::Server, None, "");
                self.fuse.blow();
            }
            Ended::ByServer(End::Silence) => self.stay_silent().await,
        }
    }

    /// FIN, then nothing more; what is still unread would turn it into a reset.
    async fn hang_up(self) {
        let mut io = self.socket.into_inner();
        if io.shutdown().await.is_ok() {
            swallow(&mut io).await;
        }
    }

    async fn say_goodbye(&mut self, frame: CloseFrame) {
        if self.socket.close(Some(frame)).await.is_ok() {
            while let Some(Ok(_)) = self.socket.next().await {}
        }
    }

    /// Reads nothing but raw bytes until the client gives up; not even a ping is answered.
    async fn stay_silent(self) {
        let Self {
            hub,
            number,
            socket,
            ..
        } = self;
        let bytes = swallow(&mut socket.into_inner()).await;
        hub.journal.push(Some(number), Record::Swallowed { bytes });
        let record = Record::SocketClosed {
            by: Side::Client,
            code: None,
            reason: String::new(),
        };
        hub.journal.push(Some(number), record);
    }

    fn note_closed(&self, by: Side, code: Option<u16>, reason: &str) {
        let record = Record::SocketClosed {
            by,
            code,
            reason: reason.to_owned(),
        };
        self.note(record);
    }
}

/// Reads to the end; returns how much that was.
pub(super) async fn swallow(io: &mut TokioIo<Upgraded>) -> u64 {
    let mut buffer = [0; 4096];
    let mut swallowed = 0;
    while let Ok(count @ 1..) = io.read(&mut buffer).await {
        swallowed += count as u64;
    }
    swallowed
}

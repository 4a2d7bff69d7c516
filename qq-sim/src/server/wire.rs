//! One TCP connection, in the clear or under TLS. Faults reach below HTTP and websocket
//! through its [`Fuse`].

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio_rustls::server::TlsStream;

/// A connection that can be made to end in a reset.
#[derive(Debug)]
pub(crate) struct Wire {
    stream: Stream,
    fuse: Fuse,
}

#[derive(Debug)]
enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// Ends a connection with RST in place of FIN.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fuse(Arc<Blown>);

#[derive(Debug, Default)]
struct Blown {
    is_blown: AtomicBool,
    bell: Notify,
}

impl Fuse {
    /// Lets the connection end in a reset, and wakes who waits for that.
    pub(crate) fn blow(&self) {
        self.0.is_blown.store(true, Ordering::Release);
        self.0.bell.notify_one();
    }

    /// Returns once it is blown.
    pub(crate) async fn blown(&self) {
        self.0.bell.notified().await;
    }
}

impl Wire {
    pub(crate) const fn plain(stream: TcpStream, fuse: Fuse) -> Self {
        let stream = Stream::Plain(stream);
        Self { stream, fuse }
    }

    pub(crate) fn tls(stream: TlsStream<TcpStream>, fuse: Fuse) -> Self {
        let stream = Stream::Tls(Box::new(stream));
        Self { stream, fuse }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        if self.fuse.0.is_blown.load(Ordering::Acquire) {
            let tcp = match &self.stream {
                Stream::Plain(tcp) => tcp,
                Stream::Tls(tls) => tls.get_ref().0,
            };
            // Without it the end is a FIN, which is still an end.
            let _ = tcp.set_zero_linger();
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(tcp) => Pin::new(tcp).poll_read(cx, buf),
            Stream::Tls(tls) => Pin::new(tls).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.stream {
            Stream::Plain(tcp) => Pin::new(tcp).poll_write(cx, bytes),
            Stream::Tls(tls) => Pin::new(tls).poll_write(cx, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(tcp) => Pin::new(tcp).poll_flush(cx),
            Stream::Tls(tls) => Pin::new(tls).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(tcp) => Pin::new(tcp).poll_shutdown(cx),
            Stream::Tls(tls) => Pin::new(tls).poll_shutdown(cx),
        }
    }
}

//! One websocket: dialled at a checked address, pumped by its own task, alive
//! for as long as the host wants it, whatever happens to the channel.
//!
//! While the channel's data lane is full the task does not read, and goes on
//! writing: heartbeats leave on time under any load.

use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderValue};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Error as WsError;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use super::Net;
use super::body::upgrade_headers;
use super::pump::{Behind, Io, Pump, SocketEvent, SocketWhat, Stream, Write, closed_by_us};
use crate::contract::{Failure, FailureKind, OpenSocket};
use crate::limits;
use crate::policy::Target;
use crate::secrets::Vault;

/// The channel's end of a socket. Dropping it closes the connection.
pub(crate) struct SocketHandle {
    writes: mpsc::Sender<Write>,
    target: Target,
    life: u64,
    behind: Behind,
}

impl SocketHandle {
    /// Tells it from other holders of its number.
    pub(crate) fn life(&self) -> u64 {
        self.life
    }

    /// Is there something of it to read that is not in the lane yet?
    pub(crate) fn is_behind(&self) -> bool {
        self.behind.is_so()
    }

    /// Where it goes, for the secrets of its frames.
    pub(crate) fn target(&self) -> &Target {
        &self.target
    }

    /// Queues a text frame; false when the peer does not read.
    pub(crate) fn send_text(&self, text: String) -> bool {
        self.writes.try_send(Write::Text(text)).is_ok()
    }

    /// Queues a binary frame; false when the peer does not read.
    pub(crate) fn send_binary(&self, data: Vec<u8>) -> bool {
        self.writes.try_send(Write::Binary(data)).is_ok()
    }

    /// Asks for a close; a `Closed` event follows.
    pub(crate) fn close(&self, code: u16, reason: String) -> bool {
        self.writes.try_send(Write::Close { code, reason }).is_ok()
    }
}

/// A socket that passed the policy, with its upgrade request ready.
pub(crate) struct SocketSpec {
    id: u64,
    target: Target,
    headers: HeaderMap,
    timeout: Duration,
}

impl SocketSpec {
    /// Checks everything about `open` that can be checked before dialling.
    pub(crate) fn new(open: &OpenSocket, target: Target, vault: &Vault) -> Result<Self, Failure> {
        let mut headers = upgrade_headers(&open.headers, &open.secrets, &target, vault)?;
        if !open.subprotocols.is_empty() {
            let value = HeaderValue::from_str(&open.subprotocols.join(", "))
                .map_err(|_bad| Failure::new(FailureKind::Invalid, "not a list of subprotocols"))?;
            headers.insert("sec-websocket-protocol", value);
        }
        let timeout =
            Duration::from_millis(open.connect_timeout_ms.into()).min(limits::NET_TIMEOUT);
        Ok(Self {
            id: open.id,
            target,
            headers,
            timeout,
        })
    }
}

/// Starts the socket's task. Its events go to `events`, `Closed` last.
pub(crate) fn open(
    net: &Net,
    spec: SocketSpec,
    life: u64,
    events: mpsc::Sender<SocketEvent>,
) -> SocketHandle {
    let (writes, queue) = mpsc::channel(limits::WRITES);
    let behind = Behind::default();
    let handle = SocketHandle {
        writes,
        target: spec.target.clone(),
        life,
        behind: behind.clone(),
    };
    tokio::spawn(run(net.clone(), spec, (life, behind), events, queue));
    handle
}

async fn run(
    net: Net,
    spec: SocketSpec,
    (life, behind): (u64, Behind),
    events: mpsc::Sender<SocketEvent>,
    mut queue: mpsc::Receiver<Write>,
) {
    let id = spec.id;
    let closed = tokio::select! {
        opened = connect(&net, spec) => match opened {
            Ok((stream, subprotocol)) => {
                let opened = SocketEvent { id, life, what: SocketWhat::Opened { subprotocol }, room: None };
                if events.send(opened).await.is_err() {
                    return;
                }
                Pump { id, life, stream, events: &events, queue, behind }.run().await
            }
            Err(failure) => {
                tracing::debug!(why = %failure.message, "a websocket did not open");
                Some(SocketWhat::Closed {
                code: None,
                reason: String::new(),
                failure: Some(failure),
            })}
        },
        _close = queue.recv() => Some(closed_by_us("closed before it opened")),
    };
    if let Some(what) = closed {
        // The channel may be gone; then nobody waits for this.
        let _gone = events
            .send(SocketEvent {
                id,
                life,
                what,
                room: None,
            })
            .await;
    }
}

async fn connect(net: &Net, spec: SocketSpec) -> Result<(Stream, Option<String>), Failure> {
    let timeout = spec.timeout;
    tokio::time::timeout(timeout, dial(net, spec))
        .await
        .unwrap_or_else(|_elapsed| {
            let ms = timeout.as_millis();
            Err(Failure::new(
                FailureKind::TimedOut,
                format!("no websocket within {ms} ms"),
            ))
        })
}

async fn dial(net: &Net, spec: SocketSpec) -> Result<(Stream, Option<String>), Failure> {
    let url = spec.target.url();
    let host = url.host_str().unwrap_or_default().to_owned();
    let port = url.port_or_known_default().unwrap_or(443);
    let tcp = dial_tcp(net, &host, port).await?;
    let io: Box<dyn Io> = if url.scheme() == "wss" {
        Box::new(tls(net, &host, tcp).await?)
    } else {
        Box::new(tcp)
    };
    let mut request = url
        .as_str()
        .into_client_request()
        .map_err(|cause| Failure::new(FailureKind::Invalid, format!("upgrade request: {cause}")))?;
    request.headers_mut().extend(spec.headers);
    let (stream, response) =
        tokio_tungstenite::client_async_with_config(request, io, Some(config()))
            .await
            .map_err(upgrade_failure)?;
    let subprotocol = response.headers().get("sec-websocket-protocol");
    let subprotocol = subprotocol
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    Ok((stream, subprotocol))
}

async fn dial_tcp(net: &Net, host: &str, port: u16) -> Result<TcpStream, Failure> {
    let mut last = None;
    for address in net.resolver.lookup(host, port).await? {
        match TcpStream::connect(address).await {
            Ok(tcp) => {
                // A heartbeat must not wait for another frame to share a packet.
                let _best_effort = tcp.set_nodelay(true);
                return Ok(tcp);
            }
            Err(cause) => last = Some(cause),
        }
    }
    let cause = last.map_or_else(String::new, |cause| cause.to_string());
    Err(Failure::new(
        FailureKind::Unreachable,
        format!("cannot connect to {host}:{port}: {cause}"),
    )
    .with_remedy("check the network, a firewall, and that the host is right"))
}

async fn tls(
    net: &Net,
    host: &str,
    tcp: TcpStream,
) -> Result<tokio_rustls::client::TlsStream<TcpStream>, Failure> {
    let name = rustls::pki_types::ServerName::try_from(host.to_owned()).map_err(|_bad| {
        Failure::new(FailureKind::Invalid, format!("{host} is not a server name"))
    })?;
    let connector = tokio_rustls::TlsConnector::from(net.tls.clone());
    connector.connect(name, tcp).await.map_err(|cause| {
        Failure::new(FailureKind::Tls, format!("TLS with {host}: {cause}")).with_remedy(
            "check this machine's clock and certificate store, and who answers at that host",
        )
    })
}

fn config() -> WebSocketConfig {
    // Frames of this protocol are a few hundred bytes; small buffers keep an
    // idle channel small.
    WebSocketConfig::default()
        .read_buffer_size(8 * 1024)
        .write_buffer_size(0)
        .max_write_buffer_size(limits::FRAME_BYTES * 2)
        .max_message_size(Some(limits::SKIPPED_FRAME_BYTES))
        .max_frame_size(Some(limits::SKIPPED_FRAME_BYTES))
}

fn upgrade_failure(cause: WsError) -> Failure {
    match cause {
        WsError::Http(response) => Failure::new(
            FailureKind::Protocol,
            format!(
                "the host answered the upgrade with HTTP {}",
                response.status().as_u16()
            ),
        ),
        other => Failure::new(FailureKind::Protocol, format!("websocket upgrade: {other}")),
    }
}

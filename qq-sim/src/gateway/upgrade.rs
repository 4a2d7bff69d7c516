//! From HTTP to websocket, by hand: the bytes below the frames stay in reach of faults.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, UPGRADE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use hyper_util::rt::TokioIo;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use super::connection;
use crate::faults::Fault;
use crate::journal::record::{Authorization, Record};
use crate::server::ConnectionNumber;
use crate::server::hub::Hub;
use crate::server::wire::Fuse;

/// Clients send heartbeats and handshakes; anything near this size is a mistake.
const MAX_FRAME_BYTES: usize = 1 << 20;

/// `GET /websocket/`.
pub(crate) async fn upgrade(
    State(hub): State<Arc<Hub>>,
    Extension(ConnectionNumber(number)): Extension<ConnectionNumber>,
    Extension(fuse): Extension<Fuse>,
    mut request: Request,
) -> Response {
    let refuse = |status: StatusCode| {
        let record = Record::Http {
            method: request.method().to_string(),
            path: request.uri().path().to_owned(),
            authorization: Authorization::Missing,
            status: Some(status.as_u16()),
        };
        hub.journal.push(Some(number), record);
        status.into_response()
    };
    let refused = |fault: &Fault| matches!(fault, Fault::RefuseUpgrade(_));
    if let Some(Fault::RefuseUpgrade(status)) = hub.with(|world| world.take_fault(number, refused))
    {
        return refuse(StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY));
    }
    let Some(accept) = accept_key(request.headers()) else {
        return refuse(StatusCode::UPGRADE_REQUIRED);
    };
    let upgrading = hyper::upgrade::on(&mut request);
    let owner = Arc::clone(&hub);
    hub.spawn(async move {
        // The only error is a client that left before the 101 reached it.
        if let Ok(upgraded) = upgrading.await {
            let config = WebSocketConfig::default()
                .max_message_size(Some(MAX_FRAME_BYTES))
                .max_frame_size(Some(MAX_FRAME_BYTES));
            let io = TokioIo::new(upgraded);
            let socket = WebSocketStream::from_raw_socket(io, Role::Server, Some(config)).await;
            connection::run(owner, number, socket, fuse).await;
        }
    });
    let headers = [
        (CONNECTION, "Upgrade"),
        (UPGRADE, "websocket"),
        (SEC_WEBSOCKET_ACCEPT, accept.as_str()),
    ];
    (StatusCode::SWITCHING_PROTOCOLS, headers, Body::empty()).into_response()
}

fn accept_key(headers: &HeaderMap) -> Option<String> {
    let wants = headers.get(UPGRADE)?.to_str().ok()?;
    let key = headers.get(SEC_WEBSOCKET_KEY)?;
    wants
        .eq_ignore_ascii_case("websocket")
        .then(|| derive_accept_key(key.as_bytes()))
}

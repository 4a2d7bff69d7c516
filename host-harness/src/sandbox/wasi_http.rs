//! `wasi:http/outgoing-handler` behind the host's own policy and client.
//!
//! A request made this way runs inside one call and is bounded by that call's
//! budget. It can carry no secret: those are inserted into actions only.

use std::future::Future;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use wasmtime_wasi_http::{
    Error as HttpError, RequestOptions, Result as HttpResult, WasiBody, WasiHttpHooks,
};

use crate::contract::FailureKind;
use crate::limits;
use crate::net::{HttpClient, PlainRequest};
use crate::policy::{SharedPolicy, Target};

/// The way out for a guest that imports `wasi:http`: the same policy and the
/// same client as the `send-http` action.
#[derive(Clone)]
pub(crate) struct HttpGate {
    pub(crate) policy: SharedPolicy,
    pub(crate) client: HttpClient,
}

pub(super) struct Hooks {
    gate: HttpGate,
}

impl Hooks {
    pub(super) fn new(gate: HttpGate) -> Self {
        Self { gate }
    }
}

type Io = Box<dyn Future<Output = Result<(), HttpError>> + Send>;
type Sent = Box<dyn Future<Output = HttpResult<(http::Response<WasiBody>, Io)>> + Send>;

impl WasiHttpHooks for Hooks {
    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        _response_error: Io,
    ) -> Sent {
        let gate = self.gate.clone();
        Box::new(async move {
            let response = send(gate, request, options).await?;
            Ok((response, Box::new(async { Ok(()) }) as Io))
        })
    }
}

async fn send(
    gate: HttpGate,
    request: http::Request<WasiBody>,
    options: Option<RequestOptions>,
) -> HttpResult<http::Response<WasiBody>> {
    let (parts, body) = request.into_parts();
    let target: Target = gate
        .policy
        .now()
        .check_open(&parts.uri.to_string(), parts.method.as_str())
        .map_err(|denied| {
            tracing::warn!(reason = %denied.message, "wasi:http request denied");
            HttpError::HttpRequestDenied
        })?;
    let body = Limited::new(body, limits::ACTION_BYTES)
        .collect()
        .await
        .map_err(|_too_long| HttpError::HttpRequestBodySize(None))?
        .to_bytes();
    let plain = PlainRequest {
        target,
        method: parts.method,
        headers: parts.headers,
        body,
        timeout: timeout(options),
    };
    let response = gate
        .client
        .fetch(plain)
        .await
        .map_err(|failure| convert(failure.kind))?;
    into_http(response.status, response.headers, response.body)
}

fn timeout(options: Option<RequestOptions>) -> Duration {
    options
        .and_then(|options| options.first_byte_timeout)
        .unwrap_or(limits::NET_TIMEOUT)
        .min(limits::NET_TIMEOUT)
}

fn into_http(
    status: u16,
    headers: http::HeaderMap,
    body: Bytes,
) -> HttpResult<http::Response<WasiBody>> {
    let body = Full::new(body)
        .map_err(|never| match never {})
        .boxed_unsync();
    let mut response = http::Response::new(body);
    *response.status_mut() =
        http::StatusCode::from_u16(status).map_err(|_bad| HttpError::HttpProtocolError)?;
    *response.headers_mut() = headers;
    Ok(response)
}

fn convert(kind: FailureKind) -> HttpError {
    match kind {
        FailureKind::Denied => HttpError::HttpRequestDenied,
        FailureKind::Unresolved => HttpError::DestinationNotFound,
        FailureKind::Tls => HttpError::TlsProtocolError,
        FailureKind::TimedOut => HttpError::ConnectionTimeout,
        FailureKind::TooLarge => HttpError::HttpResponseBodySize(None),
        _ => HttpError::DestinationUnavailable,
    }
}

//! Stands in front of every platform endpoint: carries out HTTP faults, numbers the
//! answers with trace ids, and writes the journal.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::response::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use serde_json::Value;

use super::answer::{self, Audited, Scripted};
use super::in_flight::InFlight;
use crate::faults::{Endpoint, Fault, HttpAnswer};
use crate::journal::record::{Authorization, Record};
use crate::rules::refusal::Refusal;
use crate::server::ConnectionNumber;
use crate::server::hub::Hub;
use crate::server::wire::Fuse;

/// Our answers are a few hundred bytes.
const MAX_ANSWER_BYTES: usize = 1 << 20;

/// A request line and what came with it.
struct Line {
    method: String,
    path: String,
    endpoint: Option<Endpoint>,
    authorization: Authorization,
}

pub(crate) async fn supervise(
    State(hub): State<Arc<Hub>>,
    Extension(ConnectionNumber(number)): Extension<ConnectionNumber>,
    Extension(fuse): Extension<Fuse>,
    mut request: Request,
    next: Next,
) -> Response {
    let line = read_line(&hub, &request);
    let endpoint = line.endpoint;
    let _in_flight = InFlight::of(&hub, number, endpoint, request.uri().path());
    let trace = hub.with(|world| world.ids.trace());
    let unanswered = Unanswered {
        hub: Arc::clone(&hub),
        number,
        line: Some(line),
    };
    let fault = prepare(&hub, number, endpoint, &mut request).await;
    match fault {
        Some(Fault::HangHttp { .. }) => {
            drop(unanswered);
            return std::future::pending().await;
        }
        Some(Fault::ResetHttp { carried_out, .. }) => {
            if carried_out {
                next.run(request).await;
            }
            drop(unanswered);
            fuse.blow();
            return std::future::pending().await;
        }
        _ => {}
    }
    let response = if is_too_large(&hub, endpoint, &request) {
        drain(request).await
    } else {
        respond(fault.as_ref(), request, next).await
    };
    let response = answer::finish(response, &trace);
    unanswered.answered(response.status());
    match fault {
        Some(Fault::TruncateHttp { .. }) => truncate(response).await,
        Some(Fault::DelayHttpBody { ms, .. }) => late(response, ms).await,
        Some(Fault::DripHttp { ms, .. }) => dripping(response, ms).await,
        _ => response,
    }
}

/// A request on its way. It is written down without a status if it ends like this: the
/// client left, or a fault withholds the answer.
struct Unanswered {
    hub: Arc<Hub>,
    number: u64,
    line: Option<Line>,
}

impl Unanswered {
    fn answered(mut self, status: StatusCode) {
        self.note(Some(status.as_u16()));
    }

    fn note(&mut self, status: Option<u16>) {
        if let Some(line) = self.line.take() {
            note(&self.hub, self.number, line, status);
        }
    }
}

impl Drop for Unanswered {
    fn drop(&mut self) {
        self.note(None);
    }
}

fn read_line(hub: &Hub, request: &Request) -> Line {
    let path = request
        .uri()
        .path_and_query()
        .map_or("/", |path| path.as_str());
    Line {
        method: request.method().to_string(),
        path: path.to_owned(),
        endpoint: Endpoint::of(request.method().as_str(), request.uri().path()),
        authorization: hub.with(|world| world.judge(header(request))),
    }
}

fn header(request: &Request) -> Option<&str> {
    answer::header(request.headers(), "authorization")
}

/// Whether the edge refuses the body. The store for parts is not behind it.
fn is_too_large(hub: &Hub, endpoint: Option<Endpoint>, request: &Request) -> bool {
    let length = answer::header(request.headers(), CONTENT_LENGTH.as_str());
    let length = length.and_then(|length| length.parse::<u64>().ok());
    let most = hub.with(|world| world.config.rules.max_body_bytes);
    endpoint != Some(Endpoint::UploadPart) && length.is_some_and(|length| length > most)
}

/// Reads a body to its end: a client in the middle of it would not see the answer.
async fn drain(request: Request) -> Response {
    let mut body = request.into_body().into_data_stream();
    while let Some(Ok(_)) = body.next().await {}
    answer::html_response(StatusCode::PAYLOAD_TOO_LARGE)
}

/// The fault that decides the answer, if there is one, after the request was told of it.
async fn prepare(
    hub: &Hub,
    number: u64,
    endpoint: Option<Endpoint>,
    request: &mut Request,
) -> Option<Fault> {
    let fault = await_fault(hub, number, endpoint, request.uri().path()).await;
    if fault.as_ref().is_some_and(Fault::withholds) {
        lose(hub, endpoint, request.uri().path());
    }
    let limit = hub.with(|world| world.spend_call(endpoint, header(request)));
    pass_on(fault.as_ref(), limit, request);
    fault
}

/// A frame of a stream that is withheld has an index all the same.
fn lose(hub: &Hub, endpoint: Option<Endpoint>, path: &str) {
    if let (Some(Endpoint::Stream), Some(user)) = (endpoint, Endpoint::peer_of(path)) {
        hub.with(|world| world.lose_frame(user));
    }
}

/// Tells the endpoint what a fault or a limit wants it to answer.
fn pass_on(fault: Option<&Fault>, limit: Result<(), Refusal>, request: &mut Request) {
    let scripted = match fault {
        Some(Fault::RefuseNext(refusal)) if !refusal.carried_out => Err(Refusal::from(refusal)),
        _ => limit,
    };
    let extensions = request.extensions_mut();
    if let Err(refusal) = scripted {
        extensions.insert(Scripted(refusal));
    }
    if let Some(Fault::AuditNextMessage(held)) = fault {
        extensions.insert(Audited(status_of(held.status)));
    }
}

/// Sits delays out, then returns the fault that decides the answer, if there is one.
async fn await_fault(
    hub: &Hub,
    number: u64,
    endpoint: Option<Endpoint>,
    path: &str,
) -> Option<Fault> {
    let peer = Endpoint::peer_of(path);
    loop {
        let fits = |fault: &Fault| fault.is_for_http(endpoint, peer);
        let fault = hub.with(|world| world.take_fault(number, fits))?;
        let Fault::NextHttpDelay { ms, .. } = fault else {
            return Some(fault);
        };
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
}

async fn respond(fault: Option<&Fault>, request: Request, next: Next) -> Response {
    match fault {
        Some(Fault::NextHttp(canned)) => serve_canned(canned),
        Some(Fault::HtmlBody { status, .. }) => answer::html_response(status_of(*status)),
        Some(Fault::EmptyHttp { .. }) => StatusCode::OK.into_response(),
        Some(Fault::RefuseNext(refusal)) if refusal.carried_out => {
            next.run(request).await;
            Refusal::from(refusal).into_response()
        }
        Some(Fault::LoseHttpAnswer { .. }) => {
            next.run(request).await;
            answer::html_response(StatusCode::GATEWAY_TIMEOUT)
        }
        _ => next.run(request).await,
    }
}

fn serve_canned(canned: &HttpAnswer) -> Response {
    let body = match &canned.body {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        json => json.to_string(),
    };
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for (name, value) in &canned.headers {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
            headers.insert(name, value);
        }
    }
    (status_of(canned.status), headers, body).into_response()
}

fn status_of(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// The head with the true length in it, and the body.
async fn taken_apart(response: Response) -> (Parts, Bytes) {
    let (mut head, body) = response.into_parts();
    let bytes = to_bytes(body, MAX_ANSWER_BYTES).await.unwrap_or_default();
    head.headers
        .insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    (head, bytes)
}

/// Sends the body piece by piece, a pause before each.
fn paused(head: Parts, pieces: Vec<Bytes>, ms: u64) -> Response {
    let pause = Duration::from_millis(ms);
    let pieces = stream::iter(pieces).then(move |piece| async move {
        tokio::time::sleep(pause).await;
        Ok::<_, Infallible>(piece)
    });
    Response::from_parts(head, Body::from_stream(pieces))
}

async fn late(response: Response, ms: u64) -> Response {
    let (head, bytes) = taken_apart(response).await;
    paused(head, vec![bytes], ms)
}

async fn dripping(response: Response, ms: u64) -> Response {
    let (head, bytes) = taken_apart(response).await;
    let pieces = bytes.chunks(1).map(|byte| bytes.slice_ref(byte)).collect();
    paused(head, pieces, ms)
}

/// Announces the whole length, sends half, breaks the connection.
async fn truncate(response: Response) -> Response {
    let (head, bytes) = taken_apart(response).await;
    let half = bytes.slice(..bytes.len() / 2);
    let broken = std::io::Error::other("scripted truncation");
    let body = Body::from_stream(stream::iter([Ok(half), Err(broken)]));
    Response::from_parts(head, body)
}

fn note(hub: &Hub, number: u64, line: Line, status: Option<u16>) {
    let Line {
        method,
        path,
        authorization,
        ..
    } = line;
    let shown = hub.journal.redacted(Value::from(path));
    let path = shown.as_str().unwrap_or_default().to_owned();
    hub.journal.push(
        Some(number),
        Record::Http {
            method,
            path,
            authorization,
            status,
        },
    );
}

//! A channel that speaks HTTP by itself, through `wasi:http`: it fetches the
//! URL it is sent and completes with status and body.
#![cfg(target_family = "wasm")]

use bindings::exports::prx::channel::channel::{Context, Descriptor, Feature, Guest, Problem};
use bindings::prx::channel::types::{
    Action, ChannelState, Complete, Delivery, Envelope, Event, Failure, FailureKind, Receipt,
    Request, Status,
};
use wasip2::http::outgoing_handler;
use wasip2::http::types::{Fields, IncomingBody, OutgoingRequest, Scheme};

#[allow(missing_docs, unsafe_code, clippy::all, reason = "generated from wit/")]
mod bindings {
    wit_bindgen::generate!({ path: "../../../wit", world: "channel-plugin" });
    use super::HttpGuest;
    export!(HttpGuest);
}

struct HttpGuest;

impl Guest for HttpGuest {
    fn describe() -> Descriptor {
        Descriptor {
            name: "http-guest".into(),
            version: "0.1.0".into(),
            contract: 2,
            features: vec![Feature::Send],
            liveness_ms: 0,
            config_schema: "{}".into(),
            state_versions: vec![1],
        }
    }

    fn validate(_config: String) -> Vec<Problem> {
        Vec::new()
    }

    fn start(_context: Context) -> Result<Vec<Action>, String> {
        Ok(vec![Action::Status(Status {
            state: ChannelState::Ready,
            detail: String::new(),
        })])
    }

    fn handle(envelope: Envelope) -> Vec<Action> {
        let Event::Command(command) = envelope.event else {
            return Vec::new();
        };
        let outcome = match command.request {
            Request::Send(message) => get(&message.text).map_err(failed),
            _ => Ok(Vec::new()),
        };
        let receipt = |message_ids| Receipt {
            message_ids,
            how: Delivery::Nothing,
        };
        vec![Action::Complete(Complete {
            command: command.id,
            outcome: outcome.map(receipt),
        })]
    }
}

/// `http://host:port/path` → status and body.
fn get(url: &str) -> Result<Vec<String>, String> {
    let (scheme, rest) = url.split_once("://").ok_or("not a URL")?;
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let scheme = if scheme == "https" {
        Scheme::Https
    } else {
        Scheme::Http
    };
    let request = OutgoingRequest::new(Fields::new());
    let set = request.set_scheme(Some(&scheme)).is_ok()
        && request.set_authority(Some(authority)).is_ok()
        && request.set_path_with_query(Some(path)).is_ok();
    if !set {
        return Err("not a URL".into());
    }
    let future = outgoing_handler::handle(request, None).map_err(|code| format!("{code:?}"))?;
    future.subscribe().block();
    let answered = future
        .get()
        .ok_or("no answer")?
        .map_err(|()| "taken twice")?;
    let response = answered.map_err(|code| format!("{code:?}"))?;
    let body = response.consume().map_err(|()| "no body")?;
    Ok(vec![response.status().to_string(), read(&body)])
}

fn read(body: &IncomingBody) -> String {
    let mut bytes = Vec::new();
    if let Ok(stream) = body.stream() {
        while let Ok(chunk) = stream.blocking_read(64 * 1024) {
            bytes.extend(chunk);
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn failed(message: String) -> Failure {
    Failure {
        kind: FailureKind::Unreachable,
        code: None,
        message,
        trace_id: None,
        retry_after_ms: None,
        remedy: None,
    }
}

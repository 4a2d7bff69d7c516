//! A channel that misbehaves on command: what to do is the text it is sent.
//! Each way to go wrong has a test in `tests/e2e`.
#![cfg(target_family = "wasm")]

use std::cell::{Cell, RefCell};

use bindings::exports::prx::channel::channel::{Context, Descriptor, Feature, Guest, Problem};
use bindings::prx::channel::types::{
    Action, Body, ChannelState, Command, Complete, Delivery, Envelope, Event, Failure, FailureKind,
    HttpFailed, HttpResponse, Level, NamedValue, Note, OpenSocket, Put, Receipt, Request,
    SecretPlace, SecretUse, SendHttp, SetTimer, Status,
};

#[allow(missing_docs, unsafe_code, clippy::all, reason = "generated from wit/")]
mod bindings {
    wit_bindgen::generate!({ path: "../../../wit", world: "channel-plugin" });
    use super::Hostile;
    export!(Hostile);
}

struct Hostile;

thread_local! {
    static FRAGILE: Cell<bool> = const { Cell::new(false) };
    static SPINS_AT_THE_END: Cell<bool> = const { Cell::new(false) };
    /// Asked for for ever, whatever became of it before.
    static AGAIN: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// The request that is sent again and again; no command has this number.
const ENDLESS: u64 = 1;

impl Guest for Hostile {
    fn describe() -> Descriptor {
        Descriptor {
            name: "hostile".into(),
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

    fn start(context: Context) -> Result<Vec<Action>, String> {
        if context.config.contains("\"start\":\"trap\"") {
            panic!("asked to trap in start");
        }
        if context.config.contains("\"start\":\"refuse\"") {
            return Err("asked to refuse".into());
        }
        FRAGILE.set(context.config.contains("\"fragile\":true"));
        SPINS_AT_THE_END.set(context.config.contains("\"drain\":\"spin\""));
        let circle = context.config.contains("\"start\":\"circle\"");
        let detail = format!(
            "adopted {}, state {}",
            context.adopted.len(),
            context.state.len()
        );
        let ready = Action::Status(Status {
            state: ChannelState::Ready,
            detail,
        });
        Ok([ready]
            .into_iter()
            .chain(circle.then(|| timer(0)))
            .collect())
    }

    fn handle(envelope: Envelope) -> Vec<Action> {
        match envelope.event {
            Event::Command(command) => obey(command, envelope.redelivered),
            // A request carries its command's number.
            Event::HttpResponse(HttpResponse { id: ENDLESS, .. })
            | Event::HttpFailed(HttpFailed { id: ENDLESS, .. }) => again(),
            Event::HttpFailed(failed) => vec![failed_with(failed)],
            Event::HttpResponse(response) => vec![answered(response)],
            Event::SocketClosed(closed) => vec![complete(
                closed.id,
                Err(closed.failure.unwrap_or_else(none)),
            )],
            // Nobody sets one but for a circle.
            Event::Timer(id) => vec![timer(id)],
            Event::Drain(_) if SPINS_AT_THE_END.get() => spin(),
            _ => Vec::new(),
        }
    }
}

fn timer(id: u64) -> Action {
    Action::SetTimer(SetTimer { id, after_ms: 0 })
}

fn again() -> Vec<Action> {
    let url = AGAIN.with_borrow(Clone::clone);
    url.map(|url| fetch(ENDLESS, &url, vec![]))
        .into_iter()
        .collect()
}

fn obey(command: Command, redelivered: bool) -> Vec<Action> {
    let id = command.id;
    if FRAGILE.get() {
        panic!("configured to trap over every command");
    }
    let Request::Send(message) = command.request else {
        return vec![complete(id, Ok(Vec::new()))];
    };
    let ok = |text: &str| vec![complete(id, Ok(vec![text.to_owned()]))];
    let (what, argument) = message.text.split_once(' ').unwrap_or((&message.text, ""));
    match what {
        "trap" if redelivered => ok("redelivered"),
        "trap" | "poison" => panic!("asked to trap"),
        "spin" if redelivered => ok("redelivered"),
        "spin" => spin(),
        "grow" if redelivered => ok("redelivered"),
        "grow" => ok(&vec![1_u8; 512 * 1024 * 1024].len().to_string()),
        "flood" if redelivered => ok("redelivered"),
        "flood" => vec![Action::CancelTimer(1); 5_000],
        "hoard" if redelivered => ok("redelivered"),
        "hoard" => (0..12).map(|n| put(&format!("h{n}"), 900 * 1024)).collect(),
        "silent" => Vec::new(),
        "forge" => [forged(), complete(id, Ok(vec![]))].into(),
        "fetch" => vec![fetch(id, argument, vec![])],
        "keep" => vec![kept(id, argument)],
        "fetch-not" => vec![fetch(id, argument, vec![]), Action::CancelHttp(id)],
        "number" => ok(&id.to_string()),
        "call-off" => match argument.parse() {
            Ok(request) => vec![Action::CancelHttp(request), complete(id, Ok(vec![]))],
            Err(_) => ok("no number"),
        },
        "steal" => vec![fetch(
            id,
            argument,
            vec![secret(
                "planted_secret",
                SecretPlace::Header("x-stolen".into()),
            )],
        )],
        "dial" => vec![dial(id, argument)],
        "circle" => vec![timer(0), complete(id, Ok(vec![]))],
        "circles" => (0..1_000)
            .map(timer)
            .chain([complete(id, Ok(vec![]))])
            .collect(),
        "endless" => {
            AGAIN.set(Some(argument.to_owned()));
            again()
                .into_iter()
                .chain([complete(id, Ok(vec![]))])
                .collect()
        }
        "remember" => vec![put(argument, 8), complete(id, Ok(vec![]))],
        _ => ok("ok"),
    }
}

fn spin() -> ! {
    loop {
        std::hint::black_box(0);
    }
}

fn put(key: &str, size: usize) -> Action {
    Action::Put(Put {
        key: key.into(),
        value: vec![7; size],
    })
}

fn forged() -> Action {
    let field = NamedValue {
        name: "field".into(),
        value: "a\nERROR forged field".into(),
    };
    Action::Note(Note {
        level: Level::Info,
        message: "one\nERROR forged line".into(),
        fields: vec![field],
    })
}

fn secret(name: &str, place: SecretPlace) -> SecretUse {
    SecretUse {
        secret: name.into(),
        place,
        prefix: String::new(),
    }
}

fn fetch(id: u64, url: &str, secrets: Vec<SecretUse>) -> Action {
    Action::SendHttp(SendHttp {
        id,
        method: "GET".into(),
        url: url.into(),
        headers: vec![],
        body: Body::Empty,
        timeout_ms: 2_000,
        secrets,
        into_blob: false,
    })
}

/// The answer is to go into a blob.
fn kept(id: u64, url: &str) -> Action {
    match fetch(id, url, vec![]) {
        Action::SendHttp(send) => Action::SendHttp(SendHttp {
            into_blob: true,
            ..send
        }),
        other => other,
    }
}

fn dial(id: u64, url: &str) -> Action {
    Action::OpenSocket(OpenSocket {
        id,
        url: url.into(),
        headers: vec![],
        subprotocols: vec![],
        connect_timeout_ms: 2_000,
        secrets: vec![],
    })
}

/// The flag stands where there is room for it.
fn failed_with(failed: HttpFailed) -> Action {
    let mut failure = failed.failure;
    failure.trace_id = Some(format!("may have arrived: {}", failed.may_have_arrived));
    complete(failed.id, Err(failure))
}

fn answered(response: HttpResponse) -> Action {
    let body = String::from_utf8_lossy(&response.body).into_owned();
    complete(response.id, Ok(vec![response.status.to_string(), body]))
}

fn complete(command: u64, outcome: Result<Vec<String>, Failure>) -> Action {
    let receipt = |message_ids| Receipt {
        message_ids,
        how: Delivery::Nothing,
    };
    Action::Complete(Complete {
        command,
        outcome: outcome.map(receipt),
    })
}

fn none() -> Failure {
    Failure {
        kind: FailureKind::Internal,
        code: None,
        message: "closed without a failure".into(),
        trace_id: None,
        retry_after_ms: None,
        remedy: None,
    }
}

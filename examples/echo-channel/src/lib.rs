//! The smallest channel plugin: a template.
//!
//! It connects to nothing. Every `interval_ms` it says `tick N` to the agent,
//! and whatever is sent to it comes back as a line in the host's log. Sending
//! `trap` makes it panic, to see what the host does then.
//!
//! Build it with `cargo build --release --target wasm32-wasip2`, put the
//! component beside a `plugin.toml`, and point the host at the folder above.
#![cfg(target_family = "wasm")]

use std::cell::Cell;

use bindings::exports::prx::channel::channel::{
    Context, Descriptor, Feature, Guest, Problem, Severity,
};
use bindings::prx::channel::types::{
    Action, ChannelState, ChatKind, Command, Complete, Delivery, Envelope, Event, Failure,
    FailureKind, InboundMessage, Level, Note, Put, Receipt, Request, SetTimer, Status,
};

#[allow(missing_docs, unsafe_code, clippy::all, reason = "generated from wit/")]
mod bindings {
    wit_bindgen::generate!({ path: "../../wit", world: "channel-plugin" });
    use super::Echo;
    export!(Echo);
}

struct Echo;

const TICK: u64 = 1;
const SCHEMA: &str = r#"{"properties":{"interval_ms":{"type":"integer","minimum":1}}}"#;

thread_local! {
    /// Milliseconds between two ticks, and how many there were.
    static STATE: Cell<(u64, u64)> = const { Cell::new((1_000, 0)) };
}

impl Guest for Echo {
    fn describe() -> Descriptor {
        Descriptor {
            name: "echo".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            contract: 2,
            features: vec![Feature::Send],
            liveness_ms: 0,
            config_schema: SCHEMA.into(),
            state_versions: vec![1],
        }
    }

    fn validate(config: String) -> Vec<Problem> {
        interval(&config).err().into_iter().collect()
    }

    fn start(context: Context) -> Result<Vec<Action>, String> {
        let interval = interval(&context.config).map_err(|problem| problem.message)?;
        let ticks = context.state.iter().find(|entry| entry.key == "ticks");
        let ticks = ticks.and_then(|entry| entry.value.as_slice().try_into().ok());
        STATE.set((interval, ticks.map_or(0, u64::from_le_bytes)));
        let ready = Status {
            state: ChannelState::Ready,
            detail: format!("every {interval} ms"),
        };
        Ok(vec![Action::Status(ready), tick_in(interval)])
    }

    fn handle(envelope: Envelope) -> Vec<Action> {
        match envelope.event {
            Event::Timer(_) => tick(envelope.wall_ms),
            Event::Command(command) => obey(command),
            _ => Vec::new(),
        }
    }
}

/// Says the next tick, and remembers how many there were.
fn tick(wall_ms: u64) -> Vec<Action> {
    let (interval, ticks) = STATE.get();
    let ticks = ticks + 1;
    STATE.set((interval, ticks));
    let message = InboundMessage {
        id: format!("tick-{ticks}"),
        sender: "clock".into(),
        sender_name: None,
        sender_is_bot: false,
        reply_target: "echo:log".into(),
        chat: ChatKind::Dm,
        chat_title: None,
        text: format!("tick {ticks}"),
        timestamp_ms: wall_ms,
        mentioned: true,
        thread: None,
        quote: None,
        attachments: Vec::new(),
        interruption_scope: None,
        button: None,
        notice: None,
    };
    let count = Put {
        key: "ticks".into(),
        value: ticks.to_le_bytes().into(),
    };
    vec![
        Action::Put(count),
        Action::Deliver(message),
        tick_in(interval),
    ]
}

fn obey(command: Command) -> Vec<Action> {
    let done = |outcome| {
        Action::Complete(Complete {
            command: command.id,
            outcome,
        })
    };
    match command.request {
        Request::Send(message) if message.text == "trap" => panic!("asked to trap"),
        Request::Send(message) => {
            let line = Note {
                level: Level::Info,
                message: message.text,
                fields: Vec::new(),
            };
            let receipt = Receipt {
                message_ids: vec![],
                how: Delivery::Proactive,
            };
            vec![Action::Note(line), done(Ok(receipt))]
        }
        Request::Typing(_)
        | Request::TypingStop(_)
        | Request::TurnEnded(_)
        | Request::Health
        | Request::Doctor => {
            vec![done(Ok(Receipt {
                message_ids: vec![],
                how: Delivery::Nothing,
            }))]
        }
        _ => vec![done(Err(unsupported()))],
    }
}

fn tick_in(interval: u64) -> Action {
    Action::SetTimer(SetTimer {
        id: TICK,
        after_ms: interval,
    })
}

fn unsupported() -> Failure {
    Failure {
        kind: FailureKind::Unsupported,
        code: None,
        message: "the echo channel only takes text".into(),
        trace_id: None,
        retry_after_ms: None,
        remedy: None,
    }
}

/// A configuration this small needs no JSON library; a real channel has serde.
fn interval(config: &str) -> Result<u64, Problem> {
    let Some((_, rest)) = config.split_once("\"interval_ms\":") else {
        return Ok(1_000);
    };
    let value = rest.split([',', '}']).next().unwrap_or_default().trim();
    value
        .parse()
        .ok()
        .filter(|ms| *ms > 0)
        .ok_or_else(|| Problem {
            field: "interval_ms".into(),
            severity: Severity::Error,
            message: format!("interval_ms = {value} is not a number of milliseconds"),
            remedy: "write a whole number, 1 or more".into(),
        })
}

//! Crossings of the sandbox as lines a person can read.

use std::io::IsTerminal;

use e2e::Rig;
use prx_channel_host::Crossing;
use prx_channel_host::contract::{Action, Event};
use serde_json::Value;

/// Which crossings to print.
pub(crate) enum Printed {
    All,
    From(usize),
}

pub(crate) fn heading(text: &str) {
    println!("\n{}", styled("1", text));
}

/// With an ANSI style on a terminal, as it is elsewhere.
fn styled(style: &str, text: &str) -> String {
    if std::io::stdout().is_terminal() {
        return format!("\x1b[{style}m{text}\x1b[0m");
    }
    text.to_owned()
}

/// The last word of a path-like name: `Delivery::Passive` → `Passive`.
fn word(name: impl std::fmt::Debug) -> String {
    let name = format!("{name:?}");
    let head = name.split(['(', ' ']).next().unwrap_or_default();
    head.rsplit("::").next().unwrap_or_default().to_lowercase()
}

pub(crate) fn line(text: &str) {
    println!("  {text}");
}

/// Prints what went in (⇢) and what was asked for (⇠).
pub(crate) fn crossings(rig: &Rig, printed: Printed) {
    let from = match printed {
        Printed::All => 0,
        Printed::From(from) => from,
    };
    for (_, crossing) in rig.crossings.all().into_iter().skip(from) {
        let (event, actions) = match &crossing {
            Crossing::Start { context, actions } => {
                let adopted = context.adopted.len();
                (
                    format!(
                        "start: {} state entries, {adopted} things adopted",
                        context.state.len()
                    ),
                    actions.as_slice(),
                )
            }
            Crossing::Event { envelope, actions } => (
                format!("⇢ {}", describe(&envelope.event)),
                actions.as_slice(),
            ),
            Crossing::Death { cause, .. } => (format!("† {cause}"), [].as_slice()),
            _ => continue,
        };
        println!("    {}", styled("2", &event));
        let asked: Vec<String> = actions.iter().map(ask).collect();
        if !asked.is_empty() {
            println!("    {}", styled("2", &format!("  ⇠ {}", asked.join(" · "))));
        }
    }
}

fn describe(event: &Event) -> String {
    match event {
        Event::SocketOpened(_) => "socket opened".to_owned(),
        Event::SocketText(text) => format!("frame {}", frame(&text.text)),
        Event::SocketSkipped(skipped) => format!("a frame of {} bytes, left out", skipped.size),
        Event::SocketBinary(data) => format!("binary frame, {} bytes", data.data.len()),
        Event::SocketClosed(closed) => format!("socket closed, code {:?}", closed.code),
        Event::HttpResponse(response) => {
            let sealed = if response.sealed.is_empty() {
                String::new()
            } else {
                format!(", {} kept outside", response.sealed.join(", "))
            };
            format!(
                "HTTP {}{sealed}: {}",
                response.status,
                short(&String::from_utf8_lossy(&response.body))
            )
        }
        Event::HttpFailed(failed) => format!("HTTP failed: {}", failed.failure.message),
        Event::Timer(id) => format!("timer {id}"),
        Event::BlobDigested(_) => "digest".to_owned(),
        Event::Command(command) => {
            let request = format!("{:?}", command.request);
            format!(
                "command {}",
                request.split(['(', ' ']).next().unwrap_or_default()
            )
        }
        Event::Configure(_) => "new configuration".to_owned(),
        Event::Drain(ms) => format!("drain within {ms} ms"),
    }
}

fn ask(action: &Action) -> String {
    match action {
        Action::OpenSocket(open) => format!("open {}", open.url),
        Action::SendText(send) => {
            let secret = send
                .secrets
                .iter()
                .map(|secret| format!(" + secret {}", secret.secret))
                .collect::<String>();
            format!("send {}{secret}", frame(&send.text))
        }
        Action::SendBinary(send) => format!("send {} bytes", send.data.len()),
        Action::CloseSocket(close) => format!("close {}", close.code),
        Action::SendHttp(send) => {
            let path = send.url.splitn(4, '/').nth(3).unwrap_or_default();
            let secret = send
                .secrets
                .iter()
                .map(|secret| format!(" + secret {}", secret.secret))
                .collect::<String>();
            format!("{} /{path}{secret}", send.method)
        }
        Action::CancelHttp(_) => "cancel request".to_owned(),
        Action::SetTimer(set) => format!("timer {} in {} ms", set.id, set.after_ms),
        Action::CancelTimer(id) => format!("no timer {id}"),
        Action::DigestBlob(_) | Action::DropBlob(_) => "blob".to_owned(),
        Action::Deliver(message) => format!("deliver “{}”", message.text),
        Action::Complete(done) => match &done.outcome {
            Ok(receipt) => format!("done ({})", word(receipt.how)),
            Err(failure) => format!("failed: {}", failure.message),
        },
        Action::Settle(settle) => match &settle.outcome {
            Ok(receipt) => format!("settled ({})", word(receipt.how)),
            Err(failure) => format!("not sent after all: {}", failure.message),
        },
        Action::Put(put) => format!("put {}", short(&put.key)),
        Action::Remove(key) => format!("remove {}", short(key)),
        Action::Status(status) => format!("status {}", word(status.state)),
        Action::Check(check) => format!("check {}", check.step),
        Action::Count(count) => format!("count {}", count.name),
        Action::Note(note) => format!("note “{}”", note.message),
        Action::GiveUp(reason) => format!("give up: {reason}"),
    }
}

/// Opcode and event name of a gateway frame.
fn frame(text: &str) -> String {
    let frame: Value = serde_json::from_str(text).unwrap_or_default();
    let op = frame.get("op").and_then(Value::as_u64);
    let name = match op {
        Some(0) => frame.get("t").and_then(Value::as_str).unwrap_or("?"),
        Some(1) => "heartbeat",
        Some(2) => "identify",
        Some(6) => "resume",
        Some(7) => "reconnect",
        Some(9) => "invalid session",
        Some(10) => "hello",
        Some(11) => "heartbeat ack",
        _ => "?",
    };
    match frame.get("s").and_then(Value::as_u64) {
        Some(sequence) => format!("{name} (s {sequence}, {} bytes)", text.len()),
        None => name.to_owned(),
    }
}

fn short(text: &str) -> String {
    let cut: String = text.chars().take(60).collect();
    if cut.len() < text.len() {
        format!("{cut}…")
    } else {
        cut
    }
}

//! An action as one line, the way transcripts write it.

use qq_channel::contract::{
    Action, BlobSlice, Body, Failure, InboundMessage, Part, PartContent, Receipt, SecretPlace,
    SecretUse, SendHttp,
};

fn outcome(outcome: &Result<Receipt, Failure>) -> String {
    match outcome {
        Ok(receipt) => format!("{:?} {}", receipt.how, receipt.message_ids.join(" ")),
        Err(failure) => format!("failed {:?}: {failure}", failure.kind),
    }
}

/// One line for an action.
pub fn line(action: &Action) -> String {
    match action {
        Action::OpenSocket(open) => format!("open {}", open.url),
        Action::SendText(text) => format!("text {}", with_secrets(&text.text, &text.secrets)),
        Action::SendBinary(_) => "binary".to_owned(),
        Action::CloseSocket(close) => format!("close {} {}", close.code, close.reason),
        Action::SendHttp(http) => http_line(http),
        Action::CancelHttp(_) => "cancel-http".to_owned(),
        Action::SetTimer(timer) => format!("timer {} {}", timer_name(timer.id), timer.after_ms),
        Action::CancelTimer(id) => format!("cancel-timer {}", timer_name(*id)),
        Action::DigestBlob(ask) => {
            format!("digest {} {:?}", bytes(&ask.slice), ask.algorithms).to_lowercase()
        }
        Action::DropBlob(blob) => format!("drop-blob {blob}"),
        Action::Deliver(message) => deliver_line(message),
        Action::Complete(complete) => {
            format!(
                "complete {} {}",
                complete.command,
                outcome(&complete.outcome)
            )
        }
        Action::Settle(settle) => {
            let id = settle.message_id.as_deref().unwrap_or("-");
            format!(
                "settle {} {id} {}",
                settle.command,
                outcome(&settle.outcome)
            )
        }
        Action::Put(put) => format!("put {} {}", put.key, String::from_utf8_lossy(&put.value)),
        Action::Remove(key) => format!("remove {key}"),
        Action::Status(status) => format!("status {:?} {}", status.state, status.detail),
        Action::Check(check) => {
            let remedy = check.remedy.as_deref().unwrap_or("");
            format!(
                "check {} {:?} {} | {remedy}",
                check.step, check.outcome, check.detail
            )
        }
        Action::Count(count) => format!("count {}", count.name),
        Action::Note(note) => format!("note {:?} {}", note.level, note.message),
        Action::GiveUp(text) => format!("give-up {text}"),
    }
}

fn deliver_line(message: &InboundMessage) -> String {
    let mut line = format!(
        "deliver {} {} {:?}",
        message.reply_target, message.id, message.text
    );
    let mut add = |what: String| line.push_str(&what);
    if message.mentioned {
        add(" mentioned".to_owned());
    }
    if let Some(title) = &message.chat_title {
        add(format!(" in {title:?}"));
    }
    if let Some(quote) = &message.quote {
        let author = quote.author.as_deref().unwrap_or("?");
        let attached = match quote.attachments.len() {
            0 => String::new(),
            n => format!("+{n}"),
        };
        add(format!(" quoting {author} {:?}{attached}", quote.text));
    }
    if let Some(button) = &message.button {
        add(format!(" button {:?}", button.id));
    }
    if let Some(kind) = &message.notice {
        add(format!(" notice {kind} by {:?}", message.sender));
    }
    line
}

fn http_line(http: &SendHttp) -> String {
    let body = match &http.body {
        Body::Json(json) => {
            let text = with_secrets(&json.text, &http.secrets);
            let mut document: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            for blob in &json.blobs {
                let name = blob.pointer.strip_prefix('/').expect("a pointer");
                document[name] = bytes(&blob.slice).into();
            }
            document.to_string()
        }
        Body::Multipart(parts) => parts.iter().map(part).collect::<Vec<_>>().join(" "),
        Body::Blob(slice) => bytes(slice),
        _ => String::new(),
    };
    let into_blob = if http.into_blob { "into-blob" } else { "" };
    format!("http {} {} {into_blob}{body}", http.method, http.url)
}

fn part(part: &Part) -> String {
    match &part.content {
        PartContent::Bytes(bytes) => {
            format!("{}={:?}", part.name, String::from_utf8_lossy(bytes))
        }
        PartContent::Blob(slice) => format!(
            "{}={} {:?} {}",
            part.name,
            bytes(slice),
            part.filename.as_deref().unwrap_or_default(),
            part.content_type.as_deref().unwrap_or("no type")
        ),
    }
}

/// `<blob 7>`, or `<blob 7 from 0 for 100>`.
fn bytes(slice: &BlobSlice) -> String {
    match slice.length {
        Some(length) => format!("<blob {} from {} for {length}>", slice.blob, slice.offset),
        None => format!("<blob {}>", slice.blob),
    }
}

/// Puts secrets into a text the way the host does, by name.
fn with_secrets(text: &str, secrets: &[SecretUse]) -> String {
    let mut json: serde_json::Value = serde_json::from_str(text).expect("JSON");
    for secret in secrets {
        if let SecretPlace::Json(pointer) = &secret.place {
            let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
            let parent = json
                .pointer_mut(parent)
                .expect("the pointer's parent exists");
            parent[name] = format!("{}<{}>", secret.prefix, secret.secret).into();
        }
    }
    json.to_string()
}

fn timer_name(id: u64) -> String {
    let names = ["token", "gateway", "heartbeat", "heartbeat-ack", "queue"];
    let name = usize::try_from(id)
        .ok()
        .and_then(|id| names.get(id.checked_sub(1)?));
    name.map_or_else(|| id.to_string(), |name| (*name).to_owned())
}

//! Runs every transcript in `tests/transcripts/`; `readme.txt` there explains
//! the format. A new file is a new test.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod shown;
#[path = "../world/mod.rs"]
mod world;

use std::path::Path;

use qq_channel::contract::{
    AccessRequest, Action, Attachment, AttachmentKind, AttachmentLocation, BlobDigested,
    DigestAlgorithm, Event, Failure, FailureKind, Header, HeldBlob, HttpFailed, HttpResponse,
    MessageEdit, MessageRef, OutboundMessage, Request, SocketBinary, SocketClosed, SocketOpened,
    SocketSkipped, SocketText, TextFormat,
};
use serde_json::{Value, json};
use world::{World, line};

const API: &str = "https://api.bot.qq.com";

#[test]
fn transcripts() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    files.sort();
    let failures: Vec<String> = files
        .iter()
        .filter_map(|path| run_file(path).err())
        .collect();
    assert!(files.len() > 5, "the transcripts are gone");
    assert!(failures.is_empty(), "\n\n{}\n", failures.join("\n\n"));
}

/// A file holds scenarios, each begun by a `== title` line.
fn run_file(path: &Path) -> Result<(), String> {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let text = std::fs::read_to_string(path).unwrap();
    let mut player = Player::default();
    for (index, line) in text.lines().enumerate() {
        let step = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| player.line(line)));
        let place = || format!("{name}:{}: {line}", index + 1);
        match step {
            Ok(Ok(())) => {}
            Ok(Err(fault)) => return Err(format!("{}\n{fault}", place())),
            Err(panic) => {
                let text = panic.downcast_ref::<String>().cloned().unwrap_or_default();
                return Err(format!("{}\npanic: {text}", place()));
            }
        }
    }
    player
        .finish()
        .map_err(|fault| format!("{name}: at the end\n{fault}"))
}

#[derive(Default)]
struct Player {
    world: Option<World>,
    /// What the channel did since the last `>`.
    pending: Vec<String>,
    /// Everything since the last `>`, for `<!` and minor actions.
    all: Vec<String>,
}

/// Actions a transcript mentions only if it cares.
fn is_minor(line: &str) -> bool {
    let kind = line.split(' ').next().unwrap_or_default();
    [
        "timer",
        "cancel-timer",
        "put",
        "remove",
        "status",
        "note",
        "count",
    ]
    .contains(&kind)
}

impl Player {
    fn line(&mut self, line: &str) -> Result<(), String> {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return Ok(());
        }
        if let Some(_title) = line.strip_prefix("==") {
            self.finish()?;
            self.world = None;
            return Ok(());
        }
        match line.split_once(' ').unwrap_or((line, "")) {
            (">", happened) => self.happen(happened.trim()),
            ("<", expected) => self.expect(expected.trim()),
            ("<!", unwanted) => self.forbid(unwanted.trim()),
            _ => Err("a line begins with >, <, <!, == or #".to_owned()),
        }
    }

    /// Every action that is not minor must have been expected.
    fn finish(&self) -> Result<(), String> {
        if self.pending.is_empty() {
            return Ok(());
        }
        Err(format!(
            "not expected, but done before this line:\n  {}",
            self.pending.join("\n  ")
        ))
    }

    fn record(&mut self, actions: &[Action]) {
        self.all = actions.iter().map(line).collect();
        self.pending = self
            .all
            .iter()
            .filter(|line| !is_minor(line))
            .cloned()
            .collect();
    }

    fn expect(&mut self, expected: &str) -> Result<(), String> {
        if is_minor(expected) {
            let index = self.all.iter().position(|line| glob(expected, line));
            let index =
                index.ok_or_else(|| format!("not done; done was:\n  {}", self.all.join("\n  ")))?;
            self.all.remove(index);
            return Ok(());
        }
        if self
            .pending
            .first()
            .is_some_and(|line| glob(expected, line))
        {
            self.pending.remove(0);
            return Ok(());
        }
        Err(format!(
            "not done next; left was:\n  {}",
            self.pending.join("\n  ")
        ))
    }

    fn forbid(&self, unwanted: &str) -> Result<(), String> {
        match self.all.iter().find(|line| glob(unwanted, line)) {
            Some(line) => Err(format!("done: {line}")),
            None => Ok(()),
        }
    }

    fn happen(&mut self, happened: &str) -> Result<(), String> {
        self.finish()?;
        let (verb, rest) = happened.split_once(' ').unwrap_or((happened, ""));
        let actions = match verb {
            "start" => match World::start(&config(rest)) {
                Ok((world, actions)) => {
                    self.world = Some(world);
                    actions
                }
                Err(error) => {
                    self.all = vec![format!("refuse {error}")];
                    self.pending.clone_from(&self.all);
                    return Ok(());
                }
            },
            "online" => self.online(rest)?,
            _ => {
                let world = self
                    .world
                    .as_mut()
                    .ok_or("begin with > start or > online")?;
                play(world, verb, rest)?
            }
        };
        self.record(&actions);
        Ok(())
    }

    /// The way to READY, which other transcripts check.
    fn online(&mut self, overrides: &str) -> Result<Vec<Action>, String> {
        let (mut world, _) = World::start(&config(overrides))?;
        for (verb, rest) in [
            ("token", "7200"),
            (
                "answer",
                r#"gateway 200 {"url":"wss://api.bot.qq.com/websocket/"}"#,
            ),
            ("opened", ""),
            ("frame", r#"{"op":10,"d":{"heartbeat_interval":40000}}"#),
            (
                "frame",
                r#"{"op":0,"s":1,"t":"READY","d":{"session_id":"S1","user":{"id":"6","username":"Bot"}}}"#,
            ),
        ] {
            play(&mut world, verb, rest)?;
        }
        self.world = Some(world);
        Ok(Vec::new())
    }
}

/// The default configuration with some keys replaced.
fn config(overrides: &str) -> String {
    let mut config = json!({
        "app_id": "102",
        "app_secret": {"$secret": "app_secret"},
        "allowed_users": ["*"],
        "intents": ["group_and_c2c"],
    });
    let overrides: Value = if overrides.is_empty() {
        json!({})
    } else {
        serde_json::from_str(overrides).expect("overrides are JSON")
    };
    for (key, value) in overrides.as_object().expect("overrides are an object") {
        config[key] = value.clone();
    }
    config.to_string()
}

fn play(world: &mut World, verb: &str, rest: &str) -> Result<Vec<Action>, String> {
    let event = match verb {
        "wait" => return Ok(world.wait(duration(rest)?)),
        "beat" => return beat(world, duration(rest)?),
        "greeted" => {
            let mut actions = play(world, "opened", "")?;
            let hello = r#"{"op":10,"d":{"heartbeat_interval":40000}}"#;
            actions.extend(play(world, "frame", hello)?);
            return Ok(actions);
        }
        "hold" | "flow" => {
            world.frames_waiting = verb == "hold";
            return Ok(Vec::new());
        }
        "crowd" => return crowd(world, rest),
        "trap" => return Ok(world.restart(false)),
        "restart" => return Ok(world.restart(true)),
        "again" => {
            let (verb, rest) = rest.split_once(' ').unwrap_or((rest, ""));
            let event = event(world, verb, rest)?;
            return Ok(world.tell(event, true));
        }
        "send" | "reply" | "quote" | "card" | "ask" | "recall" | "edit" | "allow" | "revoke" => {
            let (id, request) = command(verb, rest)?;
            return Ok(world.ask(id, request));
        }
        _ => match shown::command(verb, rest) {
            Some(command) => {
                let (id, request) = command?;
                return Ok(world.ask(id, request));
            }
            None => event(world, verb, rest)?,
        },
    };
    Ok(world.tell(event, false))
}

/// Lets time pass on a live connection; the platform acknowledges heartbeats and
/// renews tokens. Ends early when another socket is opened.
fn beat(world: &mut World, ms: u64) -> Result<Vec<Action>, String> {
    let mut actions = Vec::new();
    let until = world.mono_ms + ms;
    let opens = |action: &Action| matches!(action, Action::OpenSocket(_));
    while world.mono_ms < until && !actions.iter().any(opens) {
        let mut done = world.wait((until - world.mono_ms).min(5_000));
        let all = done.len();
        done.retain(
            |action| !matches!(action, Action::SendText(text) if text.text.contains(r#""op":1,"#)),
        );
        if done.len() < all && !world.sockets.is_empty() {
            done.extend(play(world, "frame", r#"{"op":11}"#)?);
        }
        if request(world, "token").is_ok() {
            done.retain(
                |action| !matches!(action, Action::SendHttp(http) if http.method == "POST"),
            );
            done.extend(play(world, "token", "7200")?);
        }
        actions.extend(done);
    }
    Ok(actions)
}

/// Strangers who write all at once, one message each.
fn crowd(world: &mut World, rest: &str) -> Result<Vec<Action>, String> {
    let (size, words) = rest.split_once(' ').ok_or("how many, and what?")?;
    let mut actions = Vec::new();
    for n in 0..size.parse::<u32>().map_err(|_| "how many?")? {
        let said = format!("OPENID_{n} CROWD{n}_{} {words}", world.seq);
        actions.extend(play(world, "says", &said)?);
    }
    let strangers = world
        .state
        .keys()
        .filter(|key| key.starts_with("stranger/"));
    assert!(strangers.count() <= 512, "strangers without end");
    assert!(world.requests.len() <= 64, "the host allows no more");
    Ok(actions)
}

/// A private message as the gateway tells it.
fn says(s: u64, rest: &str) -> Result<String, String> {
    let mut words = rest.splitn(3, ' ');
    let mut word = || words.next().ok_or("WHO ID words");
    let (openid, id, content) = (word()?, word()?, word()?);
    let d = json!({"id": id, "author": {"user_openid": openid}, "content": content});
    Ok(json!({"op": 0, "s": s, "t": "C2C_MESSAGE_CREATE", "d": d}).to_string())
}

fn event(world: &World, verb: &str, rest: &str) -> Result<Event, String> {
    let socket = || world.sockets.last().copied().ok_or("no socket is open");
    let old_socket = || world.old_socket.ok_or("no socket was closed");
    let closed = |id, code: Option<u16>, reason: &str, failure| {
        Event::SocketClosed(SocketClosed {
            id,
            code,
            reason: reason.to_owned(),
            failure,
        })
    };
    let (first, second) = rest.split_once(' ').unwrap_or((rest, ""));
    Ok(match verb {
        "token" => {
            let id = request(world, "token")?;
            let body = format!(r#"{{"access_token":"","expires_in":{rest}}}"#);
            response(id, 200, &body, vec!["access_token".to_owned()])
        }
        "answer" => {
            let (status, body) = second.split_once(' ').unwrap_or((second, ""));
            let status = status.parse().map_err(|_| "a status, please")?;
            response(request(world, first)?, status, body, Vec::new())
        }
        "answer-blob" => {
            let mut words = second.split(' ');
            let mut word = || words.next().unwrap_or_default();
            let status = word().parse().map_err(|_| "a status, please")?;
            let mut event = response(request(world, first)?, status, "", Vec::new());
            if let Event::HttpResponse(response) = &mut event {
                let id = word().parse().map_err(|_| "a blob, please")?;
                response.headers.push(Header {
                    name: "Content-Type".to_owned(),
                    value: word().to_owned(),
                });
                let mime = Some(word()).filter(|mime| !matches!(*mime, "" | "-"));
                let mime = mime.map(str::to_owned);
                response.blob = Some(HeldBlob { id, size: 5, mime });
                response.headers.push(Header {
                    name: "Content-Disposition".to_owned(),
                    value: words.collect::<Vec<_>>().join(" "),
                });
            }
            event
        }
        "digested" => digested(world, rest)?,
        "answer-after" => {
            let (what, status) = second.split_once(' ').ok_or("answer-after 7 send 429")?;
            let status = status.parse().map_err(|_| "a status, please")?;
            let mut event = response(request(world, what)?, status, "", Vec::new());
            if let Event::HttpResponse(response) = &mut event {
                response.headers.push(Header {
                    name: "Retry-After".to_owned(),
                    value: first.to_owned(),
                });
            }
            event
        }
        // Never sent, and gone on the way.
        "fail" | "broke" => {
            let failure = failure(second, "connecting to https://x/v2/users/OPENID failed")?;
            Event::HttpFailed(HttpFailed {
                id: request(world, first)?,
                failure,
                may_have_arrived: verb == "broke",
            })
        }
        "opened" => Event::SocketOpened(SocketOpened {
            id: socket()?,
            subprotocol: None,
        }),
        "frame" => Event::SocketText(SocketText {
            id: socket()?,
            text: rest.to_owned(),
        }),
        "says" => Event::SocketText(SocketText {
            id: socket()?,
            text: says(world.seq + 10, rest)?,
        }),
        "old-frame" => Event::SocketText(SocketText {
            id: old_socket()?,
            text: rest.to_owned(),
        }),
        "binary" => Event::SocketBinary(SocketBinary {
            id: socket()?,
            data: rest.as_bytes().to_vec(),
        }),
        "skipped" => Event::SocketSkipped(SocketSkipped {
            id: socket()?,
            size: rest.parse().map_err(|_| "no number of bytes")?,
        }),
        "garbage" => Event::SocketBinary(SocketBinary {
            id: socket()?,
            data: vec![0xff, 0xfe],
        }),
        "closed" => closed(socket()?, first.parse().ok(), second, None),
        "old-closed" => closed(old_socket()?, first.parse().ok(), second, None),
        "unopened" | "broken" => closed(socket()?, None, "", Some(failure(rest, "no")?)),
        "configure" => Event::Configure(config(rest)),
        "drain" => Event::Drain(5_000),
        _ => return Err(format!("nothing happens under the name {verb:?}")),
    })
}

fn command(verb: &str, rest: &str) -> Result<(u64, Request), String> {
    let mut words = rest.splitn(
        if matches!(verb, "reply" | "quote" | "edit") {
            4
        } else {
            3
        },
        ' ',
    );
    let id = words
        .next()
        .and_then(|id| id.parse().ok())
        .ok_or("a command number, please")?;
    let mut word = || words.next().unwrap_or_default().to_owned();
    if verb == "ask" {
        let what = word();
        return Ok((id, other_request(&what)?));
    }
    match verb {
        "allow" => return Ok((id, Request::Access(AccessRequest::Allow(word())))),
        "revoke" => return Ok((id, Request::Access(AccessRequest::Revoke(word())))),
        _ => {}
    }
    let recipient = word();
    if verb == "recall" {
        let message_id = word();
        return Ok((
            id,
            Request::Recall(MessageRef {
                recipient,
                message_id,
            }),
        ));
    }
    if verb == "edit" {
        let (message_id, text) = (word(), word());
        return Ok((
            id,
            Request::Edit(MessageEdit {
                recipient,
                message_id,
                text,
            }),
        ));
    }
    if verb == "card" {
        let card = serde_json::from_str(&word()).map_err(|error| error.to_string())?;
        let message = message(recipient, String::new(), None);
        return Ok((
            id,
            Request::Send(OutboundMessage {
                card: Some(card),
                ..message
            }),
        ));
    }
    let reply_to = (verb == "reply").then(&mut word);
    let quote = (verb == "quote").then(&mut word);
    let mut message = message(recipient, word(), reply_to);
    message.quote = quote;
    Ok((id, Request::Send(message)))
}

/// The oldest digest is there: `digested SIZE`, or `digested gone`.
fn digested(world: &World, size: &str) -> Result<Event, String> {
    let ask = world.digests.first().ok_or("no digest is outstanding")?;
    let name = |algorithm: &DigestAlgorithm| match (algorithm, ask.slice.offset) {
        (DigestAlgorithm::Md5, offset) if ask.slice.length.is_some() => format!("md5@{offset}"),
        (algorithm, _) => format!("{algorithm:?}").to_lowercase(),
    };
    let digests = match size {
        "gone" => Err(Failure::new(FailureKind::Invalid, "no such bytes")),
        _ => Ok(ask.algorithms.iter().map(name).collect()),
    };
    Ok(Event::BlobDigested(BlobDigested {
        id: ask.id,
        digests,
        size: size.parse().unwrap_or_default(),
    }))
}

/// A text, and the files behind it: `words {+image 7 a.png image/png 1000}`; a
/// number is a blob, anything else an address; `-` leaves a field out.
fn files(text: &str) -> (String, Vec<Attachment>) {
    let mut pieces = text.split("{+");
    let words = pieces.next().unwrap_or_default().trim_end().to_owned();
    let file = |piece: &str| {
        let mut fields = piece.trim().trim_end_matches('}').split(' ');
        let mut field = || {
            fields
                .next()
                .filter(|field| *field != "-")
                .map(str::to_owned)
        };
        let kind = match field().as_deref() {
            Some("image") => AttachmentKind::Image,
            Some("voice") => AttachmentKind::Voice,
            Some("video") => AttachmentKind::Video,
            _ => AttachmentKind::File,
        };
        let place = field().expect("a blob or an address");
        let location = match place.parse() {
            Ok(blob) => AttachmentLocation::Blob(blob),
            Err(_) => AttachmentLocation::Url(place),
        };
        Attachment {
            kind,
            location,
            name: field(),
            mime: field(),
            size: field().map(|size| size.parse().expect("a size")),
            duration_ms: None,
            transcript: None,
        }
    };
    (words, pieces.map(file).collect())
}

fn message(recipient: String, text: String, reply_to: Option<String>) -> OutboundMessage {
    let (text, attachments) = files(&text);
    let text = match text.as_str() {
        // Words for more than two messages.
        "LONG" => "word ".repeat(1_000).trim_end().to_owned(),
        // More than anything that is sent.
        "HUGE" => "x".repeat(300_000),
        _ => text.replace("\\n", "\n"),
    };
    OutboundMessage {
        recipient,
        text,
        format: TextFormat::Auto,
        attachments,
        reply_to,
        quote: None,
        thread: None,
        card: None,
    }
}

fn other_request(what: &str) -> Result<Request, String> {
    Ok(match what {
        "health" => Request::Health,
        "doctor" => Request::Doctor,
        "users" => Request::Access(AccessRequest::Show),
        "code" => Request::Access(AccessRequest::Code(false)),
        "new-code" => Request::Access(AccessRequest::Code(true)),
        _ => return Err(format!("no command {what:?}")),
    })
}

fn request(world: &World, name: &str) -> Result<u64, String> {
    let end = match name {
        "token" => "/app/getAppAccessToken",
        "gateway" if world.request("/gateway").is_some() => "/gateway",
        "gateway" => "/gateway/bot",
        "send" => "/messages",
        "frame" => "/stream_messages",
        "eyes" => "/reactions/2/128064",
        "check" => "/reactions/2/9989",
        "warning" => "/reactions/2/9888",
        "recall" => "/messages/R1",
        "open" => "/users/@me/dms",
        "files" | "upload_prepare" | "upload_part_finish" => &format!("/{name}"),
        end if end.starts_with(['/', '?']) => end,
        "ack" => {
            let ack = world
                .requests
                .values()
                .find(|http| http.url.contains("/interactions/"));
            return ack
                .map(|http| http.id)
                .ok_or_else(|| "no press is being acknowledged".to_owned());
        }
        _ => return Err(format!("no request is called {name:?}")),
    };
    world
        .request(end)
        .ok_or_else(|| format!("no {name} request is open"))
}

fn response(id: u64, status: u16, body: &str, sealed: Vec<String>) -> Event {
    Event::HttpResponse(HttpResponse {
        id,
        status,
        headers: vec![Header {
            name: "X-Tps-trace-ID".to_owned(),
            value: "trace-1".to_owned(),
        }],
        body: body.as_bytes().to_vec(),
        truncated: false,
        sealed,
        blob: None,
    })
}

fn kind(name: &str) -> Result<FailureKind, String> {
    serde_json::from_value(json!(name)).map_err(|_| format!("no failure kind {name:?}"))
}

/// `-for-now` behind the kind: a repetition may succeed.
fn failure(name: &str, message: &str) -> Result<Failure, String> {
    let (name, retry_after) = match name.strip_suffix("-for-now") {
        Some(name) => (name, Some(60_000)),
        None => (name, None),
    };
    Ok(Failure::new(kind(name)?, message).retry_after(retry_after))
}

fn duration(text: &str) -> Result<u64, String> {
    let units = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)];
    let unit = units
        .iter()
        .find_map(|(unit, ms)| Some((text.strip_suffix(unit)?.parse::<u64>().ok()?, ms)));
    unit.map(|(n, ms)| n * ms)
        .ok_or_else(|| format!("no duration: {text:?}"))
}

/// `*` stands for any run of characters, `{api}` for the REST base.
fn glob(pattern: &str, text: &str) -> bool {
    let pattern = pattern.replace("{api}", API);
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return rest.trim().is_empty();
    };
    for part in middle {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

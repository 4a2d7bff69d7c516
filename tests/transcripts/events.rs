//! What the network, the platform and the host tell the channel.

use qq_channel::contract::{
    BlobDigested, DigestAlgorithm, Event, Failure, FailureKind, Header, HeldBlob, HttpFailed,
    HttpResponse, SocketBinary, SocketClosed, SocketSkipped, SocketText,
};
use serde_json::json;

use crate::player::config;
use crate::world::{self, World, opened};

/// The event `verb`, of what is open in this world.
pub fn event(world: &World, verb: &str, rest: &str) -> Result<Event, String> {
    Ok(match verb {
        "token" | "answer" | "answer-blob" | "answer-after" => {
            Event::HttpResponse(answer(world, verb, rest)?)
        }
        // Never sent, and gone on the way.
        "fail" | "broke" => {
            let (name, kind) = rest.split_once(' ').unwrap_or((rest, ""));
            let failure = failure(kind, "connecting to https://x/v2/users/OPENID failed")?;
            Event::HttpFailed(HttpFailed {
                id: request(world, name)?,
                failure,
                may_have_arrived: verb == "broke",
            })
        }
        "digested" => digested(world, rest)?,
        "configure" => Event::Configure(config(rest)),
        "drain" => Event::Drain(5_000),
        _ => socket_event(world, verb, rest)?,
    })
}

fn answer(world: &World, verb: &str, rest: &str) -> Result<HttpResponse, String> {
    let (first, second) = rest.split_once(' ').unwrap_or((rest, ""));
    Ok(match verb {
        "token" => {
            let id = request(world, "token")?;
            let body = format!(r#"{{"access_token":"","expires_in":{rest}}}"#);
            response(id, 200, &body, true)
        }
        "answer" => {
            let (code, body) = second.split_once(' ').unwrap_or((second, ""));
            response(request(world, first)?, status(code)?, body, false)
        }
        "answer-after" => {
            let (what, code) = second.split_once(' ').ok_or("answer-after 7 send 429")?;
            let mut response = response(request(world, what)?, status(code)?, "", false);
            response.headers.push(header("Retry-After", first));
            response
        }
        _ => answer_blob(request(world, first)?, second)?,
    })
}

/// `STATUS BLOB TYPE MIME words`.
fn answer_blob(id: u64, rest: &str) -> Result<HttpResponse, String> {
    let mut words = rest.split(' ');
    let mut word = || words.next().unwrap_or_default();
    let mut response = response(id, status(word())?, "", false);
    let blob = word().parse().map_err(|_| "a blob, please")?;
    response.headers.push(header("Content-Type", word()));
    let mime = Some(word()).filter(|mime| !matches!(*mime, "" | "-"));
    response.blob = Some(HeldBlob {
        id: blob,
        size: 5,
        mime: mime.map(str::to_owned),
    });
    let disposition = words.collect::<Vec<_>>().join(" ");
    response
        .headers
        .push(header("Content-Disposition", &disposition));
    Ok(response)
}

fn socket_event(world: &World, verb: &str, rest: &str) -> Result<Event, String> {
    let id = match verb.starts_with("old-") {
        true => world.old_socket.ok_or("no socket was closed"),
        false => world.sockets.last().copied().ok_or("no socket is open"),
    };
    let text = |text| Ok(Event::SocketText(SocketText { id: id?, text }));
    let binary = |data| Ok(Event::SocketBinary(SocketBinary { id: id?, data }));
    let (first, second) = rest.split_once(' ').unwrap_or((rest, ""));
    match verb {
        "opened" => Ok(opened(id?)),
        "frame" | "old-frame" => text(rest.to_owned()),
        "says" => text(says(world.seq + 10, rest)?),
        "binary" => binary(rest.as_bytes().to_vec()),
        "garbage" => binary(vec![0xff, 0xfe]),
        "skipped" => Ok(Event::SocketSkipped(SocketSkipped {
            id: id?,
            size: rest.parse().map_err(|_| "no number of bytes")?,
        })),
        "closed" | "old-closed" => Ok(Event::SocketClosed(SocketClosed {
            reason: second.to_owned(),
            ..world::closed(id?, first.parse().ok())
        })),
        "unopened" | "broken" => Ok(Event::SocketClosed(SocketClosed {
            failure: Some(failure(rest, "no")?),
            ..world::closed(id?, None)
        })),
        _ => Err(format!("nothing happens under the name {verb:?}")),
    }
}

/// A private message as the gateway tells it.
fn says(s: u64, rest: &str) -> Result<String, String> {
    let mut words = rest.splitn(3, ' ');
    let mut word = || words.next().ok_or("WHO ID words");
    let (openid, id, content) = (word()?, word()?, word()?);
    let d = json!({"id": id, "author": {"user_openid": openid}, "content": content});
    Ok(json!({"op": 0, "s": s, "t": "C2C_MESSAGE_CREATE", "d": d}).to_string())
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

/// The open request of this name.
pub fn request(world: &World, name: &str) -> Result<u64, String> {
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

fn response(id: u64, status: u16, body: &str, has_token: bool) -> HttpResponse {
    HttpResponse {
        headers: vec![header("X-Tps-trace-ID", "trace-1")],
        ..world::response(id, status, body, has_token)
    }
}

fn header(name: &str, value: &str) -> Header {
    Header {
        name: name.to_owned(),
        value: value.to_owned(),
    }
}

fn status(text: &str) -> Result<u16, String> {
    text.parse().map_err(|_| "a status, please".to_owned())
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

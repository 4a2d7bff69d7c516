//! Uploads: `files`, `upload_prepare`, `upload_part_finish`, and the store behind the
//! presigned addresses.
//! See [QQ Docs/富媒体消息](https://bot.q.qq.com/wiki/develop/api-v2/server-inter/message/rich-media.html).

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, ETAG};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use md5::{Digest, Md5};
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Answer, Origin, Posted};
use super::fetch::fetch;
use super::messages::peer;
use crate::journal::media::{MediaKind, SentMedia, UploadPhase, Way, hex};
use crate::journal::record::Record;
use crate::rules::condition::Condition;
use crate::rules::config::Bot;
use crate::rules::refusal::Refusal;
use crate::rules::scene::Scene;
use crate::server::hub::Hub;
use crate::world::World;
use crate::world::body::Body;
use crate::world::chats::Peer;
use crate::world::uploads::{FileRequest, Prepared, Source, is_number_of};

pub(crate) async fn upload(
    scene: Scene,
    Posted(hub, origin, openid, raw): Posted,
) -> Result<Answer, Refusal> {
    let mut seen = Seen::default();
    let done = try_upload(&hub, scene, &origin, &openid, &raw, &mut seen).await;
    let record = Record::FileUploaded {
        scene,
        peer: openid,
        way: seen.way,
        asked: seen.asked,
        media: done.as_ref().ok().map(|(media, _)| media.clone()),
        code: done.as_ref().map_or_else(|refusal| refusal.code, |_| 0),
    };
    hub.journal.push(origin.connection, record);
    done.map(|(_, answer)| Answer(answer))
}

/// What is known of an upload before it is judged.
#[derive(Default)]
struct Seen {
    way: Option<Way>,
    asked: Option<MediaKind>,
}

async fn try_upload(
    hub: &Hub,
    scene: Scene,
    origin: &Origin,
    openid: &str,
    raw: &Value,
    seen: &mut Seen,
) -> Result<(SentMedia, Value), Refusal> {
    let (bot, peer) = hub.with(|world| admit(world, scene, origin, openid))?;
    let request = FileRequest::parse(raw)?;
    seen.asked = Some(request.kind);
    seen.way = Some(request.source.way());
    let (media, parts) = receive(hub, &peer, &request).await?;
    hub.with(|world| {
        let info = world.store_file(&peer, media.clone())?;
        let raw_url = parts.filter(|_| media.kind != MediaKind::File);
        let raw_url = raw_url.map(|bytes| world.offer(bytes, "application/octet-stream"));
        let id = if request.sends {
            push(world, origin, &bot, peer, &info)?
        } else {
            String::new()
        };
        let answer = json!({"file_uuid": world.ids.uuid(), "file_info": info, "id": id,
                            "ttl": world.config.rules.file_ttl_secs,
                            "raw_url": raw_url.unwrap_or_default()});
        Ok((media, answer))
    })
}

/// What came; its bytes as well, if they came in parts.
async fn receive(
    hub: &Hub,
    peer: &Peer,
    request: &FileRequest,
) -> Result<(SentMedia, Option<Vec<u8>>), Refusal> {
    let (kind, name) = (request.kind, request.name.clone());
    match &request.source {
        Source::Url(url) => {
            let bytes = fetch(hub, url).await?;
            let media = hub.with(|world| world.judge_file(kind, &bytes, name))?;
            Ok((media, None))
        }
        Source::Data(bytes) => {
            let media = hub.with(|world| world.judge_file(kind, bytes, name))?;
            Ok((media, None))
        }
        Source::Parts(id) => {
            let done = hub.with(|world| world.complete_upload(peer, id, kind, name))?;
            Ok((done.0, Some(done.1)))
        }
    }
}

/// `srv_send_msg`: the file is shown at once, on the bot's own account.
fn push(
    world: &mut World,
    origin: &Origin,
    bot: &Bot,
    peer: Peer,
    info: &str,
) -> Result<String, Refusal> {
    let body = Body::parse(json!({"msg_type": 7, "media": {"file_info": info}}))?;
    let message = world.send(bot, peer, body)?;
    let id = message.id.clone();
    let record = Record::MessageAccepted(message);
    world.journal.push(origin.connection, record);
    Ok(id)
}

/// The caller, unless the bot or the group is muted.
fn admit(
    world: &World,
    scene: Scene,
    origin: &Origin,
    openid: &str,
) -> Result<(Bot, Peer), Refusal> {
    let bot = origin.caller(world)?;
    let peer = peer(&bot, scene, openid);
    if world.is_in(&peer, Condition::Muted) {
        return Err(Refusal::UPLOAD_MUTED);
    }
    Ok((bot, peer))
}

pub(crate) async fn prepare(
    scene: Scene,
    Posted(hub, origin, openid, raw): Posted,
) -> Result<Answer, Refusal> {
    hub.with(|world| {
        let done = admit(world, scene, &origin, &openid)
            .and_then(|(_, peer)| world.prepare_upload(&peer, Prepared::parse(&raw)?));
        let upload_id = done.as_ref().ok().and_then(|plan| field(plan, "upload_id"));
        let step = (UploadPhase::Prepare, upload_id, None);
        note(world, &origin, step, code_of(&done));
        done.map(Answer)
    })
}

/// A text of an object.
fn field(object: &Value, name: &str) -> Option<String> {
    object.get(name).and_then(Value::as_str).map(str::to_owned)
}

fn code_of<T>(done: &Result<T, Refusal>) -> i64 {
    done.as_ref().map_or_else(|refusal| refusal.err_code, |_| 0)
}

fn note(
    world: &World,
    origin: &Origin,
    (step, upload_id, index): (UploadPhase, Option<String>, Option<u64>),
    code: i64,
) {
    let record = Record::UploadStep {
        step,
        upload_id,
        index,
        code,
    };
    world.journal.push(origin.connection, record);
}

pub(crate) async fn finish_part(
    scene: Scene,
    Posted(hub, origin, openid, raw): Posted,
) -> Result<Answer, Refusal> {
    hub.with(|world| {
        let done = admit(world, scene, &origin, &openid)
            .and_then(|(_, peer)| world.finish_part(&peer, &raw));
        let index = raw.get("part_index").and_then(is_number_of);
        let step = (UploadPhase::Finish, field(&raw, "upload_id"), index);
        note(world, &origin, step, code_of(&done));
        done.map(|()| Answer(json!({})))
    })
}

#[derive(Deserialize)]
pub(crate) struct Signature {
    #[serde(default)]
    sign: String,
}

/// The store behind the addresses is not QQ: it refuses whoever brings a token of QQ's.
pub(crate) async fn put_part(
    State(hub): State<Arc<Hub>>,
    origin: Origin,
    Path((id, index)): Path<(String, u64)>,
    Query(Signature { sign }): Query<Signature>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response, Refusal> {
    origin.check_script()?;
    let is_foreign = headers.contains_key(AUTHORIZATION) || headers.contains_key("x-union-appid");
    let etag = format!("\"{}\"", hex(&Md5::digest(&bytes)));
    let is_taken = hub.with(|world| {
        let is_taken = !is_foreign && world.put_part(&id, index, &sign, bytes);
        let status = if is_taken { 0 } else { 403 };
        note(
            world,
            &origin,
            (UploadPhase::Put, Some(id), Some(index)),
            status,
        );
        is_taken
    });
    if is_taken {
        return Ok((StatusCode::OK, [(ETAG, etag)]).into_response());
    }
    let code = if is_foreign {
        "InvalidRequest"
    } else {
        "SignatureDoesNotMatch"
    };
    let page =
        format!("<?xml version='1.0' encoding='utf-8' ?>\n<Error><Code>{code}</Code></Error>\n");
    Ok((
        StatusCode::FORBIDDEN,
        [(CONTENT_TYPE, "application/xml")],
        page,
    )
        .into_response())
}

//! Sending and recalling in C2C and groups.
//! See [QQ Docs/发送消息](https://bot.q.qq.com/wiki/develop/api-v2/autogen/api/v2_users_user_openid_messages.post.html).

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use super::answer::{Answer, Origin, Posted, json_response};
use crate::journal::record::Record;
use crate::journal::sent::SentMessage;
use crate::rules::config::Bot;
use crate::rules::refusal::Refusal;
use crate::rules::scene::Scene;
use crate::server::hub::Hub;
use crate::world::World;
use crate::world::body::{Body, shown_text};
use crate::world::chats::Peer;
use crate::world::clock::timestamp;

pub(crate) async fn send(
    scene: Scene,
    Posted(hub, origin, openid, raw): Posted,
) -> Result<Response, Refusal> {
    hub.with(|world| {
        let sent = try_send(world, scene, &origin, &openid, raw.clone());
        conclude(world, &origin, (scene, openid), raw, sent, receipt)
    })
}

/// Writes a send into the journal, and its answer: of a message that is shown, or of one
/// that waits for an audit.
pub(super) fn conclude(
    world: &mut World,
    origin: &Origin,
    (scene, peer): (Scene, String),
    raw: Value,
    sent: Result<SentMessage, Refusal>,
    receipt: impl FnOnce(&World, &SentMessage) -> Value,
) -> Result<Response, Refusal> {
    let record = record_of(world, scene, peer, raw, &sent);
    if let (Some(status), Record::MessageAccepted(message)) = (origin.audit, &record) {
        let body = world.hold(origin.connection, message.clone());
        return Ok(json_response(status, &body));
    }
    world.journal.push(origin.connection, record);
    sent.map(|message| json_response(StatusCode::OK, &receipt(world, &message)))
}

fn try_send(
    world: &mut World,
    scene: Scene,
    origin: &Origin,
    openid: &str,
    raw: Value,
) -> Result<SentMessage, Refusal> {
    let bot = origin.caller(world)?;
    let body = Body::parse(raw)?;
    let peer = peer(&bot, scene, openid);
    world.send(&bot, peer, body)
}

fn receipt(world: &World, message: &SentMessage) -> Value {
    if world.config.rules.old_receipts {
        return json!({"id": message.id, "timestamp": world.clock.now_ms() / 1000});
    }
    json!({
        "id": message.id,
        "timestamp": timestamp(world.clock.now_ms()),
        "ext_info": {"ref_idx": message.ref_idx},
    })
}

fn record_of(
    world: &World,
    scene: Scene,
    peer: String,
    raw: Value,
    sent: &Result<SentMessage, Refusal>,
) -> Record {
    let body = world.journal.redacted(raw);
    let text = shown_text(&body);
    match sent {
        Ok(message) => Record::MessageAccepted(SentMessage {
            text,
            body,
            ..message.clone()
        }),
        Err(Refusal {
            status, err_code, ..
        }) => Record::MessageRefused {
            scene,
            peer,
            status: *status,
            code: *err_code,
            text,
            body,
        },
    }
}

pub(crate) async fn recall(
    scene: Scene,
    State(hub): State<Arc<Hub>>,
    origin: Origin,
    Path((openid, id)): Path<(String, String)>,
) -> Result<Answer, Refusal> {
    hub.with(|world| {
        let done = origin
            .caller(world)
            .and_then(|bot| world.recall(&peer(&bot, scene, &openid), &id));
        let code = done
            .as_ref()
            .map_or_else(|refusal| refusal.err_code, |()| 0);
        world.journal.push(
            origin.connection,
            Record::Recall {
                scene,
                peer: openid,
                id,
                code,
            },
        );
        done.map(|()| Answer(json!({})))
    })
}

pub(super) fn peer(bot: &Bot, scene: Scene, openid: &str) -> Peer {
    Peer {
        app_id: bot.app_id.clone(),
        scene,
        openid: openid.to_owned(),
    }
}

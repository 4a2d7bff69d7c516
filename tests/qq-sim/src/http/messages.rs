//! Sending and recalling in C2C and groups.
//! See [QQ Docs/发送消息](https://bot.q.qq.com/wiki/develop/api-v2/autogen/api/v2_users_user_openid_messages.post.html).

use std::sync::Arc;

use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::answer::{Answer, JsonBody, Origin};
use crate::clock::timestamp;
use crate::config::Bot;
use crate::hub::Hub;
use crate::ids::Scene;
use crate::platform::World;
use crate::platform::body::{Body, shown_text};
use crate::platform::chats::Peer;
use crate::record::{Record, SentMessage};
use crate::refusal::Refusal;

pub(crate) async fn send(
    scene: Scene,
    State(hub): State<Arc<Hub>>,
    origin: Origin,
    Path(openid): Path<String>,
    JsonBody(raw): JsonBody,
) -> Result<Answer, Refusal> {
    hub.with(|world| {
        let sent = try_send(world, scene, &origin, &openid, raw.clone());
        let record = record_of(world, scene, openid, raw, &sent);
        world.journal.push(origin.connection, record);
        sent.map(|message| Answer(receipt(world, &message)))
    })
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
    json!({
        "id": message.id,
        "timestamp": timestamp(world.clock.now_ms()),
        "ext_info": {"ref_idx": message.ref_idx},
    })
}

pub(super) fn record_of(
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

//! `GET /gateway` and `GET /gateway/bot`.
//! See [QQ Docs/获取通用 WSS 接入点](https://bot.q.qq.com/wiki/develop/api-v2/openapi/wss/url_get.html).

use std::sync::Arc;

use axum::extract::State;
use serde_json::{Value, json};

use super::answer::{Answer, Origin};
use crate::journal::record::Record;
use crate::rules::refusal::Refusal;
use crate::server::hub::Hub;
use crate::world::World;

pub(crate) async fn gateway(
    State(hub): State<Arc<Hub>>,
    origin: Origin,
) -> Result<Answer, Refusal> {
    let answer = |_: &World, _: &str| json!({"url": hub.gateway_url()});
    hub.with(|world| discover(world, &origin, answer))
        .map(Answer)
}

pub(crate) async fn gateway_bot(
    State(hub): State<Arc<Hub>>,
    origin: Origin,
) -> Result<Answer, Refusal> {
    let answer = |world: &World, app_id: &str| {
        json!({"url": hub.gateway_url(), "shards": 1,
               "session_start_limit": world.session_start_limit(app_id)})
    };
    hub.with(|world| discover(world, &origin, answer))
        .map(Answer)
}

fn discover(
    world: &mut World,
    origin: &Origin,
    answer: impl FnOnce(&World, &str) -> Value,
) -> Result<Value, Refusal> {
    let bot = origin.caller(world);
    let app_id = bot.as_ref().ok().map(|bot| bot.app_id.clone());
    let allowed = bot.and_then(|bot| world.spend_gateway_call(&bot.app_id).map(|()| bot));
    let code = allowed.as_ref().map_or_else(|refusal| refusal.code, |_| 0);
    world
        .journal
        .push(origin.connection, Record::GatewayFetched { app_id, code });
    allowed.map(|bot| answer(world, &bot.app_id))
}

//! `GET /users/@me`: official SDKs ask it before they dial the gateway.

use std::sync::Arc;

use axum::extract::State;
use serde_json::json;

use super::answer::{Answer, Origin};
use crate::rules::refusal::Refusal;
use crate::server::hub::Hub;

pub(crate) async fn me(State(hub): State<Arc<Hub>>, origin: Origin) -> Result<Answer, Refusal> {
    let bot = hub.with(|world| origin.caller(world))?;
    Ok(Answer(json!({
        "id": bot.guild_user_id(),
        "username": bot.name,
        "avatar": "",
        "bot": true,
        "union_openid": "",
        "union_user_account": "",
        "share_url": "",
        "welcome_msg": "",
    })))
}

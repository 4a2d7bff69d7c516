//! `POST /app/getAppAccessToken`.
//! See [QQ Docs/获取接口凭证](https://bot.q.qq.com/wiki/develop/api-v2/dev-prepare/access-token.html).

use std::sync::Arc;

use axum::extract::State;
use serde_json::{Value, json};

use super::answer::{Answer, JsonBody, Origin};
use crate::journal::record::Record;
use crate::rules::refusal::Refusal;
use crate::server::hub::Hub;
use crate::world::World;

pub(crate) async fn issue(
    State(hub): State<Arc<Hub>>,
    origin: Origin,
    JsonBody(body): JsonBody,
) -> Result<Answer, Refusal> {
    hub.with(|world| issue_in(world, &origin, &body))
        .map(Answer)
}

fn issue_in(world: &mut World, origin: &Origin, body: &Value) -> Result<Value, Refusal> {
    let field = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    let app_id = field("appId").to_owned();
    let issued = origin
        .check_script()
        .and_then(|()| world.issue_token(&app_id, field("clientSecret")));
    let (code, fresh, expires_in_secs) = match &issued {
        Ok(issued) => (0, issued.fresh, issued.expires_in_secs),
        Err(refusal) => (refusal.code, false, 0),
    };
    world.journal.push(
        origin.connection,
        Record::TokenRequested {
            app_id,
            code,
            fresh,
            expires_in_secs,
        },
    );
    let issued = issued?;
    let expires_in = if world.config.rules.expires_in_as_string {
        Value::from(issued.expires_in_secs.to_string())
    } else {
        Value::from(issued.expires_in_secs)
    };
    Ok(json!({"access_token": issued.value, "expires_in": expires_in}))
}

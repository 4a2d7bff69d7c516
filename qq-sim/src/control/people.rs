//! What simulated people do, on request: write and click.

use std::sync::Arc;

use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Mistake, Outcome, parse, stage};
use crate::people::draft::Draft;
use crate::people::users::{Group, User};
use crate::rest::answer::{Answer, JsonBody};
use crate::server::hub::Hub;

/// Takes a field out of a JSON object.
pub(super) fn take(body: &mut Value, name: &str) -> Option<Value> {
    body.as_object_mut().and_then(|fields| fields.remove(name))
}

/// A draft whose bytes can be served.
pub(super) fn parse_draft(body: Value) -> Result<Draft, Mistake> {
    let draft: Draft = parse(body)?;
    draft
        .complaint()
        .map_or(Ok(draft), |text| Err(Mistake(text)))
}

/// `app_id` beside the fields of a draft.
pub(super) fn take_app_id(body: &mut Value) -> Option<String> {
    take(body, "app_id").and_then(|id| id.as_str().map(str::to_owned))
}

pub(super) async fn user_says(
    State(hub): State<Arc<Hub>>,
    Path(openid): Path<String>,
    JsonBody(mut body): JsonBody,
) -> Outcome {
    let stage = stage(hub, take_app_id(&mut body).as_deref())?;
    let draft = parse_draft(body)?;
    let id = User { stage, openid }.sends(&draft);
    Ok(Answer(json!({"id": id})))
}

/// `"full": true` makes a mention arrive as `GROUP_MESSAGE_CREATE`, `"both": true` in
/// either form.
pub(super) async fn member_says(
    State(hub): State<Arc<Hub>>,
    Path((openid, member)): Path<(String, String)>,
    JsonBody(mut body): JsonBody,
) -> Outcome {
    let stage = stage(hub, take_app_id(&mut body).as_deref())?;
    let mut is_on = |name: &str| take(&mut body, name) == Some(Value::Bool(true));
    let (full, both) = (is_on("full"), is_on("both"));
    let draft = parse_draft(body)?;
    let member = Group { stage, openid }.member(&member);
    let id = if both {
        member.sends_both(&draft)
    } else if full {
        member.sends_full(&draft)
    } else {
        member.sends(&draft)
    };
    Ok(Answer(json!({"id": id})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Click {
    pub(super) app_id: Option<String>,
    #[serde(default)]
    pub(super) button_id: String,
    #[serde(default)]
    pub(super) data: String,
    /// In a group: an admin clicks.
    #[serde(default)]
    admin: bool,
    /// Message below which it is; guilds only.
    #[serde(default)]
    pub(super) message_id: String,
}

pub(super) async fn user_clicks(
    State(hub): State<Arc<Hub>>,
    Path(openid): Path<String>,
    JsonBody(body): JsonBody,
) -> Outcome {
    let click: Click = parse(body)?;
    let stage = stage(hub, click.app_id.as_deref())?;
    let id = User { stage, openid }.clicks(&click.button_id, &click.data);
    Ok(Answer(json!({"id": id})))
}

pub(super) async fn member_clicks(
    State(hub): State<Arc<Hub>>,
    Path((openid, member)): Path<(String, String)>,
    JsonBody(body): JsonBody,
) -> Outcome {
    let click: Click = parse(body)?;
    let stage = stage(hub, click.app_id.as_deref())?;
    let mut member = Group { stage, openid }.member(&member);
    if click.admin {
        member = member.as_admin();
    }
    Ok(Answer(
        json!({"id": member.clicks(&click.button_id, &click.data)}),
    ))
}

//! What simulated people do in guilds, on request.

use std::sync::Arc;

use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::people::{Click, parse_draft, take, take_app_id};
use super::{Outcome, parse, stage};
use crate::people::guilds::{Channel, ChannelMember, GuildDm};
use crate::people::users::Stage;
use crate::rest::answer::{Answer, JsonBody};
use crate::server::hub::Hub;

/// Guild, channel, user.
type Seat = (String, String, String);

fn member(stage: Stage, (guild_id, id, user): &Seat) -> ChannelMember {
    let channel = Channel {
        stage,
        guild_id: guild_id.clone(),
        id: id.clone(),
    };
    channel.member(user)
}

/// `"full": true` makes a mention arrive as `MESSAGE_CREATE`.
pub(super) async fn member_says(
    State(hub): State<Arc<Hub>>,
    Path(seat): Path<Seat>,
    JsonBody(mut body): JsonBody,
) -> Outcome {
    let stage = stage(hub, take_app_id(&mut body).as_deref())?;
    let full = take(&mut body, "full") == Some(Value::Bool(true));
    let draft = parse_draft(body)?;
    let member = member(stage, &seat);
    let id = if full {
        member.sends_full(&draft)
    } else {
        member.sends(&draft)
    };
    Ok(Answer(json!({"id": id})))
}

pub(super) async fn member_clicks(
    State(hub): State<Arc<Hub>>,
    Path(seat): Path<Seat>,
    JsonBody(body): JsonBody,
) -> Outcome {
    let click: Click = parse(body)?;
    let member = member(stage(hub, click.app_id.as_deref())?, &seat);
    let id = member.clicks_on(&click.message_id, &click.button_id, &click.data);
    Ok(Answer(json!({"id": id})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reaction {
    app_id: Option<String>,
    message_id: String,
    #[serde(rename = "type")]
    kind: u8,
    id: String,
    /// Takes it away again.
    #[serde(default)]
    off: bool,
}

pub(super) async fn member_reacts(
    State(hub): State<Arc<Hub>>,
    Path(seat): Path<Seat>,
    JsonBody(body): JsonBody,
) -> Outcome {
    let reaction: Reaction = parse(body)?;
    let member = member(stage(hub, reaction.app_id.as_deref())?, &seat);
    if reaction.off {
        member.unreacts(&reaction.message_id, reaction.kind, &reaction.id);
    } else {
        member.reacts(&reaction.message_id, reaction.kind, &reaction.id);
    }
    Ok(Answer(json!({})))
}

pub(super) async fn dm_user_says(
    State(hub): State<Arc<Hub>>,
    Path((id, user)): Path<(String, String)>,
    JsonBody(mut body): JsonBody,
) -> Outcome {
    let stage = stage(hub, take_app_id(&mut body).as_deref())?;
    let draft = parse_draft(body)?;
    let id = GuildDm { stage, id }.user(&user).sends(&draft);
    Ok(Answer(json!({"id": id})))
}

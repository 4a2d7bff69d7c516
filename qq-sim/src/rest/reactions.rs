//! `PUT`, `DELETE` and `GET` of reactions to a channel message.
//! See [QQ Docs/表情表态](https://bot.q.qq.com/wiki/develop/api-v2/server-inter/message/trans/emoji.html).

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Answer, Origin};
use super::messages::peer;
use crate::journal::record::Record;
use crate::rules::refusal::Refusal;
use crate::rules::scene::Scene;
use crate::server::hub::Hub;
use crate::world::World;
use crate::world::guild::emoji;

/// Channel, message, kind and id of the emoji.
type Place = (String, String, String, String);

#[derive(Deserialize)]
pub(crate) struct Page {
    #[serde(default)]
    cookie: String,
    limit: Option<usize>,
}

/// Most users on one page.
const MAX_PAGE: usize = 50;

pub(crate) async fn react(
    State(hub): State<Arc<Hub>>,
    origin: Origin,
    method: Method,
    Path(place): Path<Place>,
    Query(page): Query<Page>,
) -> Result<Response, Refusal> {
    hub.with(|world| {
        let done = try_react(world, &origin, &method, &place, &page);
        let code = done.as_ref().map_or_else(|refusal| refusal.err_code, |_| 0);
        let (channel_id, message_id, kind, id) = place;
        let record = Record::Reaction {
            method: method.to_string(),
            channel_id,
            message_id,
            emoji: [kind, id],
            code,
        };
        world.journal.push(origin.connection, record);
        done.map(|page| match page {
            Some(page) => Answer(page).into_response(),
            None => StatusCode::NO_CONTENT.into_response(),
        })
    })
}

fn try_react(
    world: &mut World,
    origin: &Origin,
    method: &Method,
    (channel, message, kind, id): &Place,
    page: &Page,
) -> Result<Option<Value>, Refusal> {
    let bot = origin.caller(world)?;
    let peer = peer(&bot, Scene::Channel, channel);
    let emoji = emoji(kind, id)?;
    match *method {
        Method::PUT => world.react(&bot, &peer, message, emoji).map(|()| None),
        Method::DELETE => world.unreact(&bot, &peer, message, &emoji).map(|()| None),
        _ => {
            let users = world.reactors(&peer, message, &emoji)?;
            shown(&users, page).map(Some)
        }
    }
}

/// A page of users; the cookie is where the next one begins.
fn shown(users: &[String], page: &Page) -> Result<Value, Refusal> {
    let limit = page.limit.unwrap_or(20);
    let from: usize = match page.cookie.as_str() {
        "" => 0,
        cookie => cookie.parse().map_err(|_| Refusal::REACTION_BAD)?,
    };
    if !(1..=MAX_PAGE).contains(&limit) {
        return Err(Refusal::REACTION_BAD);
    }
    let rest = users.get(from..).unwrap_or_default();
    let shown = rest.iter().take(limit);
    let shown = shown.map(|id| json!({"id": id, "username": "", "avatar": ""}));
    let next = from + limit;
    Ok(
        json!({"users": shown.collect::<Vec<_>>(), "cookie": next.to_string(),
              "is_end": next >= users.len()}),
    )
}

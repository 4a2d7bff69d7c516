//! The REST side: routes, answers, and what goes wrong with them.

pub(crate) mod answer;
mod discovery;
mod download;
mod fetch;
mod files;
mod form;
mod guilds;
mod identity;
mod in_flight;
mod interactions;
mod messages;
mod reactions;
mod streams;
mod supervise;
mod token;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{delete, get, post, put};

use crate::rules::refusal::Refusal;
use crate::rules::scene::Scene;
use crate::server::hub::Hub;

/// What the real platform has, under the supervision of the fault queue.
pub(crate) fn router(hub: &Arc<Hub>) -> Router<Arc<Hub>> {
    Router::new()
        .route("/app/getAppAccessToken", post(token::issue))
        .route("/gateway", get(discovery::gateway))
        .route("/gateway/bot", get(discovery::gateway_bot))
        .route("/users/@me", get(identity::me))
        .route("/interactions/{id}", put(interactions::acknowledge))
        .route("/v2/users/{openid}/stream_messages", post(streams::send))
        .route("/_cos/{id}/{index}", put(files::put_part))
        .route("/download", get(download::serve))
        .merge(chat_paths())
        .merge(guild_paths())
        .fallback(async || Refusal::NO_SUCH_API)
        .method_not_allowed_fallback(async || Refusal::WRONG_METHOD)
        .layer(from_fn_with_state(Arc::clone(hub), supervise::supervise))
}

/// What users and groups have.
fn chat_paths() -> Router<Arc<Hub>> {
    let mut paths = Router::new();
    for (place, scene) in [("users", Scene::C2c), ("groups", Scene::Group)] {
        let path = |end: &str| format!("/v2/{place}/{{openid}}/{end}");
        paths = paths
            .route(
                &path("messages"),
                post(move |posted| messages::send(scene, posted)),
            )
            .route(
                &path("messages/{id}"),
                delete(move |hub, origin, path| messages::recall(scene, hub, origin, path)),
            )
            .route(
                &path("files"),
                post(move |posted| files::upload(scene, posted)),
            )
            .route(
                &path("upload_prepare"),
                post(move |posted| files::prepare(scene, posted)),
            )
            .route(
                &path("upload_part_finish"),
                post(move |posted| files::finish_part(scene, posted)),
            );
    }
    paths
}

/// What channels and conversations have.
fn guild_paths() -> Router<Arc<Hub>> {
    let mut paths = Router::new()
        .route("/users/@me/guilds", get(guilds::list))
        .route("/users/@me/dms", post(guilds::open_dm))
        .route(
            "/channels/{channel}/messages/{message}/reactions/{kind}/{id}",
            put(reactions::react)
                .delete(reactions::react)
                .get(reactions::react),
        );
    for (place, scene) in [("channels", Scene::Channel), ("dms", Scene::Dm)] {
        paths = paths
            .route(
                &format!("/{place}/{{id}}/messages"),
                post(move |hub, origin, path, form| guilds::send(scene, hub, origin, path, form)),
            )
            .route(
                &format!("/{place}/{{place}}/messages/{{id}}"),
                delete(move |hub, origin, path, wish| {
                    guilds::recall(scene, hub, origin, path, wish)
                }),
            );
    }
    paths
}

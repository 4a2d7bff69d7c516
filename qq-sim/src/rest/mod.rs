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
        .route(
            "/v2/users/{openid}/messages",
            post(|hub, origin, path, body| messages::send(Scene::C2c, hub, origin, path, body)),
        )
        .route("/v2/users/{openid}/stream_messages", post(streams::send))
        .route(
            "/v2/groups/{openid}/messages",
            post(|hub, origin, path, body| messages::send(Scene::Group, hub, origin, path, body)),
        )
        .route(
            "/v2/users/{openid}/messages/{id}",
            delete(|hub, origin, path| messages::recall(Scene::C2c, hub, origin, path)),
        )
        .route(
            "/v2/groups/{openid}/messages/{id}",
            delete(|hub, origin, path| messages::recall(Scene::Group, hub, origin, path)),
        )
        .merge(guild_paths())
        .merge(file_paths())
        .fallback(async || Refusal::NO_SUCH_API)
        .method_not_allowed_fallback(async || Refusal::WRONG_METHOD)
        .layer(from_fn_with_state(Arc::clone(hub), supervise::supervise))
}

/// What only guilds have.
fn guild_paths() -> Router<Arc<Hub>> {
    Router::new()
        .route("/users/@me/guilds", get(guilds::list))
        .route("/users/@me/dms", post(guilds::open_dm))
        .route(
            "/channels/{id}/messages",
            post(|hub, origin, path, form| guilds::send(Scene::Channel, hub, origin, path, form)),
        )
        .route(
            "/dms/{id}/messages",
            post(|hub, origin, path, form| guilds::send(Scene::Dm, hub, origin, path, form)),
        )
        .route(
            "/channels/{place}/messages/{id}",
            delete(|hub, origin, path, wish| {
                guilds::recall(Scene::Channel, hub, origin, path, wish)
            }),
        )
        .route(
            "/dms/{place}/messages/{id}",
            delete(|hub, origin, path, wish| guilds::recall(Scene::Dm, hub, origin, path, wish)),
        )
        .route(
            "/channels/{channel}/messages/{message}/reactions/{kind}/{id}",
            put(reactions::react)
                .delete(reactions::react)
                .get(reactions::react),
        )
}

/// Uploads and downloads.
fn file_paths() -> Router<Arc<Hub>> {
    let mut paths = Router::new()
        .route("/_cos/{id}/{index}", put(files::put_part))
        .route("/download", get(download::serve));
    for (place, scene) in [("users", Scene::C2c), ("groups", Scene::Group)] {
        let path = |end: &str| format!("/v2/{place}/{{openid}}/{end}");
        paths = paths
            .route(
                &path("files"),
                post(move |hub, origin, id, body| files::upload(scene, hub, origin, id, body)),
            )
            .route(
                &path("upload_prepare"),
                post(move |hub, origin, id, body| files::prepare(scene, hub, origin, id, body)),
            )
            .route(
                &path("upload_part_finish"),
                post(move |hub, origin, id, body| files::finish_part(scene, hub, origin, id, body)),
            );
    }
    paths
}

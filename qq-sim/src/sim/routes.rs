//! Every path of the simulator.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::get;

use crate::server::hub::Hub;
use crate::{control, gateway, rest};

/// More than a part, a form or any body within `max_body_bytes` has.
const MAX_BODY_BYTES: usize = 256 << 20;

/// REST, gateway and the simulator's own endpoints.
pub(super) fn router(hub: Arc<Hub>) -> Router {
    let sockets = Router::new()
        .route("/websocket/", get(gateway::upgrade))
        .route("/websocket", get(gateway::upgrade));
    rest::router(&hub)
        .merge(sockets)
        .nest("/_sim", control::router())
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(hub)
}

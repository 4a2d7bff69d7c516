//! States of chats and pending audits, on request.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::json;

use super::{Mistake, Outcome, parse, stage};
use crate::rest::answer::{Answer, JsonBody};
use crate::rules::condition::Condition;
use crate::rules::scene::Scene;
use crate::server::hub::Hub;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    app_id: Option<String>,
    scene: Scene,
    id: String,
    /// Each on or off; the others stay.
    set: BTreeMap<Condition, bool>,
}

pub(super) async fn set_conditions(
    State(hub): State<Arc<Hub>>,
    JsonBody(body): JsonBody,
) -> Outcome {
    let change: Change = parse(body)?;
    let stage = stage(hub, change.app_id.as_deref())?;
    for (condition, on) in change.set {
        stage.set(change.scene, &change.id, condition, on);
    }
    Ok(Answer(json!({})))
}

pub(super) async fn audits(State(hub): State<Arc<Hub>>) -> Answer {
    Answer(hub.with(|world| json!({"audits": world.audits})))
}

pub(super) async fn streams(State(hub): State<Arc<Hub>>) -> Answer {
    Answer(hub.with(|world| json!({"streams": world.streams})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Verdict {
    pass: bool,
}

pub(super) async fn decide_audit(
    State(hub): State<Arc<Hub>>,
    Path(id): Path<String>,
    JsonBody(body): JsonBody,
) -> Outcome {
    let Verdict { pass } = parse(body)?;
    if hub.change(|world| world.decide_audit(&id, pass)) {
        Ok(Answer(json!({})))
    } else {
        Err(Mistake(
            "nothing waits for an audit under this id".to_owned(),
        ))
    }
}

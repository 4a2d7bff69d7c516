//! `PUT /interactions/{id}`: acknowledges a click, once.
//! A second acknowledgement gets the code for a bad request; the platform documents
//! "once per id" without a code.

use serde_json::{Value, json};

use super::answer::{Answer, Origin, Posted};
use crate::journal::record::Record;
use crate::rules::refusal::Refusal;
use crate::world::World;

pub(crate) async fn acknowledge(Posted(hub, origin, id, body): Posted) -> Result<Answer, Refusal> {
    let result = body.get("code").and_then(Value::as_i64);
    hub.with(|world| {
        let done = try_acknowledge(world, &origin, &id, result);
        let code = done.as_ref().map_or_else(|refusal| refusal.err_code, |_| 0);
        let record = Record::Acknowledged {
            id,
            result: result.unwrap_or(-1),
            code,
            in_time: done == Ok(true),
        };
        world.journal.push(origin.connection, record);
        done.map(|_| Answer(json!({})))
    })
}

/// Whether it was in time. Too late is accepted: the user has seen the failure already.
fn try_acknowledge(
    world: &mut World,
    origin: &Origin,
    id: &str,
    result: Option<i64>,
) -> Result<bool, Refusal> {
    let bot = origin.caller(world)?;
    if !matches!(result, Some(0..=5)) {
        return Err(Refusal::INTERACTION_BAD);
    }
    world.acknowledge(&bot.app_id, id)
}

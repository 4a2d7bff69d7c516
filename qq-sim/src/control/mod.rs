//! `/_sim/…`: the simulator's own endpoints, for tests in any language. JSON in, JSON
//! out; a bad request is 400 with `{"error": …}`.

mod guilds;
mod people;
mod settings;
mod states;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::faults::{Fault, FaultPlan};
use crate::people::users::Stage;
use crate::rest::answer::{Answer, JsonBody, json_response};
use crate::rules::config::Bot;
use crate::server::hub::Hub;

/// Longest long poll; a client simply asks again.
const MAX_WAIT_MS: u64 = 60_000;

pub(crate) fn router() -> Router<Arc<Hub>> {
    Router::new()
        .route("/state", get(state))
        .route("/journal", get(journal))
        .route("/messages", get(messages))
        .route("/streams", get(states::streams))
        .route("/plan", get(plan))
        .route("/inject", post(inject))
        .route("/users/{openid}/say", post(people::user_says))
        .route("/users/{openid}/click", post(people::user_clicks))
        .route(
            "/groups/{openid}/members/{member}/say",
            post(people::member_says),
        )
        .route(
            "/groups/{openid}/members/{member}/click",
            post(people::member_clicks),
        )
        .merge(guild_router())
        .route("/conditions", post(states::set_conditions))
        .route("/audits", get(states::audits))
        .route("/audits/{id}", post(states::decide_audit))
        .route("/rules", post(settings::change_rules))
        .route("/bots/{app_id}", post(settings::change_bot))
        .route("/fault", post(fault).delete(clear_faults))
        .route("/advance", post(advance))
        .route("/token/expire", post(expire))
        .route("/token/revoke", post(revoke))
        .route("/reset", post(reset))
}

/// The people of guilds.
fn guild_router() -> Router<Arc<Hub>> {
    Router::new()
        .route(
            "/channels/{guild}/{channel}/members/{user}/say",
            post(guilds::member_says),
        )
        .route(
            "/channels/{guild}/{channel}/members/{user}/click",
            post(guilds::member_clicks),
        )
        .route(
            "/channels/{guild}/{channel}/members/{user}/react",
            post(guilds::member_reacts),
        )
        .route("/dms/{guild}/users/{user}/say", post(guilds::dm_user_says))
}

/// What went wrong with a control request.
struct Mistake(String);

impl IntoResponse for Mistake {
    fn into_response(self) -> Response {
        json_response(StatusCode::BAD_REQUEST, &json!({"error": self.0}))
    }
}

type Outcome = Result<Answer, Mistake>;

fn parse<T: DeserializeOwned>(body: Value) -> Result<T, Mistake> {
    serde_json::from_value(body).map_err(|error| Mistake(error.to_string()))
}

/// The bot a request is about: the one it names, else the first.
fn stage(hub: Arc<Hub>, app_id: Option<&str>) -> Result<Stage, Mistake> {
    let find = |bots: &[Bot]| {
        bots.iter()
            .find(|bot| app_id.is_none_or(|id| id == bot.app_id))
            .cloned()
    };
    let bot = hub.with(|world| find(&world.config.bots));
    let bot = bot.ok_or_else(|| Mistake("no such bot".to_owned()))?;
    Ok(Stage { hub, bot })
}

async fn state(State(hub): State<Arc<Hub>>) -> Answer {
    Answer(hub.with(|world| world.state()))
}

#[derive(Deserialize)]
struct Wish {
    #[serde(default)]
    after: u64,
    #[serde(default)]
    wait_ms: u64,
}

/// Entries after `after`; with none, waits up to `wait_ms` for one.
async fn journal(State(hub): State<Arc<Hub>>, Query(wish): Query<Wish>) -> Answer {
    let deadline = Duration::from_millis(wish.wait_ms.min(MAX_WAIT_MS));
    // Not seen in time is an empty answer, not an error.
    let _ = hub.journal.wait(wish.after, deadline, |_| Some(())).await;
    let entries = hub.journal.after(wish.after);
    let next = entries.last().map_or(wish.after, |entry| entry.n);
    Answer(json!({"entries": entries, "next": next}))
}

#[derive(Deserialize)]
struct Recipient {
    openid: Option<String>,
}

/// What the bots got through, to one recipient or to all.
async fn messages(State(hub): State<Arc<Hub>>, Query(to): Query<Recipient>) -> Answer {
    let mut messages = hub.journal.sent_messages();
    messages.retain(|message| to.openid.as_ref().is_none_or(|to| *to == message.peer));
    Answer(json!({"messages": messages}))
}

/// Longest plan in one answer.
const MAX_STEPS: usize = 10_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlanWish {
    seed: u64,
    count: usize,
    #[serde(default)]
    lossless: bool,
    #[serde(default)]
    quick: bool,
}

/// The beginning of a plan; nothing is scheduled.
async fn plan(Query(wish): Query<PlanWish>) -> Answer {
    let mut plan = FaultPlan::seeded(wish.seed);
    if wish.lossless {
        plan = plan.lossless();
    }
    if wish.quick {
        plan = plan.quick();
    }
    let steps: Vec<_> = plan.take(wish.count.min(MAX_STEPS)).collect();
    Answer(json!({"steps": steps}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Injection {
    app_id: Option<String>,
    t: String,
    #[serde(default)]
    d: Value,
}

async fn inject(State(hub): State<Arc<Hub>>, JsonBody(body): JsonBody) -> Outcome {
    let Injection { app_id, t, d } = parse(body)?;
    let Stage { hub, bot } = stage(hub, app_id.as_deref())?;
    let (id, sessions) = hub.change(|world| {
        let id = world.ids.event(&t);
        let sessions = world.publish(&bot.app_id, &t, &id, d);
        (id, sessions)
    });
    Ok(Answer(json!({"id": id, "sessions": sessions})))
}

async fn fault(State(hub): State<Arc<Hub>>, JsonBody(body): JsonBody) -> Outcome {
    let fault: Fault = parse(body)?;
    if hub.change(|world| world.schedule(fault)) {
        Ok(Answer(json!({})))
    } else {
        Err(Mistake("too many faults are waiting".to_owned()))
    }
}

async fn clear_faults(State(hub): State<Arc<Hub>>) -> Answer {
    hub.with(|world| world.clear_faults());
    Answer(json!({}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Leap {
    secs: u32,
}

async fn advance(State(hub): State<Arc<Hub>>, JsonBody(body): JsonBody) -> Outcome {
    let Leap { secs } = parse(body)?;
    hub.change(|world| world.clock.advance(Duration::from_secs(secs.into())));
    Ok(Answer(json!({})))
}

async fn expire(State(hub): State<Arc<Hub>>) -> Answer {
    hub.with(|world| world.shorten_tokens(Duration::ZERO));
    Answer(json!({}))
}

async fn revoke(State(hub): State<Arc<Hub>>) -> Answer {
    hub.with(|world| world.revoke_tokens());
    Answer(json!({}))
}

async fn reset(State(hub): State<Arc<Hub>>) -> Answer {
    hub.change(|world| world.reset());
    Answer(json!({}))
}

//! What `GET /gateway/bot` and `GET /gateway` say.
//!
//! See QQ docs, openapi/wss/shard_url_get and openapi/wss/url_get.

use serde::Deserialize;

use super::budget::Limit;
use crate::contract::{Failure, FailureKind, HttpResponse};
use crate::platform::{Reaction, Refusal, lookup};
use crate::wire::{self, Number, Object, Text};

/// "No permission" for `GET /gateway/bot`: then `GET /gateway` has the URL.
const NO_PERMISSION: i64 = 11_253;

/// What the platform answered.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// The URL, and the budget of Identifies if it was told.
    Known(String, Option<Limit>),
    /// Not from this endpoint.
    AskElsewhere(Failure),
    TokenRefused(Failure),
    TooMany(Failure),
    /// Not from this machine. Asking again soon is of no use, and counts for
    /// nothing: the refusal comes from before the endpoint.
    Blocked(Failure),
    Failed(Failure),
    Stop(Failure),
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(borrow)]
    url: Text<'a>,
    #[serde(default)]
    session_start_limit: Object<WireLimit>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireLimit {
    total: Number,
    remaining: Number,
    reset_after: Number,
}

impl WireLimit {
    /// A budget of none cannot be meant: the bot would wait for ever.
    fn limit(&self) -> Option<Limit> {
        let small = |number: Number| u32::try_from(number.unsigned()?).ok();
        Some(Limit {
            total: small(self.total).filter(|total| *total > 0)?,
            remaining: small(self.remaining)?,
            reset_after_ms: self.reset_after.unsigned()?,
        })
    }
}

/// Reads an answer.
pub(super) fn read(response: &HttpResponse) -> Answer {
    known(response).unwrap_or_else(|| classify(&Refusal::read(response)))
}

fn known(response: &HttpResponse) -> Option<Answer> {
    let wire: Wire<'_> = wire::read(&response.body)?;
    let url = wire.url.to_option()?;
    let limit = wire.session_start_limit.0.and_then(|limit| limit.limit());
    (url.starts_with("wss://") || url.starts_with("ws://")).then_some(Answer::Known(url, limit))
}

fn classify(refusal: &Refusal) -> Answer {
    let row = refusal.code.and_then(lookup);
    let failure = failure(refusal);
    match (row.map(|row| row.reaction), refusal.status) {
        _ if refusal.code == Some(NO_PERMISSION) => Answer::AskElsewhere(failure),
        (None, 404 | 405) => Answer::AskElsewhere(failure),
        (Some(Reaction::RefreshToken), _) | (None, 401) => Answer::TokenRefused(failure),
        (Some(Reaction::Stop), _) => Answer::Stop(failure),
        (Some(Reaction::Pause), _) | (None, 429) => Answer::TooMany(failure),
        (Some(Reaction::Blocked), _) => Answer::Blocked(failure),
        (Some(Reaction::Report), 401) => Answer::TooMany(failure),
        _ => Answer::Failed(failure),
    }
}

fn failure(refusal: &Refusal) -> Failure {
    let row = refusal.code.and_then(lookup);
    let (kind, meaning, remedy) = match row {
        Some(row) => (row.kind, row.meaning, row.remedy),
        None if refusal.status == 401 => (
            FailureKind::Unauthorized,
            "the platform refused the access token",
            "Check app_id and app_secret.",
        ),
        None if refusal.status == 429 => (
            FailureKind::RateLimited,
            "too many requests",
            "It is tried again in a minute.",
        ),
        None => (
            FailureKind::Protocol,
            "the answer holds no gateway URL",
            "Check that api_base, sandbox and the proxy lead to the platform.",
        ),
    };
    Failure::new(
        kind,
        format!("no gateway URL: {meaning} ({})", refusal.words()),
    )
    .remedy(remedy)
    .code(refusal.code)
    .trace(refusal.trace_id.clone())
}

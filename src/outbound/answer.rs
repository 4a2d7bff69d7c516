//! What the platform's answer to a send means.

use serde::Deserialize;

use crate::contract::{Delivery, Failure, FailureKind, HttpResponse};
use crate::platform::{Reaction, Refusal, lookup};
use crate::wire::{self, Text};

/// An answer, by what happens next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It was sent.
    Sent { id: String, how: Delivery },
    /// Moderators decide.
    Audit,
    /// Repeat it with a fresh token.
    TokenRefused(Failure),
    /// The platform has seen this message id and sequence.
    Duplicate(Failure),
    /// The message it answers cannot be answered any more.
    Closed(Failure),
    /// It was not sent.
    Refused(Failure),
    /// It may have been sent.
    Unclear(Failure),
}

/// Reads an answer. The body decides before the status does: errors come with
/// HTTP 200, and business errors with 500.
pub(super) fn read(response: &HttpResponse) -> Answer {
    let refusal = Refusal::read(response);
    if refusal.audit_id.is_some() {
        return Answer::Audit;
    }
    if let Some(code) = refusal.code {
        return known(code, refusal);
    }
    match response.status {
        200..=299 => sent(response),
        401 => Answer::TokenRefused(failure(
            &refusal,
            FailureKind::Unauthorized,
            "the access token was refused",
            "Check app_id and app_secret.",
        )),
        413 => Answer::Refused(failure(
            &refusal,
            FailureKind::TooLarge,
            "the message is too large",
            "Send less.",
        )),
        429 => Answer::Refused(failure(
            &refusal,
            FailureKind::RateLimited,
            "too many messages",
            "Try again later.",
        )),
        504 => Answer::Unclear(maybe_delivered(
            FailureKind::TimedOut,
            "the platform timed out (HTTP 504)",
        )),
        500.. => Answer::Unclear(maybe_delivered(
            FailureKind::Unavailable,
            &format!("the platform failed ({})", refusal.words()),
        )),
        _ => Answer::Refused(failure(
            &refusal,
            FailureKind::Protocol,
            "the answer is not the platform's",
            "Check that api_base and the proxy lead to the platform.",
        )),
    }
}

fn known(code: i64, refusal: Refusal) -> Answer {
    let Some(row) = lookup(code) else {
        let remedy =
            "Look the code up in the QQ bot documentation, or ask its support with the trace id.";
        let failure = failure(
            &refusal,
            FailureKind::Rejected,
            "the platform refused the message",
            remedy,
        );
        return Answer::Refused(failure);
    };
    let failure = failure(&refusal, row.kind, row.meaning, row.remedy);
    match row.reaction {
        Reaction::RefreshToken => Answer::TokenRefused(failure),
        Reaction::CloseAnchor => Answer::Closed(failure),
        Reaction::Duplicate => Answer::Duplicate(failure),
        Reaction::Audit => Answer::Audit,
        Reaction::Report | Reaction::Pause | Reaction::Stop => Answer::Refused(failure),
    }
}

/// Success has an id; without one nothing proves that anything was sent.
fn sent(response: &HttpResponse) -> Answer {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Sent<'a> {
        #[serde(borrow)]
        id: Text<'a>,
    }
    let sent: Sent<'_> = wire::read(&response.body).unwrap_or_default();
    match (sent.id.to_option(), response.status) {
        (Some(id), _) => Answer::Sent {
            id,
            how: Delivery::Passive,
        },
        (None, 201 | 202) => Answer::Audit,
        (None, _) => Answer::Unclear(maybe_delivered(
            FailureKind::Protocol,
            "the platform accepted the message without naming it",
        )),
    }
}

fn failure(refusal: &Refusal, kind: FailureKind, meaning: &str, remedy: &str) -> Failure {
    Failure::new(kind, format!("{meaning} ({})", refusal.words()))
        .remedy(remedy)
        .code(refusal.code)
        .trace(refusal.trace_id.clone())
}

/// Nobody knows whether the message arrived.
pub(super) fn maybe_delivered(kind: FailureKind, what: &str) -> Failure {
    Failure::new(kind, format!("{what}; the message may have been delivered"))
        .remedy("Look into the chat before sending it again.")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Name of the answer's case, and the kind of its failure.
    fn read(status: u16, body: &str) -> (&'static str, Option<FailureKind>) {
        let response = HttpResponse {
            id: 1,
            status,
            headers: Vec::new(),
            body: body.as_bytes().to_vec(),
            truncated: false,
            sealed: Vec::new(),
            blob: None,
        };
        match super::read(&response) {
            Answer::Sent { .. } => ("sent", None),
            Answer::Audit => ("audit", None),
            Answer::TokenRefused(f) => ("token", Some(f.kind)),
            Answer::Duplicate(f) => ("duplicate", Some(f.kind)),
            Answer::Closed(f) => ("closed", Some(f.kind)),
            Answer::Refused(f) => ("refused", Some(f.kind)),
            Answer::Unclear(f) => ("unclear", Some(f.kind)),
        }
    }

    #[test]
    fn the_body_decides_before_the_status() {
        use FailureKind::{
            Denied, Protocol, RateLimited, Rejected, TimedOut, TooLarge, Unauthorized, Unavailable,
        };
        for (status, body, case, kind) in [
            (200, r#"{"id":"R","timestamp":1}"#, "sent", None),
            (200, r#"{"id":"R","code":0,"timestamp":"x"}"#, "sent", None),
            (
                200,
                r#"{"code":40034105,"message":"m"}"#,
                "refused",
                Some(Denied),
            ),
            (
                200,
                r#"{"code":304023,"data":{"message_audit":{"audit_id":"a"}}}"#,
                "audit",
                None,
            ),
            (202, r#"{"code":304024,"message":"audit"}"#, "audit", None),
            (201, "", "audit", None),
            (200, "", "unclear", Some(Protocol)),
            (200, "<html>", "unclear", Some(Protocol)),
            (401, "", "token", Some(Unauthorized)),
            (500, r#"{"code":11244}"#, "token", Some(Unauthorized)),
            (
                401,
                r#"{"code":11298,"err_code":40023002}"#,
                "refused",
                Some(Denied),
            ),
            (400, r#"{"err_code":40034005}"#, "closed", Some(Rejected)),
            (400, r#"{"err_code":40054005}"#, "duplicate", Some(Rejected)),
            (
                500,
                r#"{"code":50059,"message":"input type err"}"#,
                "refused",
                Some(FailureKind::Invalid),
            ),
            (400, r#"{"code":987654321}"#, "refused", Some(Rejected)),
            (413, "<html>", "refused", Some(TooLarge)),
            (429, "", "refused", Some(RateLimited)),
            (502, "<html>", "unclear", Some(Unavailable)),
            (504, "", "unclear", Some(TimedOut)),
            (404, "nothing here", "refused", Some(Protocol)),
            (302, "", "refused", Some(Protocol)),
        ] {
            assert_eq!(read(status, body), (case, kind), "{status} {body}");
        }
    }
}

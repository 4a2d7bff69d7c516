//! What the platform's answer to a send means.

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::contract::{Failure, FailureKind, Header, HttpResponse};
use crate::platform::{Reaction, Refusal, Row, lookup};
use crate::wire;
use crate::wire::{Object, Text};

/// An answer, by what happens next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It was sent.
    Sent { id: String, index: Option<String> },
    /// Moderators decide; they may name their audit.
    Audit(Option<String>),
    /// It was not sent, and this is what to do about it.
    Refused(Reaction, Failure),
    /// It may have been sent.
    Unclear(Failure),
}

/// Reads an answer. A code that is known decides before the status does: errors
/// come with HTTP 200, and business errors with 500.
pub(crate) fn read(response: &HttpResponse) -> Answer {
    match refusal(response) {
        Some(answer) => answer,
        None => sent(response),
    }
}

/// Why a request was refused; absent when it was not.
pub(crate) fn refusal(response: &HttpResponse) -> Option<Answer> {
    let refusal = Refusal::read(response);
    if refusal.audit_id.is_some() {
        return Some(Answer::Audit(refusal.audit_id));
    }
    if let Some(row) = refusal.code.and_then(lookup) {
        return Some(known(row, &refusal, response));
    }
    by_status(&refusal, response)
}

/// The status says what kind of failure it is when no code does.
fn by_status(refusal: &Refusal, response: &HttpResponse) -> Option<Answer> {
    let refused = |reaction, kind, meaning, remedy| {
        let failure = failure(refusal, kind, meaning, remedy);
        Answer::Refused(reaction, failure.retry_after(retry_after_ms(response)))
    };
    let unclear = |kind, what: &str| {
        let failure = maybe_delivered(kind, what);
        let failure = failure.code(refusal.code).trace(refusal.trace_id.clone());
        Answer::Unclear(failure.retry_after(retry_after_ms(response)))
    };
    Some(match response.status {
        200..=299 if refusal.code.is_none() => return None,
        401 => refused(
            Reaction::RefreshToken,
            FailureKind::Unauthorized,
            "the access token was refused",
            "Check app_id and app_secret.",
        ),
        413 => refused(
            Reaction::Split,
            FailureKind::TooLarge,
            "the message is too large",
            "Send less.",
        ),
        // The edge says how long to stay away, or it is a quota like others.
        429 => refused(
            match retry_after_ms(response) {
                Some(_) => Reaction::Pause,
                None => Reaction::Quota,
            },
            FailureKind::RateLimited,
            "too many messages",
            "Try again later.",
        ),
        408 | 425 => unclear(FailureKind::TimedOut, "the request was not heard in time"),
        504 => unclear(FailureKind::TimedOut, "the platform timed out (HTTP 504)"),
        500.. => unclear(
            FailureKind::Unavailable,
            &format!("the platform failed ({})", refusal.words()),
        ),
        _ if refusal.code.is_some() => refused(
            Reaction::Report,
            FailureKind::Rejected,
            "the platform refused the message",
            "Look the code up in the QQ bot documentation, or ask its support with the trace id.",
        ),
        // A wall or a portal between the two, which may go away.
        _ => refused(
            Reaction::Retry,
            FailureKind::Protocol,
            "the answer is not the platform's",
            "Check that api_base and the proxy lead to the platform.",
        ),
    })
}

fn known(row: &Row, refusal: &Refusal, response: &HttpResponse) -> Answer {
    if row.reaction == Reaction::Audit {
        return Answer::Audit(None);
    }
    let failure = failure(refusal, row.kind, row.meaning, row.remedy);
    let asked_ms = retry_after_ms(response).or_else(|| row.reaction.rest_ms());
    Answer::Refused(row.reaction, failure.retry_after(asked_ms))
}

/// `Retry-After` in seconds. No document mentions it; some edges send it.
fn retry_after_ms(response: &HttpResponse) -> Option<u64> {
    const LONGEST_SECS: u64 = 300;
    let named = |h: &&Header| h.name.eq_ignore_ascii_case("retry-after");
    let header = response.headers.iter().find(named)?;
    let secs: u64 = header.value.trim().parse().ok()?;
    Some(secs.min(LONGEST_SECS) * 1_000)
}

/// Success has an id; without one nothing proves that anything was sent.
fn sent(response: &HttpResponse) -> Answer {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Sent<'a> {
        #[serde(borrow)]
        id: Text<'a>,
        #[serde(borrow)]
        ext_info: Object<ExtInfo<'a>>,
    }
    /// What a quote of the message will call it.
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct ExtInfo<'a> {
        #[serde(borrow)]
        ref_idx: Text<'a>,
    }
    let sent: Sent<'_> = wire::read(&response.body).unwrap_or_default();
    match (sent.id.to_option(), response.status) {
        (Some(id), _) => Answer::Sent {
            id,
            index: sent.ext_info.0.and_then(|info| info.ref_idx.to_option()),
        },
        (None, 201 | 202) => Answer::Audit(None),
        (None, _) if wire::read::<IgnoredAny>(&response.body).is_none() => {
            let what = "what answered is not the platform";
            Answer::Unclear(maybe_delivered(FailureKind::Protocol, what))
        }
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
pub(crate) fn maybe_delivered(kind: FailureKind, what: &str) -> Failure {
    Failure::new(kind, format!("{what}; the message may have been delivered"))
        .remedy("Look into the chat before sending it again.")
}

/// The request went out, and no answer came back.
pub(crate) fn unanswered(kind: FailureKind) -> Failure {
    let what = match kind {
        FailureKind::TimedOut => "the message was sent, and no answer came in time",
        FailureKind::Cancelled => "the message was called off while it was being sent",
        _ => "the connection broke after the message was sent",
    };
    maybe_delivered(kind, what)
}

/// The answer to a message without a number went down with the instance.
pub(crate) fn lost() -> Failure {
    maybe_delivered(FailureKind::Internal, "the answer was lost in a crash")
}

/// It cannot be sent now.
pub(crate) fn unavailable(what: &str) -> Failure {
    Failure::new(FailureKind::Unavailable, what).remedy("Try again in a moment.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::tests::response;

    /// The answer's case, and the kind of its failure.
    fn read(status: u16, body: &str) -> (String, Option<FailureKind>) {
        let response = response(1, status, body);
        match super::read(&response) {
            Answer::Sent { .. } => ("Sent".to_owned(), None),
            Answer::Audit(_) => ("Audit".to_owned(), None),
            Answer::Refused(reaction, f) => (format!("{reaction:?}"), Some(f.kind)),
            Answer::Unclear(f) => ("Unclear".to_owned(), Some(f.kind)),
        }
    }

    #[test]
    fn the_body_decides_before_the_status() {
        use FailureKind::{
            Denied, Protocol, RateLimited, Rejected, TimedOut, TooLarge, Unauthorized, Unavailable,
        };
        for (status, body, case, kind) in [
            (200, r#"{"id":"R","timestamp":1}"#, "Sent", None),
            (200, r#"{"id":"R","code":0,"timestamp":"x"}"#, "Sent", None),
            (200, r#"{"code":40034105}"#, "NoPush", Some(Denied)),
            (
                200,
                r#"{"code":304023,"data":{"message_audit":{"audit_id":"a"}}}"#,
                "Audit",
                None,
            ),
            (202, r#"{"code":304024,"message":"audit"}"#, "Audit", None),
            (201, "", "Audit", None),
            (200, "", "Unclear", Some(Protocol)),
            (200, "<html>", "Unclear", Some(Protocol)),
            (401, "", "RefreshToken", Some(Unauthorized)),
            (500, r#"{"code":11244}"#, "RefreshToken", Some(Unauthorized)),
            (
                401,
                r#"{"code":11298,"err_code":40023002}"#,
                "Blocked",
                Some(Denied),
            ),
            (
                400,
                r#"{"err_code":40034005}"#,
                "CloseAnchor",
                Some(Rejected),
            ),
            (400, r#"{"err_code":40054005}"#, "Duplicate", Some(Rejected)),
            (
                500,
                r#"{"code":50059}"#,
                "Report",
                Some(FailureKind::Invalid),
            ),
            (400, r#"{"code":987654321}"#, "Report", Some(Rejected)),
            (200, r#"{"code":987654321}"#, "Report", Some(Rejected)),
            // Nobody knows the code: the status says what happened.
            (500, r#"{"code":850999}"#, "Unclear", Some(Unavailable)),
            (503, r#"{"err_code":850999}"#, "Unclear", Some(Unavailable)),
            (504, r#"{"code":850999}"#, "Unclear", Some(TimedOut)),
            (429, r#"{"code":850999}"#, "Quota", Some(RateLimited)),
            (401, r#"{"code":1}"#, "RefreshToken", Some(Unauthorized)),
            (413, r#"{"code":1}"#, "Split", Some(TooLarge)),
            (
                400,
                r#"{"code":850019,"err_code":40034002}"#,
                "AsFile",
                Some(FailureKind::Unsupported),
            ),
            (413, "<html>", "Split", Some(TooLarge)),
            (429, "", "Quota", Some(RateLimited)),
            (502, "<html>", "Unclear", Some(Unavailable)),
            (504, "", "Unclear", Some(TimedOut)),
            (404, "nothing here", "Retry", Some(Protocol)),
            (302, "", "Retry", Some(Protocol)),
            (408, "", "Unclear", Some(TimedOut)),
        ] {
            let (got, got_kind) = read(status, body);
            assert_eq!((&*got, got_kind), (case, kind), "{status} {body}");
        }
    }

    #[test]
    fn retry_after_is_believed_up_to_a_bound() {
        for (value, expected) in [
            ("7", Some(7_000)),
            ("99999", Some(300_000)),
            ("Wed, 21 Oct 2026 07:28:00 GMT", None),
        ] {
            let mut response = response(1, 429, "");
            response.headers.push(Header {
                name: "Retry-After".to_owned(),
                value: value.to_owned(),
            });
            let Answer::Refused(_, failure) = super::read(&response) else {
                panic!("not refused")
            };
            assert_eq!(failure.retry_after_ms, expected, "{value}");
        }
    }
}

//! Error bodies of the REST API.
//!
//! See QQ docs, dev-prepare/api-call-guide: `err_code`, `message`, `trace_id`.
//! Real answers also carry the older `code`, of another number space, come with
//! HTTP 200, as HTML from the edge, or empty.

use serde::Deserialize;

use super::codes::lookup;
use crate::contract::HttpResponse;
use crate::wire::{self, Number, Object, Text};

/// Longest platform text that is repeated to a person.
const MESSAGE_LIMIT: usize = 200;

/// An error body, as far as it could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// HTTP status.
    pub(crate) status: u16,
    /// Of `err_code` and `code` the one that is known, `err_code` first; else
    /// the one that is there.
    pub(crate) code: Option<i64>,
    /// The platform's words; empty when there were none.
    pub(crate) message: String,
    /// For the platform's support.
    pub(crate) trace_id: Option<String>,
    /// Set when moderators decide about the message.
    pub(crate) audit_id: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Wire<'a> {
    code: Number,
    err_code: Number,
    #[serde(borrow)]
    message: Text<'a>,
    #[serde(borrow)]
    trace_id: Text<'a>,
    #[serde(borrow)]
    data: Object<WireData<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireData<'a> {
    #[serde(borrow)]
    message_audit: Object<WireAudit<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireAudit<'a> {
    #[serde(borrow)]
    audit_id: Text<'a>,
}

impl Refusal {
    /// Reads an answer as an error body. An answer that is none has no code.
    pub(crate) fn read(response: &HttpResponse) -> Self {
        let wire: Wire<'_> = wire::read(&response.body).unwrap_or_default();
        let codes = [wire.err_code.0, wire.code.0].into_iter().flatten();
        let mut codes = codes.filter(|code| *code != 0);
        let is_known = |code: &i64| lookup(*code).is_some();
        let code = codes.clone().find(is_known).or_else(|| codes.next());
        let audit = wire.data.0.and_then(|data| data.message_audit.0);
        Self {
            status: response.status,
            code,
            message: wire.message.0.chars().take(MESSAGE_LIMIT).collect(),
            trace_id: trace_id(response).or_else(|| wire.trace_id.to_option()),
            audit_id: audit.and_then(|audit| audit.audit_id.to_option()),
        }
    }

    /// `HTTP 400, "…"`.
    pub(crate) fn words(&self) -> String {
        if self.message.is_empty() {
            format!("HTTP {}", self.status)
        } else {
            format!("HTTP {}, {:?}", self.status, self.message)
        }
    }
}

/// Trace id of an answer, from its header `X-Tps-trace-ID`.
pub(crate) fn trace_id(response: &HttpResponse) -> Option<String> {
    let header = response
        .headers
        .iter()
        .find(|h| h.name.eq_ignore_ascii_case("x-tps-trace-id"))?;
    Some(header.value.clone())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::contract::{Header, Id};

    /// An answer with a trace id in its header.
    pub(crate) fn response(id: Id, status: u16, body: &str) -> HttpResponse {
        HttpResponse {
            id,
            status,
            headers: vec![Header {
                name: "X-Tps-Trace-Id".to_owned(),
                value: "t1".to_owned(),
            }],
            body: body.as_bytes().to_vec(),
            truncated: false,
            sealed: Vec::new(),
            blob: None,
        }
    }

    #[test]
    fn the_code_that_is_known_decides_err_code_first() {
        let code = |body: &str| Refusal::read(&response(1, 400, body)).code;
        assert_eq!(
            code(r#"{"code":850026,"err_code":40034001}"#),
            Some(40_034_001)
        );
        assert_eq!(code(r#"{"code":11298,"err_code":0}"#), Some(11_298));
        // Each alone is known, or neither is.
        assert_eq!(
            code(r#"{"code":850019,"err_code":40034002}"#),
            Some(850_019)
        );
        assert_eq!(
            code(r#"{"code":850999,"err_code":40034004}"#),
            Some(40_034_004)
        );
        assert_eq!(code(r#"{"code":1,"err_code":2}"#), Some(2));
        assert_eq!(code(r#"{"code":"11244"}"#), Some(11_244));
        assert_eq!(code(r#"{"code":0}"#), None);
    }

    #[test]
    fn html_and_empty_bodies_have_a_status_at_least() {
        for body in ["", "<html>413</html>", "[]", "null"] {
            let refusal = Refusal::read(&response(1, 413, body));
            assert_eq!(
                (refusal.code, refusal.words().as_str()),
                (None, "HTTP 413"),
                "{body}"
            );
            assert_eq!(refusal.trace_id.as_deref(), Some("t1"));
        }
    }

    #[test]
    fn finds_the_audit_id() {
        let body = r#"{"code":304023,"data":{"message_audit":{"audit_id":"a-1"}}}"#;
        assert_eq!(
            Refusal::read(&response(1, 202, body)).audit_id.as_deref(),
            Some("a-1")
        );
    }
}

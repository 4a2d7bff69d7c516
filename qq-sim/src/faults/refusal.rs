//! Refusals on request: any code, in any of the bodies clients meet.

use serde::{Deserialize, Serialize};

use super::Endpoint;

/// How the next request of a kind is refused. Only `code` must be given.
///
/// ```
/// use qq_sim::{Fault, ScriptedRefusal};
/// let fault: Fault = serde_json::from_str(r#"{"refuse_next": {"code": 40034006}}"#).unwrap();
/// assert_eq!(fault, Fault::RefuseNext(ScriptedRefusal::code(40_034_006)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScriptedRefusal {
    /// Which requests; messages to any chat if absent.
    #[serde(default)]
    pub endpoint: Option<Endpoint>,
    /// Only of this user, group, channel or conversation.
    #[serde(default)]
    pub peer: Option<String>,
    /// `code` of the answer.
    pub code: i64,
    /// `err_code`, if it differs.
    #[serde(default)]
    pub err_code: Option<i64>,
    /// Status, 400 if absent.
    #[serde(default = "bad_request")]
    pub status: u16,
    /// What the body has.
    #[serde(default)]
    pub shape: RefusalShape,
    /// Whether the request is carried out all the same.
    #[serde(default)]
    pub carried_out: bool,
    /// Value of a `Retry-After` header.
    #[serde(default)]
    pub retry_after_secs: Option<u32>,
}

/// Status of most business errors.
const fn bad_request() -> u16 {
    400
}

/// Bodies of refusals. Live ones have both codes, one of them, or are no JSON at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalShape {
    /// `code`, `err_code`, `message`, `trace_id`.
    #[default]
    Both,
    /// `code` and `message`, as the token endpoint writes it.
    CodeOnly,
    /// `err_code`, `message`, `trace_id`, as documented.
    ErrCodeOnly,
    /// A page of the edge.
    Html,
    /// Nothing.
    Empty,
}

impl ScriptedRefusal {
    /// Of the next message, with this code, status 400 and both codes in the body.
    #[must_use]
    pub const fn code(code: i64) -> Self {
        Self {
            endpoint: None,
            peer: None,
            code,
            err_code: None,
            status: bad_request(),
            shape: RefusalShape::Both,
            carried_out: false,
            retry_after_secs: None,
        }
    }

    /// Only requests to this endpoint.
    #[must_use]
    pub const fn at(mut self, endpoint: Endpoint) -> Self {
        self.endpoint = Some(endpoint);
        self
    }

    /// Only of this user, group, channel or conversation.
    #[must_use]
    pub fn to(mut self, peer: &str) -> Self {
        self.peer = Some(peer.to_owned());
        self
    }

    /// With this status.
    #[must_use]
    pub const fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// With such a body.
    #[must_use]
    pub const fn shape(mut self, shape: RefusalShape) -> Self {
        self.shape = shape;
        self
    }

    /// With an `err_code` that differs.
    #[must_use]
    pub const fn err_code(mut self, err_code: i64) -> Self {
        self.err_code = Some(err_code);
        self
    }

    /// Although it was carried out.
    #[must_use]
    pub const fn carried_out(mut self) -> Self {
        self.carried_out = true;
        self
    }

    /// With a `Retry-After` header.
    #[must_use]
    pub const fn retry_after(mut self, secs: u32) -> Self {
        self.retry_after_secs = Some(secs);
        self
    }
}

/// How the next message is held back for an audit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldForAudit {
    /// Which requests; messages to any chat if absent.
    #[serde(default)]
    pub endpoint: Option<Endpoint>,
    /// Only to this user, group, channel or conversation.
    #[serde(default)]
    pub peer: Option<String>,
    /// Status of the answer: 202 if absent, 201 and 200 are seen as well.
    #[serde(default = "accepted")]
    pub status: u16,
}

const fn accepted() -> u16 {
    202
}

impl Default for HeldForAudit {
    /// Any message, answered with 202.
    fn default() -> Self {
        Self {
            endpoint: None,
            peer: None,
            status: accepted(),
        }
    }
}

//! How answers are written and bodies read. `Content-Type` is exactly
//! `application/json`: one official SDK compares it as a string.

use std::convert::Infallible;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::config::Bot;
use crate::platform::World;
use crate::refusal::Refusal;
use crate::server::ConnectionNumber;

/// Support asks for it; it arrives in lower case, as HTTP libraries write it.
const TRACE_HEADER: HeaderName = HeaderName::from_static("x-tps-trace-id");

/// A JSON body with status 200.
pub(crate) struct Answer(pub(crate) Value);

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        json_response(StatusCode::OK, &self.0)
    }
}

/// Travels as an extension; [`finish`] writes its body once the trace id is known.
impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        let mut response = status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

pub(crate) fn json_response(status: StatusCode, body: &Value) -> Response {
    (
        status,
        [(CONTENT_TYPE, "application/json")],
        body.to_string(),
    )
        .into_response()
}

/// The page of the edge in front of the platform.
pub(crate) fn html_response(status: StatusCode) -> Response {
    let reason = status.canonical_reason().unwrap_or("Error");
    let page = format!(
        "<html>\r\n<head><title>{code} {reason}</title></head>\r\n<body>\r\n\
         <center><h1>{code} {reason}</h1></center>\r\n</body>\r\n</html>\r\n",
        code = status.as_u16()
    );
    (status, [(CONTENT_TYPE, "text/html")], page).into_response()
}

/// Gives a response its trace id, and a refusal its body.
pub(crate) fn finish(mut response: Response, trace: &str) -> Response {
    if let Some(refusal) = response.extensions_mut().remove::<Refusal>() {
        response = json_response(response.status(), &body_of(&refusal, trace));
    }
    if let Ok(value) = HeaderValue::from_str(trace) {
        response.headers_mut().insert(TRACE_HEADER, value);
    }
    response
}

/// The token endpoint's failures, the only ones with status 200, have two fields only.
fn body_of(refusal: &Refusal, trace: &str) -> Value {
    let Refusal {
        status,
        code,
        err_code,
        message,
    } = refusal;
    if *status == 200 {
        return json!({"code": code, "message": message});
    }
    json!({"message": message, "code": code, "err_code": err_code, "trace_id": trace})
}

/// A JSON request body. Text that is not JSON arrives as `null`, for the endpoint to
/// refuse in its own words; a body that is too large gets the edge's page.
pub(crate) struct JsonBody(pub(crate) Value);

impl<S: Send + Sync> FromRequest<S> for JsonBody {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let bytes = Bytes::from_request(request, state).await;
        let bytes = bytes.map_err(|_| html_response(StatusCode::PAYLOAD_TOO_LARGE))?;
        Ok(Self(serde_json::from_slice(&bytes).unwrap_or(Value::Null)))
    }
}

/// Where a request comes from: its connection, and whom it claims to be.
pub(crate) struct Origin {
    pub(crate) connection: Option<u64>,
    authorization: Option<String>,
    app_id: Option<String>,
}

impl Origin {
    /// The bot that calls.
    pub(crate) fn caller(&self, world: &World) -> Result<Bot, Refusal> {
        world.authorize(self.authorization.as_deref(), self.app_id.as_deref())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Origin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let text = |name: &str| header(&parts.headers, name).map(str::to_owned);
        Ok(Self {
            connection: parts
                .extensions
                .get::<ConnectionNumber>()
                .map(|number| number.0),
            authorization: text("authorization"),
            app_id: text("x-union-appid"),
        })
    }
}

/// A header as text, absent if it is not text.
pub(crate) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

//! How answers are written and bodies read. `Content-Type` is exactly
//! `application/json`: one official SDK compares it as a string.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::faults::RefusalShape;
use crate::rules::config::Bot;
use crate::rules::refusal::Refusal;
use crate::server::ConnectionNumber;
use crate::server::hub::Hub;
use crate::world::World;

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
        response = refused(response.status(), &refusal, trace);
    }
    if let Ok(value) = HeaderValue::from_str(trace) {
        response.headers_mut().insert(TRACE_HEADER, value);
    }
    response
}

fn refused(status: StatusCode, refusal: &Refusal, trace: &str) -> Response {
    let (message, code, err_code) = (refusal.message, refusal.code, refusal.err_code);
    let mut response = match refusal.shape {
        RefusalShape::Html => html_response(status),
        RefusalShape::Empty => status.into_response(),
        RefusalShape::CodeOnly => json_response(status, &json!({"code": code, "message": message})),
        RefusalShape::ErrCodeOnly => json_response(
            status,
            &json!({"message": message, "err_code": err_code, "trace_id": trace}),
        ),
        RefusalShape::Both => json_response(
            status,
            &json!({"message": message, "code": code, "err_code": err_code, "trace_id": trace}),
        ),
    };
    if let Some(secs) = refusal.retry_after_secs {
        let headers = response.headers_mut();
        headers.insert(RETRY_AFTER, HeaderValue::from(secs));
    }
    response
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
    /// Status of the answer while the message waits for an audit, if a fault wants that.
    pub(crate) audit: Option<StatusCode>,
    authorization: Option<String>,
    app_id: Option<String>,
    scripted: Option<Refusal>,
}

/// A refusal that a fault wants; the endpoint writes it into the journal as its own.
#[derive(Clone, Copy)]
pub(crate) struct Scripted(pub(crate) Refusal);

/// A message that a fault wants audited, and the status of the answer.
#[derive(Clone, Copy)]
pub(crate) struct Audited(pub(crate) StatusCode);

impl Origin {
    /// The bot that calls.
    pub(crate) fn caller(&self, world: &World) -> Result<Bot, Refusal> {
        self.check_script()?;
        world.authorize(self.authorization.as_deref(), self.app_id.as_deref())
    }

    /// The refusal that a fault wants. Whoever asks for the caller has asked for it.
    pub(crate) fn check_script(&self) -> Result<(), Refusal> {
        self.scripted.map_or(Ok(()), Err)
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
            audit: parts.extensions.get::<Audited>().map(|audited| audited.0),
            scripted: parts
                .extensions
                .get::<Scripted>()
                .map(|scripted| scripted.0),
            authorization: text("authorization"),
            app_id: text("x-union-appid"),
        })
    }
}

/// A request with a JSON body: where, whose, about what, and the body.
pub(crate) struct Posted(
    pub(crate) Arc<Hub>,
    pub(crate) Origin,
    pub(crate) String,
    pub(crate) Value,
);

impl FromRequest<Arc<Hub>> for Posted {
    type Rejection = Response;

    async fn from_request(request: Request, hub: &Arc<Hub>) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let Ok(origin) = Origin::from_request_parts(&mut parts, hub).await;
        let path = Path::from_request_parts(&mut parts, hub).await;
        let Path(id) = path.map_err(IntoResponse::into_response)?;
        let request = Request::from_parts(parts, body);
        let JsonBody(raw) = JsonBody::from_request(request, hub).await?;
        Ok(Self(Arc::clone(hub), origin, id, raw))
    }
}

/// A header as text, absent if it is not text.
pub(crate) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

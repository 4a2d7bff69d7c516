//! From a `send-http` action to a request with its secrets in place.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use reqwest::header::{
    ACCEPT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RANGE,
};
use serde_json::Value;

use super::blob::Blobs;
use super::http::HttpClient;
use super::run::Run;
use crate::contract::{
    Body, Failure, FailureKind, Header, JsonBody, Part, PartContent, SecretPlace, SecretUse,
    SendHttp,
};
use crate::limits;
use crate::policy::Target;
use crate::secrets::{Vault, insert_header, insert_json, set_json};

/// Headers that belong to the connection and not to the channel.
const HOST_HEADERS: &[&str] = &[
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Builds the request; everything that can be wrong with it is found here,
/// before anything is sent.
pub(crate) fn build(
    client: &HttpClient,
    send: SendHttp,
    target: &Target,
    vault: &Vault,
    blobs: &Blobs,
) -> Result<Built, Failure> {
    let method: Method = send
        .method
        .parse()
        .map_err(|_bad| invalid(format!("`{}` is no HTTP method", send.method)))?;
    let mut headers = plain_headers(&send.headers)?;
    if !send.secrets.is_empty() {
        readable(&headers, send.into_blob)?;
    }
    let mut in_body = Vec::new();
    for secret in &send.secrets {
        let value = vault.value(secret, target)?;
        match &secret.place {
            SecretPlace::Header(name) => insert_header(&mut headers, name, &value)?,
            SecretPlace::Json(pointer) => in_body.push((pointer.as_str(), value.to_string())),
        }
    }
    if !in_body.is_empty() && !matches!(send.body, Body::Json(_)) {
        return Err(invalid(
            "a secret has a JSON place, the body is not JSON".to_owned(),
        ));
    }
    let is_json = matches!(send.body, Body::Json(_));
    if is_json && !headers.contains_key(CONTENT_TYPE) {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    let timeout = std::time::Duration::from_millis(send.timeout_ms.into()).min(limits::NET_TIMEOUT);
    let request = client
        .request(target, method)
        .headers(headers)
        .timeout(timeout);
    attach(request, send.body, in_body, blobs)
}

/// The answer to a request that carries a secret is searched for it, so it must
/// come whole and as it is.
fn readable(headers: &HeaderMap, into_blob: bool) -> Result<(), Failure> {
    let set = [ACCEPT_ENCODING, RANGE]
        .into_iter()
        .find(|name| headers.contains_key(name));
    let what = match set {
        Some(name) => format!("does not set `{name}`"),
        None if into_blob => "is not answered into a blob".to_owned(),
        None => return Ok(()),
    };
    Err(invalid(format!("a request that carries a secret {what}")))
}

/// A request, but for bytes on the disk that go into its JSON.
pub(crate) struct Built {
    request: reqwest::RequestBuilder,
    unread: Option<Unread>,
}

struct Unread {
    text: String,
    /// Where each goes.
    runs: Vec<(String, Run)>,
}

impl Built {
    /// Reads what is to be read, away from the runtime's threads.
    pub(crate) async fn ready(self) -> Result<reqwest::RequestBuilder, Failure> {
        let Some(unread) = self.unread else {
            return Ok(self.request);
        };
        let text = tokio::task::spawn_blocking(|| unread.read()).await;
        let broken = |cause| Failure::new(FailureKind::Internal, format!("a body: {cause}"));
        Ok(self.request.body(text.map_err(broken)??))
    }
}

impl Unread {
    fn read(self) -> Result<String, Failure> {
        let mut document: Value =
            serde_json::from_str(&self.text).map_err(|_bad| invalid("not JSON".to_owned()))?;
        for (pointer, run) in self.runs {
            let encoded = STANDARD.encode(run.read()?);
            set_json(&mut document, &pointer, Value::String(encoded))?;
        }
        Ok(document.to_string())
    }
}

fn attach(
    request: reqwest::RequestBuilder,
    body: Body,
    secrets: Vec<(&str, String)>,
    blobs: &Blobs,
) -> Result<Built, Failure> {
    let mut unread = None;
    let request = match body {
        Body::Empty => request,
        Body::Bytes(bytes) => request.body(bytes),
        Body::Json(json) => {
            let (text, runs) = document(json, secrets, blobs)?;
            if runs.is_empty() {
                request.body(text)
            } else {
                unread = Some(Unread { text, runs });
                request
            }
        }
        Body::Blob(slice) => {
            let run = blobs.run(&slice)?;
            // Of a stream nobody else knows the length, and storage wants it.
            let request = request.header(CONTENT_LENGTH, run.size());
            request.body(reqwest::Body::wrap_stream(run.stream()))
        }
        Body::Multipart(parts) => request.multipart(form(parts, blobs)?),
    };
    Ok(Built { request, unread })
}

/// The text with its secrets, and what is still to go into it.
fn document(
    json: JsonBody,
    secrets: Vec<(&str, String)>,
    blobs: &Blobs,
) -> Result<(String, Vec<(String, Run)>), Failure> {
    let text = match secrets.is_empty() {
        true => json.text,
        false => insert_json(&json.text, secrets)?,
    };
    let mut runs = Vec::with_capacity(json.blobs.len());
    let mut size = 0;
    for blob in json.blobs {
        let run = blobs.run(&blob.slice)?;
        size += run.size();
        if size > limits::INLINE_BYTES {
            let what = format!("more than {} bytes in a JSON body", limits::INLINE_BYTES);
            return Err(Failure::new(FailureKind::TooLarge, what));
        }
        runs.push((blob.pointer, run));
    }
    Ok((text, runs))
}

fn form(parts: Vec<Part>, blobs: &Blobs) -> Result<reqwest::multipart::Form, Failure> {
    let mut form = reqwest::multipart::Form::new();
    for part in parts {
        let (body, size) = match part.content {
            PartContent::Bytes(bytes) => {
                let size = bytes.len() as u64;
                (reqwest::Body::from(bytes), size)
            }
            PartContent::Blob(slice) => {
                let run = blobs.run(&slice)?;
                let size = run.size();
                (reqwest::Body::wrap_stream(run.stream()), size)
            }
        };
        let mut piece = reqwest::multipart::Part::stream_with_length(body, size);
        if let Some(filename) = part.filename {
            piece = piece.file_name(filename);
        }
        if let Some(content_type) = part.content_type {
            piece = piece
                .mime_str(&content_type)
                .map_err(|_bad| invalid(format!("`{content_type}` is not a media type")))?;
        }
        form = form.part(part.name, piece);
    }
    Ok(form)
}

/// The channel's own headers, without those of the connection.
pub(super) fn plain_headers(given: &[Header]) -> Result<HeaderMap, Failure> {
    let mut headers = HeaderMap::new();
    for Header { name, value } in given {
        let bad = |what: &str| invalid(format!("header `{name}`: {what}"));
        let parsed: HeaderName = name.parse().map_err(|_bad| bad("not a header name"))?;
        if HOST_HEADERS.contains(&parsed.as_str()) {
            return Err(bad("belongs to the host"));
        }
        let value = HeaderValue::from_str(value).map_err(|_bad| bad("not a header value"))?;
        headers.append(parsed, value);
    }
    Ok(headers)
}

/// Secrets of a websocket upgrade: headers only.
pub(super) fn upgrade_headers(
    given: &[Header],
    secrets: &[SecretUse],
    target: &Target,
    vault: &Vault,
) -> Result<HeaderMap, Failure> {
    let mut headers = plain_headers(given)?;
    for secret in secrets {
        match &secret.place {
            SecretPlace::Header(name) => {
                insert_header(&mut headers, name, &vault.value(secret, target)?)?
            }
            SecretPlace::Json(_) => return Err(invalid("an upgrade has no JSON place".to_owned())),
        }
    }
    Ok(headers)
}

fn invalid(message: String) -> Failure {
    Failure::new(FailureKind::Invalid, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_may_repeat_a_secret_comes_whole_and_readable() {
        let with = |name: HeaderName| HeaderMap::from_iter([(name, HeaderValue::from_static("x"))]);
        for (headers, into_blob, expected) in [
            (with(CONTENT_TYPE), false, true),
            (with(ACCEPT_ENCODING), false, false),
            (with(RANGE), false, false),
            (HeaderMap::new(), true, false),
        ] {
            let outcome = readable(&headers, into_blob);
            assert_eq!(
                outcome.is_ok(),
                expected,
                "{headers:?} {into_blob}: {outcome:?}"
            );
        }
    }
}

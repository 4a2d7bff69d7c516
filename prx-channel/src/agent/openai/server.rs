//! The model's server: one kind of request, and what becomes of it.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use prx_channel_host::{Error, ErrorKind, Result, caused};
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{Response, Url};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::time::{Duration, timeout};
use zeroize::Zeroizing;

use super::piece::complaint;
use super::{OpenAiOptions, trouble};
use crate::agent::lines::one_line;

/// Bytes read of a refusal.
const REFUSAL: usize = 64 * 1024;
/// Characters shown of a refusal that is not the usual JSON.
const SHOWN: usize = 200;

/// How long to wait for what.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waits {
    pub(super) first_byte: Duration,
    pub(super) idle: Duration,
    pub(super) whole: Duration,
}

/// Why there is no answer, and when the server wants to be asked again.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) words: String,
    pub(super) retry_after: Option<Duration>,
}

/// Where completions come from.
pub(super) struct Server {
    client: reqwest::Client,
    url: Url,
    /// Host and port, as operators know it.
    name: String,
    key: Option<Zeroizing<String>>,
    /// The variable the key is in, or would be.
    variable: String,
    pub(super) waits: Waits,
}

impl Server {
    pub(super) fn new(options: &OpenAiOptions, key: Option<Zeroizing<String>>) -> Result<Self> {
        let url = endpoint(&options.base)?;
        let local = is_loopback_name(&url);
        if key.is_some() && url.scheme() == "http" && !local {
            tracing::warn!("the agent's key goes over the network in the clear; use https");
        }
        let builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls()?)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(options.connect_timeout);
        // The environment's proxy is for other machines.
        let builder = if local { builder.no_proxy() } else { builder };
        Ok(Self {
            client: builder
                .build()
                .map_err(caused(ErrorKind::Config, "HTTP client of the agent"))?,
            name: name(&url),
            url,
            key,
            variable: options.key_variable.clone(),
            waits: Waits {
                first_byte: options.first_byte_timeout,
                idle: options.idle_timeout,
                whole: options.answer_timeout,
            },
        })
    }

    /// Asks; the body of the answer is still to be read.
    pub(super) async fn ask(&self, body: Bytes) -> Result<Response, Refusal> {
        let mut request = self
            .client
            .post(self.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT, "text/event-stream, application/json")
            .body(body);
        if let Some(key) = &self.key {
            request = request.bearer_auth(key.as_str());
        }
        let sent = timeout(self.waits.first_byte, request.send()).await;
        let response = sent
            .map_err(|_late| self.refusal(&trouble::late(self.waits.first_byte), None))?
            .map_err(|cause| self.refusal(&trouble::unsent(&cause), None))?;
        if response.status().is_success() {
            return Ok(response);
        }
        Err(self.refused(response).await)
    }

    async fn refused(&self, mut response: Response) -> Refusal {
        let status = response.status();
        let retry_after = trouble::retry_after(response.headers());
        let body = timeout(self.waits.idle, beginning(&mut response))
            .await
            .unwrap_or_default();
        let body = String::from_utf8_lossy(&body);
        let said = complaint(&body).unwrap_or_else(|| one_line(&body, SHOWN));
        let key = match self.key {
            Some(_) => trouble::Key::Of(&self.variable),
            None => trouble::Key::MissingIn(&self.variable),
        };
        let words = format!("answered {status}: {said}{}", trouble::remedy(status, key));
        self.refusal(&words, retry_after)
    }

    fn refusal(&self, words: &str, retry_after: Option<Duration>) -> Refusal {
        Refusal {
            words: self.failure(words),
            retry_after,
        }
    }

    /// What went wrong, with the server's name and without the key.
    pub(super) fn failure(&self, words: &str) -> String {
        self.without_key(&format!("the model's server {} {words}", self.name))
    }

    /// Some servers repeat the key in their errors.
    fn without_key(&self, words: &str) -> String {
        match &self.key {
            Some(key) => words.replace(key.as_str(), "[key]"),
            None => words.to_owned(),
        }
    }
}

/// The system's own certificate store decides.
fn tls() -> Result<rustls::ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(BuilderVerifierExt::with_platform_verifier)
        .map_err(caused(ErrorKind::Config, "TLS settings"))?;
    Ok(config.with_no_client_auth())
}

/// Does it name this machine?
fn is_loopback_name(url: &Url) -> bool {
    match url.host_str() {
        Some("localhost") => true,
        Some(host) => host
            .trim_matches(['[', ']'])
            .parse()
            .is_ok_and(|ip: IpAddr| ip.is_loopback()),
        None => false,
    }
}

/// `BASE/chat/completions`.
fn endpoint(base: &str) -> Result<Url> {
    let wrong = |what: &str| {
        Error::new(
            ErrorKind::Config,
            format!("the base URL of the model's server {what}"),
        )
        .with_remedy("write it like https://api.openai.com/v1 or http://127.0.0.1:11434/v1")
    };
    let mut url = Url::parse(base).map_err(|cause| wrong("is not a URL").with_source(cause))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong("is not http or https"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong(
            "holds a user name or password; the key has its own variable",
        ));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("has a query or fragment"));
    }
    let path = format!("{}/chat/completions", url.path().trim_end_matches('/'));
    url.set_path(&path);
    Ok(url)
}

fn name(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port_or_known_default() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

async fn beginning(response: &mut Response) -> Bytes {
    let mut body = BytesMut::new();
    // A refusal that breaks off is shown as far as it came.
    while let Ok(Some(chunk)) = response.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() >= REFUSAL {
            body.truncate(REFUSAL);
            break;
        }
    }
    body.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_is_a_plain_url() {
        for (base, expected) in [
            (
                "https://api.openai.com/v1",
                "https://api.openai.com/v1/chat/completions",
            ),
            ("https://h/v1/", "https://h/v1/chat/completions"),
            ("http://127.0.0.1:1", "http://127.0.0.1:1/chat/completions"),
        ] {
            assert_eq!(endpoint(base).unwrap().as_str(), expected);
        }
        for base in [
            "",
            "h/v1",
            "ftp://h",
            "https://u:p@h/v1",
            "https://h/v1?a=b",
            "https://h/#a",
        ] {
            let error = endpoint(base).unwrap_err();
            assert!(error.remedy().is_some(), "{base}");
            assert!(!error.to_string().contains("u:p"), "{error}");
        }
    }

    #[test]
    fn a_server_is_named_with_its_port() {
        for (url, named) in [
            ("https://h/v1", "h:443"),
            ("http://127.0.0.1:8/v1", "127.0.0.1:8"),
            ("http://[::1]", "[::1]:80"),
        ] {
            assert_eq!(name(&Url::parse(url).unwrap()), named);
        }
    }

    #[test]
    fn this_machine_is_known() {
        for (url, local) in [
            ("http://localhost:1", true),
            ("http://127.8.8.8", true),
            ("http://[::1]:1", true),
            ("http://10.0.0.1", false),
            ("https://localhost.example", false),
        ] {
            assert_eq!(is_loopback_name(&Url::parse(url).unwrap()), local, "{url}");
        }
    }
}

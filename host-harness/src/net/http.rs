//! One HTTP client for the process: pooled connections, no redirects, no
//! retries of its own, bounded answers.

use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::Method;
use reqwest::header::HeaderMap;

use super::blob::BlobWriter;
use super::resolve::{LookupError, Resolver};
use crate::contract::{Failure, FailureKind};
use crate::error::{ErrorKind, Result, caused};
use crate::limits;
use crate::policy::Target;

/// The client. Cheap to clone; clones share connections.
#[derive(Clone)]
pub(crate) struct HttpClient {
    client: reqwest::Client,
}

/// A request with a plain body, for `wasi:http`.
pub(crate) struct PlainRequest {
    pub(crate) target: Target,
    pub(crate) method: Method,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) timeout: Duration,
}

/// An answer, its body cut at a cap.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) truncated: bool,
}

impl HttpClient {
    pub(super) fn new(tls: &Arc<rustls::ClientConfig>, resolver: Resolver) -> Result<Self> {
        let mut tls = rustls::ClientConfig::clone(tls);
        tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .dns_resolver(resolver)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .connect_timeout(Duration::from_secs(15))
            .pool_idle_timeout(Duration::from_secs(50))
            .pool_max_idle_per_host(8)
            .build()
            .map_err(caused(ErrorKind::Config, "HTTP client"))?;
        Ok(Self { client })
    }

    /// Starts a request; the caller adds body and headers.
    pub(crate) fn request(&self, target: &Target, method: Method) -> reqwest::RequestBuilder {
        self.client.request(method, target.url().clone())
    }

    /// Sends a request and reads at most `cap` bytes of its answer.
    pub(crate) async fn send(
        &self,
        request: reqwest::RequestBuilder,
        cap: usize,
    ) -> Result<Answer, Broken> {
        let mut response = request.send().await.map_err(|cause| classify(&cause))?;
        let (body, truncated) = read(&mut response, cap).await?;
        Ok(Answer {
            status: response.status().as_u16(),
            headers: std::mem::take(response.headers_mut()),
            body,
            truncated,
        })
    }

    /// Sends a request and writes its whole answer where `writer` keeps it.
    pub(crate) async fn send_into(
        &self,
        request: reqwest::RequestBuilder,
        writer: &mut BlobWriter,
    ) -> Result<Answer, Broken> {
        let mut response = request.send().await.map_err(|cause| classify(&cause))?;
        while let Some(chunk) = response.chunk().await.map_err(|cause| classify(&cause))? {
            writer.write(&chunk).await.map_err(Broken::later)?;
        }
        Ok(Answer {
            status: response.status().as_u16(),
            headers: std::mem::take(response.headers_mut()),
            body: Bytes::new(),
            truncated: false,
        })
    }

    /// Sends a request whose whole answer must fit.
    pub(crate) async fn fetch(&self, plain: PlainRequest) -> Result<Answer, Failure> {
        let request = self
            .request(&plain.target, plain.method)
            .headers(plain.headers)
            .body(plain.body)
            .timeout(plain.timeout);
        let answer = self.send(request, limits::RESPONSE_BYTES).await;
        let answer = answer.map_err(|broken| broken.failure)?;
        if answer.truncated {
            return Err(Failure::new(
                FailureKind::TooLarge,
                "the answer is longer than the host takes in",
            ));
        }
        Ok(answer)
    }
}

async fn read(response: &mut reqwest::Response, cap: usize) -> Result<(Bytes, bool), Broken> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|cause| classify(&cause))? {
        let room = cap - body.len();
        if chunk.len() > room {
            body.extend_from_slice(chunk.get(..room).unwrap_or_default());
            return Ok((body.freeze(), true));
        }
        body.extend_from_slice(&chunk);
    }
    Ok((body.freeze(), false))
}

/// Why a request got no answer.
#[derive(Debug)]
pub(crate) struct Broken {
    pub(crate) failure: Failure,
    /// It was on its way, or part of it.
    pub(crate) may_have_arrived: bool,
}

impl Broken {
    /// It never left.
    pub(crate) const fn unsent(failure: Failure) -> Self {
        Self {
            failure,
            may_have_arrived: false,
        }
    }

    /// It was on its way.
    pub(crate) const fn later(failure: Failure) -> Self {
        Self {
            failure,
            may_have_arrived: true,
        }
    }
}

/// Whether anything of the request was sent. Only what fails before there is a
/// connection certainly was not; a time that runs out may run out anywhere.
fn classify(error: &reqwest::Error) -> Broken {
    Broken {
        failure: words(error),
        may_have_arrived: !error.is_connect() && !error.is_builder(),
    }
}

/// Tells a client error apart by its causes. The URL is left out: its path may
/// hold a user's id.
fn words(error: &reqwest::Error) -> Failure {
    let mut cause: &(dyn StdError + 'static) = error;
    loop {
        if let Some(LookupError(failure)) = cause.downcast_ref() {
            return failure.clone();
        }
        if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
            return Failure::new(FailureKind::Tls, format!("TLS: {tls}")).with_remedy(
                "check this machine's clock and certificate store, and who answers at that host",
            );
        }
        // An `io::Error` hides what it wraps from `source`.
        let wrapped = cause
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref);
        match wrapped
            .map(|inner| inner as &(dyn StdError + 'static))
            .or_else(|| cause.source())
        {
            Some(next) => cause = next,
            None => break,
        }
    }
    if error.is_timeout() {
        return Failure::new(FailureKind::TimedOut, "no answer in time");
    }
    if error.is_connect() {
        return Failure::new(FailureKind::Unreachable, format!("cannot connect: {cause}"))
            .with_remedy("check the network, a firewall, and that the host is right");
    }
    Failure::new(
        FailureKind::Unreachable,
        format!("the connection broke: {cause}"),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;
    use crate::net::tls;

    /// Asks a server that does this with its first connection, or nobody.
    async fn asked(answer: Option<&'static [u8]>) -> Broken {
        let client = HttpClient::new(&tls::config().unwrap(), Resolver::new(true)).unwrap();
        let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", server.local_addr().unwrap());
        match answer {
            Some(answer) => drop(tokio::spawn(async move {
                let (mut peer, _) = server.accept().await.unwrap();
                let _asked = peer.read(&mut [0; 512]).await;
                peer.write_all(answer).await.unwrap();
            })),
            None => drop(server),
        }
        let request = client.client.post(url).body("hi");
        client.send(request, 100).await.unwrap_err()
    }

    #[tokio::test]
    async fn what_never_left_is_told_from_what_broke_on_the_way() {
        let refused = asked(None).await;
        assert_eq!(refused.failure.kind, FailureKind::Unreachable);
        assert!(!refused.may_have_arrived, "{refused:?}");
        let halves: [&[u8]; 2] = [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhal"];
        for answer in halves {
            let broke = asked(Some(answer)).await;
            assert_eq!(broke.failure.kind, FailureKind::Unreachable);
            assert!(broke.may_have_arrived, "{broke:?}");
        }
    }
}

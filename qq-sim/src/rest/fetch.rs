//! The platform downloads what a bot points at. It goes to loopback only: anything else is
//! not reachable from here, as it may not be from the platform.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::header::HOST;
use axum::http::{Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::rules::refusal::Refusal;
use crate::server::hub::Hub;

/// Fetches a file, as long as the rules allow.
pub(super) async fn fetch(hub: &Hub, url: &str) -> Result<Vec<u8>, Refusal> {
    let (fails, timeout, most) = hub.with(|world| {
        let rules = &world.config.rules;
        let most = usize::try_from(rules.media_hard_bytes).unwrap_or(usize::MAX);
        (rules.url_fetch_fails, rules.url_fetch_timeout_ms, most)
    });
    if fails {
        return Err(Refusal::DOWNLOAD_FAILED);
    }
    let timeout = Duration::from_millis(timeout);
    match tokio::time::timeout(timeout, download(url, most)).await {
        Ok(bytes) => bytes.ok_or(Refusal::DOWNLOAD_FAILED),
        Err(_) => Err(Refusal::DOWNLOAD_TIMEOUT),
    }
}

/// Address of a loopback host with its port.
fn loopback(uri: &Uri) -> Option<SocketAddr> {
    let host = uri.host().filter(|_| uri.scheme_str() == Some("http"))?;
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let address: IpAddr = match bare {
        "localhost" => IpAddr::from([127, 0, 0, 1]),
        bare => bare.parse().ok()?,
    };
    let address = SocketAddr::new(address, uri.port_u16().unwrap_or(80));
    address.ip().is_loopback().then_some(address)
}

/// `None` for whatever goes wrong; the platform does not tell either.
async fn download(url: &str, most: usize) -> Option<Vec<u8>> {
    let uri: Uri = url.parse().ok()?;
    let stream = TcpStream::connect(loopback(&uri)?).await.ok()?;
    let wire = TokioIo::new(stream);
    let (mut sender, connection) = hyper::client::conn::http1::handshake(wire).await.ok()?;
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let request = Request::get(path)
        .header(HOST, uri.authority()?.as_str())
        .body(Body::empty())
        .ok()?;
    let answer = async {
        let response = sender.send_request(request).await.ok()?;
        let is_there = response.status() == StatusCode::OK;
        let body = Body::new(response.into_body());
        // One byte more than allowed, so that too large is seen as such.
        let bytes = to_bytes(body, most.saturating_add(1)).await.ok()?;
        is_there.then(|| bytes.to_vec())
    };
    tokio::pin!(answer);
    tokio::select! {
        bytes = &mut answer => bytes,
        // The connection has ended; what it brought is read all the same.
        _ = connection => answer.await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goes_to_loopback_only() {
        let address = |url: &str| loopback(&url.parse().unwrap()).map(|it| it.to_string());
        assert_eq!(
            address("http://127.0.0.1:81/a").as_deref(),
            Some("127.0.0.1:81")
        );
        assert_eq!(
            address("http://localhost/a").as_deref(),
            Some("127.0.0.1:80")
        );
        assert_eq!(address("http://[::1]:9/a").as_deref(), Some("[::1]:9"));
        for elsewhere in [
            "http://10.0.0.1/a",
            "http://example.org/a",
            "https://127.0.0.1/a",
        ] {
            assert_eq!(address(elsewhere), None, "{elsewhere}");
        }
    }
}

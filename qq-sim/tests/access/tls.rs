//! The same origin under TLS, with certificates a client must refuse.

use std::sync::Arc;

use crate::support::LONG;
use futures_util::StreamExt;
use qq_sim::{Entry, Fault, Record, Sim, SimConfig, Tls};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

async fn start(tls: Tls) -> Sim {
    Sim::start(SimConfig::default().tls(tls)).await.unwrap()
}

/// Connects as a client that verifies, with these certificates to trust.
async fn connect(sim: &Sim, trusted: &[&[u8]]) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    for der in trusted {
        roots.add(CertificateDer::from(der.to_vec())).unwrap();
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let tcp = TcpStream::connect(sim.address()).await?;
    let host = sim.address().ip().into();
    TlsConnector::from(Arc::new(config))
        .connect(host, tcp)
        .await
}

fn tls_failed(entry: &Entry) -> bool {
    matches!(&entry.record, Record::TlsFailed { reason } if !reason.is_empty())
}

#[tokio::test]
async fn a_client_that_verifies_refuses_a_certificate_it_does_not_know() {
    let sim = start(Tls::SelfSigned).await;
    assert!(sim.base_url().starts_with("https://127.0.0.1:"));
    assert!(sim.gateway_url().starts_with("wss://127.0.0.1:"));
    let error = connect(&sim, &[]).await.unwrap_err();
    assert!(error.to_string().contains("UnknownIssuer"), "{error}");
    sim.wait_for(tls_failed, LONG).await.unwrap();
    assert_eq!(sim.journal().len(), 1, "nothing else happened");
}

#[tokio::test]
async fn trust_does_not_help_against_another_name_or_an_old_date() {
    for (tls, complaint) in [
        (Tls::OtherHost, "not valid for name"),
        (Tls::Expired, "expired"),
    ] {
        let sim = start(tls).await;
        let trusted = sim.certificate().unwrap();
        let error = connect(&sim, &[trusted]).await.unwrap_err();
        assert!(error.to_string().contains(complaint), "{error}");
        sim.wait_for(tls_failed, LONG).await.unwrap();
    }
}

#[tokio::test]
async fn a_client_that_trusts_it_can_talk_and_listen() {
    let sim = start(Tls::SelfSigned).await;
    let trusted = sim.certificate().unwrap();
    let mut stream = connect(&sim, &[trusted]).await.unwrap();
    let request = "GET /gateway HTTP/1.1\r\nhost: sim\r\nconnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.contains("11241"), "{answer}");

    let stream = connect(&sim, &[trusted]).await.unwrap();
    let dialled = tokio_tungstenite::client_async(sim.gateway_url(), stream).await;
    let mut socket = dialled.unwrap().0;
    let hello = socket.next().await.unwrap().unwrap();
    let hello: Value = serde_json::from_str(hello.to_text().unwrap()).unwrap();
    assert_eq!(hello["op"], 10);
}

#[tokio::test]
async fn a_connection_under_tls_can_be_reset() {
    let sim = start(Tls::SelfSigned).await;
    sim.fault(Fault::ResetHttp {
        endpoint: None,
        carried_out: false,
    });
    let trusted = sim.certificate().unwrap();
    let mut stream = connect(&sim, &[trusted]).await.unwrap();
    let request = "GET /gateway HTTP/1.1\r\nhost: sim\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let error = stream.read(&mut [0; 8]).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn plain_http_has_no_certificate() {
    let sim = Sim::start(SimConfig::default()).await.unwrap();
    assert!(sim.certificate().is_none());
}

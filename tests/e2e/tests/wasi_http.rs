//! A guest that speaks `wasi:http` itself is under the same policy as actions.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test may stop where it stands"
)]

use axum::Router;
use axum::routing::get;
use e2e::test_plugins;
use prx_channel_host::contract::{Failure, OutboundMessage, Receipt};
use prx_channel_host::{ChannelHandle, ChannelHost, ConfigFile, HostOptions};

async fn server() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new()
        .route("/open", get(|| async { "come in" }))
        .route("/closed", get(|| async { "how did you get here" }));
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

async fn channel(base: &str, allow_loopback: bool) -> ChannelHandle {
    let host = ChannelHost::new(HostOptions {
        allow_loopback,
        ..HostOptions::default()
    })
    .unwrap();
    let plugin = host.plugin(&test_plugins().join("http-guest")).unwrap();
    let config = ConfigFile::parse(&format!(
        "[channels_config.http-guest]\nbase = \"{base}\"\n"
    ))
    .unwrap();
    host.start(plugin, &config).await.unwrap()
}

async fn fetch(channel: &ChannelHandle, url: &str) -> Result<Receipt, Failure> {
    channel
        .commands()
        .send(OutboundMessage::text("x", url))
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_manifest_allows_is_fetched() {
    let base = server().await;
    let channel = channel(&base, true).await;
    let receipt = fetch(&channel, &format!("{base}/open")).await.unwrap();
    assert_eq!(receipt.message_ids, ["200", "come in"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_else_is_denied() {
    let base = server().await;
    let channel = channel(&base, true).await;
    for url in [
        format!("{base}/closed"),
        "https://example.com/open".to_owned(),
        "http://10.0.0.1/open".to_owned(),
    ] {
        let failure = fetch(&channel, &url).await.unwrap_err();
        assert!(
            failure.message.contains("HttpRequestDenied"),
            "{url}: {}",
            failure.message
        );
    }
    assert_eq!(channel.counters().get("instance_deaths"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn this_machine_is_closed_without_the_switch() {
    let base = server().await;
    let channel = channel(&base, false).await;
    let failure = fetch(&channel, &format!("{base}/open")).await.unwrap_err();
    assert!(
        failure.message.contains("HttpRequestDenied"),
        "{}",
        failure.message
    );
}

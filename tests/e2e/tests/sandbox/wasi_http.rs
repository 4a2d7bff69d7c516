//! A guest that speaks `wasi:http` itself is under the same policy as actions.

use std::path::PathBuf;

use axum::Router;
use axum::routing::get;
use e2e::test_plugins;
use prx_channel_host::contract::{
    Attachment, AttachmentKind, AttachmentLocation, ChatKind, Failure, InboundMessage,
    OutboundMessage, Receipt,
};
use prx_channel_host::media::{Fetcher, Inbox, fetching};
use prx_channel_host::{ChannelHandle, ChannelHost, ConfigFile, Delivered, HostOptions};
use tempfile::TempDir;
use tokio::sync::mpsc;

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
    let host = host(allow_loopback);
    let plugin = host.plugin(&guest()).await.unwrap();
    host.start(plugin, &config(base)).await.unwrap()
}

fn host(allow_loopback: bool) -> ChannelHost {
    ChannelHost::new(HostOptions {
        allow_loopback,
        ..HostOptions::default()
    })
    .unwrap()
}

fn guest() -> PathBuf {
    test_plugins().join("http-guest")
}

fn config(base: &str) -> ConfigFile {
    let text = format!("[channels_config.http-guest]\nbase = \"{base}\"\n");
    ConfigFile::parse(&text).unwrap()
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
        // Allowed, but its answers hold a secret.
        format!("{base}/sealed"),
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

/// Whether a file that a user sent is fetched from there.
async fn is_fetched(fetcher: &Fetcher, url: &str) -> bool {
    let folder = TempDir::new().unwrap();
    let inbox = Inbox::open(&folder.path().join("media")).unwrap();
    let (messages, queue) = mpsc::channel(1);
    let mut fetched = fetching(inbox, fetcher.clone(), queue);
    let file = Attachment {
        kind: AttachmentKind::File,
        location: AttachmentLocation::Url(url.to_owned()),
        name: None,
        mime: None,
        size: None,
        duration_ms: None,
        transcript: None,
    };
    let message = InboundMessage {
        id: "1".to_owned(),
        sender: "u".to_owned(),
        sender_name: None,
        sender_is_bot: false,
        reply_target: "t".to_owned(),
        chat: ChatKind::Dm,
        chat_title: None,
        text: String::new(),
        timestamp_ms: 0,
        mentioned: true,
        thread: None,
        quote: None,
        attachments: vec![file],
        interruption_scope: None,
        button: None,
        notice: None,
    };
    let delivered = Delivered {
        number: 1,
        message,
        again: false,
    };
    messages.send(delivered).await.unwrap();
    !fetched.recv().await.unwrap().message.text.is_empty()
}

#[tokio::test(flavor = "multi_thread")]
async fn new_settings_hold_at_once_for_every_way_out() {
    let (one, two) = (server().await, server().await);
    let (one_open, two_open) = (format!("{one}/open"), format!("{two}/open"));
    let host = host(true);
    let channel = host
        .start(host.plugin(&guest()).await.unwrap(), &config(&one))
        .await
        .unwrap();
    let fetcher = channel.fetcher();
    let holds = async |open: &str, closed: &str| {
        fetch(&channel, open).await.unwrap();
        let denied = fetch(&channel, closed).await.unwrap_err();
        assert!(denied.message.contains("HttpRequestDenied"), "{denied:?}");
        assert!(is_fetched(&fetcher, open).await);
        assert!(!is_fetched(&fetcher, closed).await);
    };
    holds(&one_open, &two_open).await;
    let plugin = host.plugin(&guest()).await.unwrap();
    let (settings, _) = host.validate(&plugin, &config(&two)).await.unwrap();
    channel.commands().configure(settings).await.unwrap();
    holds(&two_open, &one_open).await;
    host.reload(&channel.commands(), &guest(), &config(&one))
        .await
        .unwrap();
    holds(&one_open, &two_open).await;
}

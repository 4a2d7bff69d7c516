//! An answer that holds a secret is relieved of it, whatever the component does.

use axum::Router;
use axum::routing::get;
use e2e::{hostile, say};
use prx_channel_host::contract::FailureKind;
use prx_channel_host::{ChannelHandle, HostOptions};

const BODY: &str = r#"{"token":"planted-31337","expires_in":7200,"note":"planted-31337"}"#;

async fn server() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let token = || async { ([("x-again", "planted-31337")], BODY) };
    let router = Router::new()
        .route("/open/token", get(token))
        .route("/open/html", get(|| async { "<html>planted</html>" }))
        .route("/open", get(|| async { BODY }));
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

async fn start(base: &str) -> ChannelHandle {
    let config = format!("base = \"{base}\"");
    hostile(HostOptions::default(), &config).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_that_asks_for_nothing_sees_no_token() {
    let base = server().await;
    let channel = start(&base).await;
    for path in [
        "/open/token",
        "/open//token",
        "/open/%74oken",
        "/OPEN/../open/token",
    ] {
        let seen = say(&channel, &format!("fetch {base}{path}")).await.unwrap();
        assert!(!format!("{seen:?}").contains("31337"), "{path}: {seen:?}");
    }
    let seen = say(&channel, &format!("fetch {base}/open/token"))
        .await
        .unwrap();
    assert_eq!(seen.message_ids, ["200", r#"{"expires_in":7200}"#]);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_other_way_leads_to_such_an_address() {
    let base = server().await;
    let channel = start(&base).await;
    let socket = base.replace("http", "ws");
    for ask in [
        format!("keep {base}/open/token"),
        format!("dial {socket}/open/token"),
    ] {
        let failure = say(&channel, &ask).await.unwrap_err();
        assert_eq!(
            failure.kind,
            FailureKind::Denied,
            "{ask}: {}",
            failure.message
        );
        assert!(
            failure.message.contains("sealed_secret"),
            "{}",
            failure.message
        );
    }
}

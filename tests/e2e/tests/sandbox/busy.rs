//! A channel that keeps itself busy, or hangs, keeps nobody waiting.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use e2e::{Log, SOON, say};
use prx_channel_host::contract::{FailureKind, OutboundMessage};
use prx_channel_host::{ChannelHandle, TraceSink};
use tokio::sync::watch::Receiver;

use crate::start::{start, start_shown};

#[tokio::test(flavor = "multi_thread")]
async fn a_command_nobody_answers_is_answered_at_its_deadline() {
    let channel = start("").await;
    let silent = OutboundMessage::text("x", "silent");
    let failure = channel
        .commands()
        .send_within(silent, Duration::from_millis(200))
        .await
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::TimedOut);
}

/// Keeps the channel busy for ever; what is asked of it is still done.
async fn stays_reachable(channel: ChannelHandle, busy: &[&str]) {
    for word in busy {
        say(&channel, word).await.unwrap();
    }
    for _ in 0..20 {
        assert_eq!(say(&channel, "hello").await.unwrap().message_ids, ["ok"]);
    }
    channel.commands().kill_instance().await;
    for word in busy {
        say(&channel, word).await.unwrap();
    }
    assert_eq!(channel.counters().get("instance_deaths"), 1);
    assert!(channel.drain(SOON).await, "it ends in order");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_circle_of_timers_keeps_nobody_waiting() {
    stays_reachable(start("").await, &["circle"]).await;
    stays_reachable(start("").await, &["circles"]).await;
}

/// A channel, and news whenever something was given to it.
async fn start_watched() -> (ChannelHandle, Receiver<()>) {
    let (given, news) = tokio::sync::watch::channel(());
    let sink: TraceSink = Arc::new(move |_| given.send_replace(()));
    (start_shown("", Some(sink)).await, news)
}

async fn until_slowed(channel: &ChannelHandle, mut news: Receiver<()>) {
    let slowed = async {
        while channel.counters().get("slowed") == 0 {
            news.changed().await.unwrap();
        }
    };
    let found = tokio::time::timeout(SOON, slowed).await;
    found.expect("it is never slowed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_refusal_that_is_asked_for_again_and_again_keeps_nobody_waiting() {
    let (channel, news) = start_watched().await;
    say(&channel, "endless https://example.com/").await.unwrap();
    until_slowed(&channel, news).await;
    for _ in 0..20 {
        assert_eq!(say(&channel, "hello").await.unwrap().message_ids, ["ok"]);
    }
    // The request never ends, so the channel has until its deadline.
    assert!(channel.drain(Duration::from_millis(100)).await);
}

#[tokio::test]
async fn a_channel_that_goes_in_a_circle_is_named_and_slowed() {
    let (log, _guard) = Log::of_this_thread(tracing::Level::INFO);
    let (channel, news) = start_watched().await;
    say(&channel, "circles").await.unwrap();
    until_slowed(&channel, news).await;
    let text = log.text();
    let named = text.lines().filter(|line| line.contains("in a circle"));
    assert_eq!(named.count(), 1, "{text}");
}

/// A channel that hangs in the host, as over a disk that does not answer, until
/// the other end is dropped.
async fn start_stuck() -> (ChannelHandle, std::sync::mpsc::Sender<()>) {
    let (hold, held) = std::sync::mpsc::channel::<()>();
    let held = Mutex::new(held);
    let sink: TraceSink = Arc::new(move |_| {
        let _released = held.lock().unwrap().recv();
    });
    (start_shown("", Some(sink)).await, hold)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channel_that_hangs_is_answered_for_and_cut_off() {
    let (channel, hold) = start_stuck().await;
    let hello = OutboundMessage::text("x", "hello");
    let commands = channel.commands();
    let answer = commands
        .send_within(hello, Duration::from_millis(100))
        .await;
    assert_eq!(answer.unwrap_err().kind, FailureKind::TimedOut);
    assert!(!channel.drain(Duration::from_millis(100)).await);
    drop(hold);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_are_answered_with_requests_keep_nobody_waiting() {
    let server = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", server.local_addr().unwrap());
    let answer = || async { "x" };
    let app = axum::Router::new().route("/open", axum::routing::get(answer));
    tokio::spawn(async move { axum::serve(server, app).await });
    let channel = start(&format!("base = \"{base}\"")).await;
    say(&channel, &format!("endless {base}/open"))
        .await
        .unwrap();
    say(&channel, "circles").await.unwrap();
    for _ in 0..20 {
        assert_eq!(say(&channel, "hello").await.unwrap().message_ids, ["ok"]);
    }
    assert!(channel.drain(Duration::from_millis(100)).await);
}

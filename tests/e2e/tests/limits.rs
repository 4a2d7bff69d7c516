//! Every way a component can misbehave ends well, and the next command works.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test may stop where it stands"
)]

use std::sync::{Arc, Mutex};

use e2e::{SOON, test_plugins, watch};
use prx_channel_host::contract::{ChannelState, Failure, FailureKind, OutboundMessage, Receipt};
use prx_channel_host::{ChannelHandle, ChannelHost, ConfigFile, HostOptions};
use tracing_subscriber::fmt::MakeWriter;

async fn start(more: &str) -> ChannelHandle {
    let host = ChannelHost::new(HostOptions {
        allow_loopback: true,
        ..HostOptions::default()
    })
    .unwrap();
    let plugin = host.plugin(&test_plugins().join("hostile")).unwrap();
    let config = ConfigFile::parse(&format!("[channels_config.hostile]\n{more}\n")).unwrap();
    host.start(plugin, &config).await.unwrap()
}

async fn say(channel: &ChannelHandle, text: &str) -> Result<Receipt, Failure> {
    channel
        .commands()
        .send(OutboundMessage::text("x", text))
        .await
}

/// Dies over the event once; the fresh instance gets it again and answers.
async fn dies_once_over(text: &str) {
    let channel = start("").await;
    assert_eq!(
        say(&channel, text).await.unwrap().message_ids,
        ["redelivered"],
        "{text}"
    );
    assert_eq!(channel.counters().get("instance_deaths"), 1, "{text}");
    assert_eq!(
        say(&channel, "hello").await.unwrap().message_ids,
        ["ok"],
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trap_loses_nothing() {
    dies_once_over("trap").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endless_loop_is_stopped_by_its_time_limit() {
    dies_once_over("spin").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_beyond_the_limit_is_refused() {
    dies_once_over("grow").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_actions_are_refused_whole() {
    dies_once_over("flood").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn state_beyond_the_limit_is_refused_whole() {
    dies_once_over("hoard").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_kills_twice_is_set_aside() {
    let channel = start("").await;
    let failure = say(&channel, "poison").await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Internal);
    assert!(failure.remedy.is_some());
    assert_eq!(channel.counters().get("events_set_aside"), 1);
    assert_eq!(say(&channel, "hello").await.unwrap().message_ids, ["ok"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_keeps_dying_gives_up_with_its_reason() {
    let channel = start("start = \"trap\"").await;
    let report = watch::status(channel.status(), SOON, |report| report.fatal)
        .await
        .unwrap();
    assert_eq!(report.state, ChannelState::Stopped);
    assert!(
        report.detail.contains("asked to trap in start"),
        "{}",
        report.detail
    );
    let failure = say(&channel, "hello").await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unavailable);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_refuses_to_start_is_not_tried_again() {
    let channel = start("start = \"refuse\"").await;
    let report = watch::status(channel.status(), SOON, |report| report.fatal)
        .await
        .unwrap();
    assert_eq!(report.detail, "asked to refuse");
    assert_eq!(channel.counters().get("instance_deaths"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_put_before_a_trap_is_there_after_it() {
    let channel = start("").await;
    say(&channel, "remember k").await.unwrap();
    say(&channel, "trap").await.unwrap();
    let report = channel.status().borrow().clone();
    // Adopted: the command it died over, which is about to be given again.
    assert_eq!(report.detail, "adopted 1, state 1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_nobody_answers_is_answered_at_its_deadline() {
    let channel = start("").await;
    let silent = OutboundMessage::text("x", "silent");
    let failure = channel
        .commands()
        .send_within(silent, std::time::Duration::from_millis(200))
        .await
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::TimedOut);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_dialled_outside_the_rules() {
    let channel = start("base = \"http://127.0.0.1:9\"").await;
    for url in [
        "https://example.com/",
        "http://127.0.0.1:9/closed",
        "http://127.0.0.1:10/open",
        "http://169.254.169.254/open",
        "http://user:pw@127.0.0.1:9/open",
        "file:///etc/passwd",
        "gibberish",
    ] {
        let failure = say(&channel, &format!("fetch {url}")).await.unwrap_err();
        assert_eq!(
            failure.kind,
            FailureKind::Denied,
            "{url}: {}",
            failure.message
        );
        let failure = say(&channel, &format!("dial {url}")).await.unwrap_err();
        assert_eq!(
            failure.kind,
            FailureKind::Denied,
            "{url}: {}",
            failure.message
        );
    }
    // Allowed, and nobody listens.
    let failure = say(&channel, "fetch http://127.0.0.1:9/open")
        .await
        .unwrap_err();
    assert_eq!(
        failure.kind,
        FailureKind::Unreachable,
        "{}",
        failure.message
    );
    let failure = say(&channel, "dial ws://127.0.0.1:9/open")
        .await
        .unwrap_err();
    assert_eq!(
        failure.kind,
        FailureKind::Unreachable,
        "{}",
        failure.message
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_goes_nowhere_it_is_not_bound_to() {
    let channel = start("base = \"http://127.0.0.1:9\"\nplanted_secret = \"planted-31337\"").await;
    let failure = say(&channel, "steal http://127.0.0.1:9/open")
        .await
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::Denied);
    assert!(
        failure.message.contains("planted_secret"),
        "{}",
        failure.message
    );
    assert!(!failure.message.contains("31337"), "{}", failure.message);
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn a_note_is_one_line_of_the_log_whatever_it_holds() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(lines.clone())
        .with_ansi(false)
        .finish();
    // This test runs on one thread, so all its tasks log here.
    let _guard = tracing::subscriber::set_default(subscriber);
    let channel = start("").await;
    say(&channel, "forge").await.unwrap();
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    let forged: Vec<&str> = text
        .lines()
        .filter(|line| line.contains("forged"))
        .collect();
    assert_eq!(forged.len(), 1, "{text}");
    assert!(
        forged[0].contains("INFO") && !forged[0].starts_with("ERROR"),
        "{text}"
    );
}

//! Every way a component can misbehave ends well, and the next command works.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use e2e::{Log, SOON, hostile, say, watch};
use prx_channel_host::contract::{ChannelState, Failure, FailureKind, OutboundMessage};
use prx_channel_host::{ChannelHandle, HostOptions, TraceSink};
use tokio::sync::watch::Receiver;

async fn start(more: &str) -> ChannelHandle {
    start_shown(more, None).await
}

async fn start_shown(more: &str, trace: Option<TraceSink>) -> ChannelHandle {
    let options = HostOptions {
        trace,
        ..HostOptions::default()
    };
    hostile(options, more).await.unwrap()
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

#[tokio::test]
async fn a_channel_that_goes_in_a_circle_is_named_and_slowed() {
    let (log, _guard) = Log::of_this_thread();
    let (channel, news) = start_watched().await;
    say(&channel, "circles").await.unwrap();
    until_slowed(&channel, news).await;
    let text = log.text();
    let named = text.lines().filter(|line| line.contains("in a circle"));
    assert_eq!(named.count(), 1, "{text}");
}

#[tokio::test]
async fn a_note_is_one_line_of_the_log_whatever_it_holds() {
    let (log, _guard) = Log::of_this_thread();
    let channel = start("").await;
    say(&channel, "forge").await.unwrap();
    let text = log.text();
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

/// A request that is called off before it began never reaches anybody; one that
/// began may have arrived. Both end.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_called_off_ends_and_says_whether_it_left() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", silent.local_addr().unwrap());
    let channel = start(&format!("base = {base:?}")).await;
    let url = format!("{base}/open");
    let failure = say(&channel, &format!("fetch-not {url}"))
        .await
        .unwrap_err();
    let is_called_off = |failure: &Failure, left: bool| {
        let said = Some(format!("may have arrived: {left}"));
        failure.kind == FailureKind::Cancelled && failure.trace_id == said
    };
    assert!(is_called_off(&failure, false), "{failure:?}");
    // Commands are numbered one after the other.
    let asked = say(&channel, "number").await.unwrap().message_ids;
    let next: u64 = asked[0].parse::<u64>().unwrap() + 1;
    let fetch = format!("fetch {url}");
    let (fetched, met) = tokio::join!(say(&channel, &fetch), async {
        // The first and only one who comes.
        let met = silent.accept().await.unwrap();
        say(&channel, &format!("call-off {next}")).await.unwrap();
        met
    });
    let failure = fetched.unwrap_err();
    assert!(is_called_off(&failure, true), "{failure:?}");
    drop(met);
}

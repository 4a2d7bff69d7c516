//! What leaves the sandbox: requests, secrets, notes.

use e2e::{Log, say};
use prx_channel_host::ChannelHandle;
use prx_channel_host::contract::{Failure, FailureKind};

use crate::start::start;

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
        for way in ["fetch", "dial"] {
            fails(&channel, &format!("{way} {url}"), FailureKind::Denied).await;
        }
    }
    // Allowed, and nobody listens.
    for ask in [
        "fetch http://127.0.0.1:9/open",
        "dial ws://127.0.0.1:9/open",
    ] {
        fails(&channel, ask, FailureKind::Unreachable).await;
    }
}

async fn fails(channel: &ChannelHandle, ask: &str, kind: FailureKind) {
    let failure = say(channel, ask).await.unwrap_err();
    assert_eq!(failure.kind, kind, "{ask}: {}", failure.message);
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
async fn a_note_is_one_line_of_the_log_whatever_it_holds() {
    let (log, _guard) = Log::of_this_thread(tracing::Level::INFO);
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

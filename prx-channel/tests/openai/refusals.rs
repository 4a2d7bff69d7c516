//! A server that refuses, is busy, is silent or is not there.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use prx_channel::agent::Agent;
use serde_json::json;
use tokio::sync::Notify;

use crate::agent::{BROKE, KEY, agent, agent_with, turn};
use crate::completions::{Asked, Completions, Script, Step};

#[tokio::test]
async fn refusals_say_what_to_do_and_hide_the_key() {
    let error = |message: &str| json!({ "error": { "message": message, "type": "x" } });
    let echo = error(&format!("Incorrect API key provided: {KEY}"));
    for (script, words) in [
        (
            Script::json(401, &echo),
            &[
                "401",
                "Incorrect API key provided: [key]",
                "the key in OPENAI_API_KEY",
            ][..],
        ),
        (
            Script::json(404, &error("no such model")),
            &["404", "no such model", "model's name"],
        ),
        (
            Script::json(500, &json!("boom\nat line 7")),
            &["500", "boom at line 7", "server's own log"],
        ),
        (
            Script::json(400, &error("too long")),
            &["too long", "--openai-history-chars"],
        ),
        (
            Script::json(429, &error("slow down")).with("retry-after", "3600"),
            &["429", "slow down", "limits"],
        ),
    ] {
        let server = Completions::start(move |_asked| script.clone()).await;
        let said = agent(&server).answer(turn("hi")).await.unwrap_err();
        let address = server
            .base
            .trim_start_matches("http://")
            .trim_end_matches("/v1");
        assert!(
            said.starts_with(&format!("the model's server {address} answered")),
            "{said}"
        );
        assert!(!said.contains(KEY) && !said.contains('\n'), "{said}");
        for word in words {
            assert!(said.contains(word), "{word}: {said}");
        }
    }
}

#[tokio::test]
async fn a_date_says_how_soon_too() {
    let first = Arc::new(AtomicUsize::new(1));
    let server = Completions::start(move |_asked| {
        if first.swap(0, Ordering::SeqCst) == 1 {
            return Script::json(503, &json!({}))
                .with("date", "Wed, 21 Oct 2015 07:28:00 GMT")
                .with("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT");
        }
        Script::stream(&["hello"])
    })
    .await;
    assert_eq!(agent(&server).answer(turn("hi")).await.unwrap(), "hello");
}

#[tokio::test]
async fn a_request_is_repeated_when_the_server_says_how_soon() {
    let refusals = Arc::new(AtomicUsize::new(2));
    let left = Arc::clone(&refusals);
    let server = Completions::start(move |_asked| {
        match left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
            left.checked_sub(1)
        }) {
            Ok(_) => Script::json(429, &json!({})).with("retry-after", "0"),
            Err(_) => Script::stream(&["hello"]),
        }
    })
    .await;
    let agent = agent(&server);
    assert_eq!(agent.answer(turn("hi")).await.unwrap(), "hello");
    refusals.store(usize::MAX, Ordering::SeqCst);
    assert!(agent.answer(turn("hi")).await.unwrap_err().contains("429"));
    assert_eq!(server.asked(6).await.len(), 6);
}

#[tokio::test]
async fn a_silent_server_is_given_up_on() {
    let never = Arc::new(Notify::new());
    let (mute, stuck) = (Arc::clone(&never), never);
    let server = Completions::start(move |asked: &Asked| {
        let before = if asked.last().contains("mute") {
            &[][..]
        } else {
            &["hel"]
        };
        let told = if before.is_empty() { &mute } else { &stuck };
        Script::open_stream(before).then(Step::Await(Arc::clone(told)))
    })
    .await;
    let agent = agent_with(&server, |options| {
        options.first_byte_timeout = Duration::from_millis(50);
        options.idle_timeout = Duration::from_millis(50);
    });
    for text in ["mute", "stuck"] {
        let said = agent.answer(turn(text)).await;
        // On a busy machine even the head of the answer may be late.
        match said {
            Ok(said) => assert_eq!((said.as_str(), text), (BROKE, "stuck")),
            Err(why) => assert!(
                why.contains("said nothing") || why.contains("did not answer"),
                "{why}"
            ),
        }
    }
}

#[tokio::test]
async fn nobody_at_the_other_end_is_said_in_words() {
    let server = Completions::start(|_asked| Script::stream(&[])).await;
    let gone = agent(&server);
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let nobody = agent_with(&server, |options| {
        options.base = format!("http://127.0.0.1:{port}/v1");
    });
    drop((server, gone));
    let why = nobody.answer(turn("hi")).await.unwrap_err();
    for words in [
        &*format!("127.0.0.1:{port} cannot be asked"),
        "start it",
        "--openai-base",
    ] {
        assert!(why.contains(words), "{why}");
    }
}

#[tokio::test]
async fn a_server_without_tls_is_said_in_words() {
    let server = Completions::start(|_asked| Script::stream(&["hello"])).await;
    let secure = agent_with(&server, |options| {
        options.base = options.base.replace("http:", "https:");
    });
    let why = secure.answer(turn("hi")).await.unwrap_err();
    assert!(
        why.contains("cannot be asked") && why.contains("write http://"),
        "{why}"
    );
}

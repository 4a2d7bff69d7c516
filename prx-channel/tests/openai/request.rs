//! What a server is asked, and what is remembered of it.

use std::sync::Arc;

use prx_channel::agent::Agent;
use serde_json::json;
use tokio::sync::Notify;

use crate::agent::{KEY, agent, agent_with, asked_once, turn};
use crate::completions::{Asked, Completions, Script, Step};

#[tokio::test]
async fn the_request_is_what_such_servers_expect() {
    let server = Completions::start(|_asked| Script::stream(&["hello"])).await;
    let agent = agent_with(&server, |options| {
        options.system = Some("Be brief.".to_owned());
    });
    assert_eq!(agent.answer(turn("hi")).await.unwrap(), "hello");
    assert_eq!(agent.answer(turn("again")).await.unwrap(), "hello");
    let asked = server.asked(2).await;
    assert_eq!(asked[0].uri, "/v1/chat/completions");
    assert_eq!(asked[0].headers["authorization"], format!("Bearer {KEY}"));
    assert_eq!(asked[0].headers["content-type"], "application/json");
    assert_eq!(
        (&asked[0].body["model"], &asked[0].body["stream"]),
        (&json!("tiny"), &json!(true))
    );
    assert_eq!(asked[0].messages(), ["system: Be brief.", "user: hi"]);
    let second = [
        "system: Be brief.",
        "user: hi",
        "assistant: hello",
        "user: again",
    ];
    assert_eq!(asked[1].messages(), second);
}

#[tokio::test]
async fn without_a_key_nothing_is_authorised() {
    let server = Completions::start(|_asked| Script::stream(&["hello"])).await;
    let agent = agent_with(&server, |options| options.key = None);
    agent.answer(turn("hi")).await.unwrap();
    assert!(
        !server.asked(1).await[0]
            .headers
            .contains_key("authorization")
    );
}

fn finished(reason: &str) -> Step {
    let end = json!({ "choices": [{ "delta": {}, "finish_reason": reason }] });
    Step::Send(format!("data: {end}\n\ndata: [DONE]\n\n").into_bytes())
}

#[tokio::test]
async fn the_conversation_holds_neither_reasoning_nor_words_about_the_answer() {
    let server = Completions::start(|_asked| {
        Script::open_stream(&["<think>h", "m</think>", "hi"]).then(finished("length"))
    })
    .await;
    for show in [false, true] {
        let agent = agent_with(&server, |options| options.show_reasoning = show);
        let answer = agent.answer(turn("你好，说点什么")).await.unwrap();
        let quote = if show { "> hm\n\n" } else { "" };
        assert_eq!(
            answer,
            format!("{quote}hi\n\n⚠️ 回答太长，在这里被截断了。")
        );
        agent.answer(turn("more")).await.unwrap();
        let second = server.asked(2).await.pop().unwrap();
        assert_eq!(
            second.messages(),
            ["user: 你好，说点什么", "assistant: hi", "user: more"]
        );
    }
}

#[tokio::test]
async fn a_cancelled_turn_ends_its_request_and_stays_in_the_conversation() {
    let never = Arc::new(Notify::new());
    let server = Completions::start(move |asked: &Asked| {
        if asked.last() == "user: first" {
            return Script::open_stream(&["hel"]).then(Step::Await(Arc::clone(&never)));
        }
        Script::stream(&["both"])
    })
    .await;
    let agent = agent(&server);
    let first = turn("first");
    let heard = first.deltas.clone();
    tokio::select! {
        answer = agent.answer(first) => panic!("answered: {answer:?}"),
        () = async { while heard.text().is_empty() { tokio::task::yield_now().await } } => {}
    }
    server.left(1).await;
    assert_eq!(agent.answer(turn("second")).await.unwrap(), "both");
    assert_eq!(
        server.asked(2).await[1].messages(),
        ["user: first\n\nsecond"]
    );
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let elsewhere = Completions::start(|_asked| Script::stream(&["stolen"])).await;
    let to = format!("{}/chat/completions", elsewhere.base);
    let why = asked_once(Script::json(307, &json!({})).with("location", &to))
        .await
        .unwrap_err();
    assert!(why.contains("307"), "{why}");
}

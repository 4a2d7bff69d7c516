//! An answer, however it comes: cut anywhere, broken off, not whole.

use std::sync::Arc;

use prx_channel::agent::Agent;
use serde_json::json;
use tokio::sync::Notify;

use crate::agent::{BROKE, agent, asked_once, turn};
use crate::completions::{Completions, END, Script, Step, piece};

#[tokio::test]
async fn a_stream_may_be_cut_anywhere() {
    let text = [
        &piece("你"),
        ": alive\n\n",
        &piece("好 "),
        &piece("🌍"),
        END,
    ]
    .concat();
    for size in [1, 2, 3, 7, 64, text.len()] {
        let chunks = text.as_bytes().chunks(size);
        let mut script = Script::open_stream(&[]);
        script.steps = chunks.map(|chunk| Step::Send(chunk.to_vec())).collect();
        assert_eq!(asked_once(script).await.unwrap(), "你好 🌍", "{size}");
    }
}

#[tokio::test]
async fn deltas_come_as_the_server_sends_them() {
    let go_on = Arc::new(Notify::new());
    let script = Script::open_stream(&["he"])
        .then(Step::Await(Arc::clone(&go_on)))
        .then(Step::Send(piece("llo").into_bytes()))
        .then(Step::Send(END.as_bytes().to_vec()));
    let server = Completions::start(move |_asked| script.clone()).await;
    let agent = agent(&server);
    let turn = turn("hi");
    let deltas = turn.deltas.clone();
    let half = async {
        while deltas.text() != "he" {
            tokio::task::yield_now().await;
        }
        go_on.notify_one();
    };
    let (answer, ()) = tokio::join!(agent.answer(turn), half);
    assert_eq!(
        (answer.unwrap(), deltas.text()),
        ("hello".to_owned(), "hello".to_owned())
    );
}

#[tokio::test]
async fn a_server_that_does_not_stream_will_do() {
    let whole = json!({ "choices": [{ "message": { "role": "assistant", "content": "hello" } }] });
    assert_eq!(
        asked_once(Script::json(200, &whole)).await.unwrap(),
        "hello"
    );
}

#[tokio::test]
async fn a_stream_without_its_last_word_is_whole_if_it_says_so() {
    let ended = END.replace("data: [DONE]\n\n", "");
    let script = Script::open_stream(&["hello"]).then(Step::Send(ended.clone().into_bytes()));
    assert_eq!(asked_once(script.clone()).await.unwrap(), "hello");
    assert_eq!(asked_once(script.then(Step::Die)).await.unwrap(), "hello");
}

#[tokio::test]
async fn what_breaks_off_is_shown_as_far_as_it_came_and_says_so() {
    let half = || Script::open_stream(&["hel"]);
    let error = Step::Send(b"data: {\"error\":{\"message\":\"overloaded\"}}\n\n".to_vec());
    for script in [half(), half().then(Step::Die), half().then(error)] {
        assert_eq!(asked_once(script).await.unwrap(), BROKE);
    }
    for (script, why) in [
        (Script::open_stream(&[]).then(Step::Die), "broke off"),
        (Script::stream(&[]), "nothing"),
    ] {
        let said = asked_once(script).await.unwrap_err();
        assert!(said.contains(why) && said.contains(" → "), "{why}: {said}");
    }
}

#[tokio::test]
async fn an_odd_line_costs_no_answer() {
    for odd in [
        &b"data: oops"[..],
        b"data:",
        b": hm",
        b"data: keep-alive",
        b"\xFF",
        b"data: {\"a\":\"\xC3\"}",
    ] {
        let odd = Step::Send([odd, b"\n\n"].concat());
        let mut script = Script::stream(&["hel", "lo"]);
        script.steps.insert(1, odd.clone());
        script.steps.insert(0, odd);
        assert_eq!(asked_once(script).await.unwrap(), "hello");
    }
}

fn finished(reason: &str) -> Step {
    let end = json!({ "choices": [{ "delta": {}, "finish_reason": reason }] });
    Step::Send(format!("data: {end}\n\ndata: [DONE]\n\n").into_bytes())
}

#[tokio::test]
async fn an_answer_that_is_not_whole_says_so_below_its_text_and_outside_its_code() {
    for (pieces, reason, said) in [
        (
            &["half an"][..],
            "length",
            "half an\n\n⚠️ The answer was too long and is cut off here.",
        ),
        (
            &["```\nlet a"],
            "length",
            "```\nlet a\n```\n\n⚠️ The answer was too long and is cut off here.",
        ),
        (
            &["<think>hm"],
            "length",
            "⚠️ The answer was too long and is cut off here.",
        ),
        (
            &["half"],
            "content_filter",
            "half\n\n⚠️ A content filter held back the answer or a part of it.",
        ),
        (
            &[],
            "content_filter",
            "⚠️ A content filter held back the answer or a part of it.",
        ),
    ] {
        let script = Script::open_stream(pieces).then(finished(reason));
        assert_eq!(asked_once(script).await.unwrap(), said);
    }
}

#[tokio::test]
async fn an_answer_shown_too_early_is_taken_back_once() {
    let end = Arc::new(Notify::new());
    let go_on = Arc::clone(&end);
    let server = Completions::start(move |_asked| {
        Script::open_stream(&["let me see"])
            .then(Step::Await(Arc::clone(&go_on)))
            .then(Step::Send(piece("</think>").into_bytes()))
            .then(Step::Send(piece("42").into_bytes()))
            .then(finished("stop"))
    })
    .await;
    let agent = agent(&server);
    let first = turn("hi");
    let deltas = first.deltas.clone();
    let early = async {
        while deltas.text() != "let me see" {
            tokio::task::yield_now().await;
        }
        end.notify_one();
    };
    let (answer, ()) = tokio::join!(agent.answer(first), early);
    assert_eq!((answer.unwrap(), deltas.text()), ("42".into(), "42".into()));
    // The next answer of this model waits for the end of its reasoning.
    let second = turn("hi");
    let deltas = second.deltas.clone();
    end.notify_one();
    assert_eq!(agent.answer(second).await.unwrap(), "42");
    assert_eq!(deltas.text(), "42");
}

#[tokio::test]
async fn what_is_too_long_is_cut_or_refused() {
    let long = "x".repeat(300_000);
    let answer = asked_once(Script::open_stream(&[&long, &long]))
        .await
        .unwrap();
    let cut = "x".repeat(256 * 1024);
    assert_eq!(
        answer,
        format!("{cut}\n\n⚠️ The answer was too long and is cut off here.")
    );
    let huge = json!({ "choices": [{ "message": { "content": "x".repeat(9 << 20) } }] });
    let why = asked_once(Script::json(200, &huge)).await.unwrap_err();
    assert!(why.contains("sent more"), "{why}");
}

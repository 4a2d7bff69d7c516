//! The `openai` agent against a server that is awkward on request.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test may stop where it stands"
)]

mod completions;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use completions::{Asked, Completions, END, Script, Step, piece};
use prx_channel::agent::{Agent, Deltas, OpenAi, OpenAiOptions, Turn};
use prx_channel_host::contract::{ChatKind, InboundMessage};
use serde_json::json;
use tokio::sync::Notify;

const KEY: &str = "planted-key-51c9";

fn agent(server: &Completions) -> OpenAi {
    agent_with(server, |_as_it_is| ())
}

fn agent_with(server: &Completions, change: impl FnOnce(&mut OpenAiOptions)) -> OpenAi {
    let mut options = OpenAiOptions::new("tiny");
    options.base.clone_from(&server.base);
    options.key = Some(KEY.to_owned());
    change(&mut options);
    OpenAi::new(options).unwrap()
}

fn turn(text: &str) -> Turn {
    Turn {
        id: 1,
        conversation: "qq:c2c:1:U".into(),
        message: InboundMessage {
            id: "m".into(),
            sender: "U".into(),
            sender_name: None,
            sender_is_bot: false,
            reply_target: "c2c:1:U".into(),
            chat: ChatKind::Dm,
            chat_title: None,
            text: text.into(),
            timestamp_ms: 0,
            mentioned: true,
            thread: None,
            quote: None,
            attachments: vec![],
            interruption_scope: None,
            button: None,
            notice: None,
        },
        again: false,
        deltas: Deltas::default(),
    }
}

/// One question to a server that answers like this.
async fn asked_once(script: Script) -> Result<String, String> {
    let server = Completions::start(move |_asked| script.clone()).await;
    let answer = agent(&server).answer(turn("hi")).await;
    assert!(!format!("{answer:?}").contains(KEY), "{answer:?}");
    answer
}

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

const BROKE: &str = "hel\n\n⚠️ The answer broke off here. Please try again later.";

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

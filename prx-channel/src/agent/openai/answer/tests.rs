//! Answers in every dialect, cut anywhere, among lines that mean nothing.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::convert::Infallible;

use futures_util::{StreamExt, stream};
use proptest::prelude::*;
use reqwest::header::CONTENT_TYPE;
use serde_json::json;
use tokio::time::Instant;

use super::*;

const TASTE: Taste = Taste {
    waits: Waits {
        first_byte: Duration::from_secs(9),
        idle: Duration::from_secs(5),
        whole: Duration::from_secs(60),
    },
    reasoning: false,
    led: false,
};

/// A response of this kind whose body comes in these chunks.
fn response(kind: &str, chunks: Vec<Vec<u8>>) -> Response {
    let chunks = stream::iter(chunks.into_iter().map(Ok::<_, Infallible>));
    typed(kind, reqwest::Body::wrap_stream(chunks))
}

fn typed(kind: &str, body: reqwest::Body) -> Response {
    let response = http::Response::builder().header(CONTENT_TYPE, kind);
    response.body(body).unwrap().into()
}

/// What is read of these events, and what was shown of it.
async fn answer(taste: Taste, events: &[&str]) -> (Answer, String) {
    let lines = events.iter().map(|event| format!("data: {event}\n\n"));
    let chunks = lines.map(String::into_bytes).collect();
    let deltas = Deltas::default();
    let answer = read(response("text/event-stream", chunks), taste, &deltas).await;
    assert_eq!(deltas.text(), answer.to_show());
    (answer, deltas.text())
}

fn piece(content: &str) -> String {
    json!({ "choices": [{ "delta": { "content": content } }] }).to_string()
}

fn stop(reason: &str) -> String {
    json!({ "choices": [{ "delta": {}, "finish_reason": reason }] }).to_string()
}

#[tokio::test]
async fn reasoning_is_neither_shown_nor_kept() {
    let thought = json!({ "choices": [{ "delta": { "reasoning_content": "hm" } }] }).to_string();
    for (events, said, led) in [
        (
            &[&*piece("<thi"), &piece("nk>hm</th"), &piece("ink>\n\nhi")][..],
            "hi",
            false,
        ),
        (
            &[&*piece("hm"), &piece(" hm</think>"), &piece("hi")],
            "hi",
            true,
        ),
        (
            &[&*piece("a</think>b"), &piece("</think>c"), &piece("d")],
            "cd",
            true,
        ),
        (&[&*thought, &piece("hi")], "hi", false),
        (
            &[&*piece("`<think>` is a tag")],
            "`<think>` is a tag",
            false,
        ),
    ] {
        let mut events = events.to_vec();
        let end = stop("stop");
        events.extend([&*end, DONE]);
        let (answer, shown) = answer(TASTE, &events).await;
        assert_eq!((answer.text(), &*shown), (said, said));
        assert_eq!((answer.led(), answer.flaw()), (led, None));
    }
}

#[tokio::test]
async fn reasoning_can_be_shown_as_a_quote() {
    let taste = Taste {
        reasoning: true,
        ..TASTE
    };
    let thought = json!({ "choices": [{ "delta": { "reasoning": "so\nit" } }] }).to_string();
    for first in [
        thought,
        piece("<think>\nso\nit</think>"),
        piece("so\nit</think>"),
    ] {
        let (answer, shown) = answer(taste, &[&first, &piece("hi"), DONE]).await;
        assert_eq!(
            (answer.text(), &*shown),
            ("hi", "> so\n> it\n\nhi"),
            "{first}"
        );
    }
}

#[tokio::test]
async fn nothing_is_shown_before_the_end_of_reasoning_that_has_no_beginning() {
    let taste = Taste { led: true, ..TASTE };
    let (mut server, body) = tokio::io::duplex(1024);
    let body = tokio_util::io::ReaderStream::new(body);
    let response = typed("text/event-stream", reqwest::Body::wrap_stream(body));
    let deltas = Deltas::default();
    let mut seen = deltas.follow();
    let speak = async {
        for (said, shown) in [("hm, hm", ""), ("</think>hi", "hi")] {
            let line = format!("data: {}\n\n", piece(said));
            tokio::io::AsyncWriteExt::write_all(&mut server, line.as_bytes())
                .await
                .unwrap();
            seen.changed().await.unwrap();
            assert_eq!(*seen.borrow_and_update(), shown, "{said}");
        }
        drop(server);
    };
    let (answer, ()) = tokio::join!(read(response, taste, &deltas), speak);
    assert_eq!(answer.text(), "hi");
}

#[tokio::test]
async fn what_is_missing_is_known() {
    let error = r#"{"error":{"message":"overloaded"}}"#;
    let broke = |words: &str| Some(Flaw::Broke(words.to_owned()));
    for (events, flaw) in [
        (&[&*piece("hi"), &stop("stop"), DONE][..], None),
        (&[&*piece("hi"), &stop("stop")], None),
        (&[&*piece("hi"), DONE], None),
        (&[&*piece("hi"), &stop("length"), DONE], Some(Flaw::Cut)),
        (
            &[&*piece("hi"), &stop("content_filter"), DONE],
            Some(Flaw::Filtered),
        ),
        (&[&*piece("hi")], broke(&trouble::early())),
        (
            &[&*piece("hi"), error],
            broke(&trouble::failed("overloaded")),
        ),
        (
            &[&*piece("h"), error, &piece("i"), &stop("stop"), DONE],
            None,
        ),
        (
            &[
                &*piece("hi"),
                &stop(""),
                "keep-alive",
                "{\"x",
                "",
                "7",
                DONE,
            ],
            None,
        ),
    ] {
        let (answer, _shown) = answer(TASTE, events).await;
        assert_eq!((answer.text(), answer.flaw()), ("hi", flaw), "{events:?}");
    }
}

#[tokio::test]
async fn what_says_nothing_says_why() {
    let tool =
        r#"{"choices":[{"delta":{"tool_calls":[{"index":0}]},"finish_reason":"tool_calls"}]}"#;
    for (events, why) in [
        (&[tool, DONE][..], "call a tool"),
        (&[&*piece("<think>hm"), DONE], "only reasoned"),
        (&["<html>"], "not a chat completion"),
        (&[&*stop("stop"), DONE], "finish reason: stop"),
    ] {
        let (answer, shown) = answer(TASTE, events).await;
        assert_eq!((answer.text(), &*shown), ("", ""));
        assert!(
            answer.nothing().contains(why),
            "{why}: {}",
            answer.nothing()
        );
    }
}

#[tokio::test]
async fn a_body_is_read_by_what_it_holds_whatever_it_is_called() {
    let whole = json!({ "choices": [{ "message": { "content": "<think>hm</think>hi" } }] });
    let streamed = format!("data: {}\n\ndata: [DONE]\n\n", piece("hi"));
    for (kind, body) in [
        ("application/json", format!("\u{FEFF}{whole}")),
        ("application/json", format!("{whole:#}")),
        ("text/plain", streamed.clone()),
        ("TEXT/EVENT-STREAM; charset=utf-8", streamed.clone()),
        (
            "application/x-ndjson",
            format!("{}\n{}\n", piece("h"), piece("i")),
        ),
    ] {
        let deltas = Deltas::default();
        let response = response(kind, vec![body.into_bytes()]);
        let answer = read(response, TASTE, &deltas).await;
        assert_eq!((answer.text(), answer.flaw()), ("hi", None), "{kind}");
    }
}

#[tokio::test]
async fn an_answer_is_cut_between_characters_and_reasoning_does_not_count() {
    let long = "好".repeat(ANSWER);
    let (cut, _) = answer(TASTE, &[&piece(&long[..300_000]), &piece(&long[..300_000])]).await;
    assert_eq!(cut.text().len(), ANSWER - ANSWER % 3);
    assert_eq!(cut.flaw(), Some(Flaw::Cut));
    let thought = format!("<think>{}</think>hi", &long[..600_000]);
    let (cut, _) = answer(TASTE, &[&piece(&thought), DONE]).await;
    assert_eq!((cut.text(), cut.flaw()), ("hi", None));
}

/// The flaw of an answer of these bytes, after which nothing more comes.
async fn silence(head: &str, between: &str) -> (Answer, Duration) {
    let began = Instant::now();
    let first = stream::iter([head.to_owned()]);
    let rest = stream::unfold(between.to_owned(), |between| async {
        if between.is_empty() {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(Duration::from_secs(4)).await;
        Some((between.clone(), between))
    });
    let body = first.chain(rest).map(Ok::<_, Infallible>);
    let response = typed("text/event-stream", reqwest::Body::wrap_stream(body));
    let answer = read(response, TASTE, &Deltas::default()).await;
    (answer, began.elapsed())
}

#[tokio::test(start_paused = true)]
async fn silence_has_its_limits() {
    let hi = format!("data: {}\n\n", piece("hi"));
    let done = format!("{hi}data: {}\n\n", stop("stop"));
    for (head, between, why, secs) in [
        (": hello\n", "", "said nothing for 5 s", 5),
        (&*hi, "", "said nothing for 5 s", 5),
        (&*hi, ": alive\n", "was not done after 60 s", 60),
        (&*done, "", "", 2),
    ] {
        let (answer, waited) = silence(head, between).await;
        assert_eq!(waited.as_secs(), secs, "{why}");
        match answer.flaw() {
            Some(Flaw::Broke(said)) => assert!(said.contains(why) && !why.is_empty(), "{said}"),
            flaw => assert_eq!((flaw, why), (None, "")),
        }
    }
}

#[tokio::test]
async fn a_stream_that_never_ends_does() {
    let line = format!(":{}\n", "x".repeat(1 << 20)).into_bytes();
    let chunks = stream::repeat_with(move || Ok::<_, Infallible>(line.clone()));
    let response = typed("text/event-stream", reqwest::Body::wrap_stream(chunks));
    let answer = read(response, TASTE, &Deltas::default()).await;
    assert!(matches!(answer.flaw(), Some(Flaw::Broke(why)) if why.contains("sent more")));
}

/// A piece of JSON text made of UTF-16, as JavaScript and Python write it.
fn escaped(units: &[u16]) -> String {
    units.iter().map(|unit| format!("\\u{unit:04x}")).collect()
}

fn event(units: &[u16], dialect: usize) -> String {
    let text = escaped(units);
    match dialect {
        0 => format!(r#"{{"choices":[{{"delta":{{"content":"{text}"}}}}]}}"#),
        1 => format!(
            r#"{{"choices":[{{"index":0,"finish_reason":"","delta":{{"content":[{{"type":"text","text":"{text}"}}]}}}}]}}"#
        ),
        _ => format!(
            r#"{{"id":"x","choices":[{{"index":1,"delta":{{"content":"no"}}}},{{"delta":{{"content":"{text}","reasoning":"hm"}}}}],"usage":null}}"#
        ),
    }
}

const TEXT: &[&str] = &[
    "你好",
    "😀",
    "a ",
    "\n",
    "\"",
    "\\",
    "<think>hm</think>",
    "`<think>`",
    "```\n</think>\n```\n",
    "<b>",
    "\u{FEFF}",
];
const JUNK: &[&[u8]] = &[
    b"",
    b": keep-alive",
    b"data:",
    b"data",
    b"data: keep-alive",
    b"data: {\"choices\"",
    b"event: message",
    b"id: 7",
    b"retry: 1",
    b"\xFF\xFE",
    b"data: \xC3",
    b"nonsense",
    b"{",
    b"data: {\"choices\":[]}",
    b"data: null",
];
const ENDS: &[&[u8]] = &[b"\n", b"\r\n", b"\r"];

prop_compose! {
    /// Lines of one answer and what it says.
    fn answers()(
        text in prop::collection::vec(prop::sample::select(TEXT), 1..12).prop_map(|text| format!("x{}", text.concat())),
        cuts in prop::collection::vec((1..9_usize, 0..3_usize, prop::sample::select(JUNK), prop::sample::select(ENDS)), 64),
    ) -> (String, Vec<u8>) {
        let units: Vec<u16> = text.encode_utf16().collect();
        let (mut rest, mut bytes) = (&units[..], "\u{FEFF}".as_bytes().to_vec());
        for (length, dialect, junk, end) in cuts {
            let (now, later) = rest.split_at(length.min(rest.len()));
            rest = later;
            for line in [junk, format!("data: {}", event(now, dialect)).as_bytes(), junk, b""] {
                bytes.extend([line, end].concat());
            }
        }
        bytes.extend(format!("data: {}", event(rest, 0)).as_bytes());
        bytes.extend(b"\n\ndata: [DONE]\n\n");
        (text, bytes)
    }
}

proptest! {
    #[test]
    fn an_answer_is_the_same_however_it_is_cut_and_sprinkled(
        (text, bytes) in answers(),
        sizes in prop::collection::vec(1..40_usize, 1..50),
    ) {
        let (mut rest, mut chunks) = (&bytes[..], Vec::new());
        for size in sizes.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (now, later) = rest.split_at((*size).min(rest.len()));
            chunks.push(now.to_vec());
            rest = later;
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let response = response("text/event-stream", chunks);
        let deltas = Deltas::default();
        let answer = runtime.block_on(read(response, TASTE, &deltas));
        let mut sorter = Sorter::default();
        sorter.text(&text);
        sorter.end();
        prop_assert_eq!(answer.text(), sorter.said().0);
        prop_assert_eq!(answer.flaw(), None);
        prop_assert_eq!(deltas.text(), answer.text());
    }
}

//! Reading a completion, in one piece or in many.

use std::io;

use bytes::BytesMut;
use futures_util::TryStreamExt;
use reqwest::Response;
use reqwest::header::CONTENT_TYPE;
use serde::Deserialize;
use serde_json::Value;
use tokio::time::timeout;
use tokio_util::io::StreamReader;

use super::server::{Waits, words};
use super::sse::Events;
use crate::agent::Deltas;

/// Longest answer, bytes. A model that goes on longer repeats itself; what is
/// there is taken.
const ANSWER: usize = 256 * 1024;
/// Longest body of an answer in one piece, bytes.
const BODY: usize = 8 * 1024 * 1024;

/// A completion or a piece of one; what nobody asked for is not read.
#[derive(Deserialize)]
struct Completion {
    #[serde(default)]
    choices: Option<Vec<Choice>>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Choice {
    #[serde(default)]
    index: u64,
    /// In a stream.
    delta: Option<Message>,
    /// In one piece.
    message: Option<Message>,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Message {
    content: Option<String>,
}

/// Reads the answer, and says what there is of it as it comes.
pub(super) async fn read(
    response: Response,
    waits: Waits,
    deltas: &Deltas,
) -> Result<String, String> {
    let mut answer = Answer::default();
    if is_stream(&response) {
        streamed(response, waits, deltas, &mut answer).await?;
    } else {
        let body = whole(response, waits).await?;
        answer.take(&body, deltas)?;
    }
    answer.finish()
}

fn is_stream(response: &Response) -> bool {
    let kind = response.headers().get(CONTENT_TYPE);
    kind.and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.trim_start().starts_with("text/event-stream"))
}

async fn streamed(
    response: Response,
    waits: Waits,
    deltas: &Deltas,
    answer: &mut Answer,
) -> Result<(), String> {
    let bytes = response
        .bytes_stream()
        .map_err(|cause| io::Error::other(words(&cause)));
    let mut events = Events::new(StreamReader::new(bytes), waits);
    while !answer.is_full() {
        match events.next().await {
            Ok(Some(data)) if data.trim() == "[DONE]" => {
                answer.ended = true;
                return Ok(());
            }
            Ok(Some(data)) => answer.take(&data, deltas)?,
            // Some servers hang up after the last piece.
            Ok(None) | Err(_) if answer.ended => return Ok(()),
            Ok(None) => return Err("the answer broke off: the stream ended early".to_owned()),
            Err(why) => return Err(why),
        }
    }
    Ok(())
}

async fn whole(mut response: Response, waits: Waits) -> Result<String, String> {
    let mut body = BytesMut::new();
    loop {
        let chunk = timeout(waits.first_byte, response.chunk())
            .await
            .map_err(|_late| "the answer stopped on its way".to_owned())?
            .map_err(|cause| format!("the answer broke off: {}", words(&cause)))?;
        let Some(chunk) = chunk else {
            return String::from_utf8(body.into())
                .map_err(|_binary| "the answer is no text".to_owned());
        };
        if body.len() + chunk.len() > BODY {
            return Err(format!("the answer is longer than {BODY} bytes"));
        }
        body.extend_from_slice(&chunk);
    }
}

/// What there is of the answer.
#[derive(Default)]
struct Answer {
    text: String,
    /// The server said that it is complete.
    ended: bool,
    reason: Option<String>,
}

impl Answer {
    /// A whole completion or the next piece of one.
    fn take(&mut self, json: &str, deltas: &Deltas) -> Result<(), String> {
        let completion: Completion = serde_json::from_str(json)
            .map_err(|cause| format!("the answer is no chat completion: {cause}"))?;
        if completion.error.is_some() {
            let said = complaint(json).unwrap_or_else(|| "no reason given".to_owned());
            return Err(format!("the model's server failed: {said}"));
        }
        let choices = completion.choices.unwrap_or_default();
        for choice in choices.into_iter().filter(|choice| choice.index == 0) {
            let content = choice
                .delta
                .or(choice.message)
                .and_then(|said| said.content);
            self.add(&content.unwrap_or_default(), deltas);
            if choice.finish_reason.is_some() {
                self.ended = true;
                self.reason = choice.finish_reason;
            }
        }
        Ok(())
    }

    /// Reasoning and the like come as pieces without text: a sign of life.
    fn add(&mut self, piece: &str, deltas: &Deltas) {
        let room = ANSWER.saturating_sub(self.text.len());
        let piece = piece
            .get(..piece.floor_char_boundary(room))
            .unwrap_or_default();
        self.text.push_str(piece);
        if piece.is_empty() {
            deltas.working();
        } else {
            deltas.push(piece);
        }
    }

    fn is_full(&self) -> bool {
        // A character of up to four bytes may not have fitted.
        self.text.len() + 4 > ANSWER
    }

    fn finish(self) -> Result<String, String> {
        if self.is_full() {
            tracing::warn!("the model's answer was cut at {ANSWER} bytes");
        }
        if !self.text.trim().is_empty() {
            return Ok(self.text);
        }
        let reason = self.reason.unwrap_or_else(|| "none".to_owned());
        Err(format!(
            "the model answered with nothing (finish reason: {reason})"
        ))
    }
}

/// What an error object says, in the shapes that servers use.
pub(super) fn complaint(json: &str) -> Option<String> {
    let value: Value = serde_json::from_str(json).ok()?;
    let error = value.get("error").unwrap_or(&value);
    let said = error.get("message").unwrap_or(error).as_str()?;
    Some(said.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The answer made of these events.
    fn answer(events: &[&str]) -> Result<String, String> {
        let deltas = Deltas::default();
        let mut answer = Answer::default();
        for event in events {
            answer.take(event, &deltas)?;
        }
        let text = answer.finish()?;
        assert_eq!(deltas.text(), text);
        Ok(text)
    }

    #[test]
    fn pieces_and_wholes_are_read() {
        let pieces = [
            r#"{"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}"#,
            r#"{"choices":[{"index":0,"delta":{"reasoning_content":"hm"}}]}"#,
            r#"{"choices":[{"index":0,"delta":{"content":"he"}},{"index":1,"delta":{"content":"x"}}]}"#,
            r#"{"choices":[{"delta":{"content":"llo"},"finish_reason":null}]}"#,
            r#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#,
            r#"{"choices":[],"usage":{"total_tokens":3}}"#,
            r#"{"choices":null}"#,
        ];
        assert_eq!(answer(&pieces).unwrap(), "hello");
        let whole = r#"{"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}]}"#;
        assert_eq!(answer(&[whole]).unwrap(), "hi");
    }

    #[test]
    fn what_is_no_answer_says_why() {
        for (event, why) in [
            (
                r#"{"error":{"message":"overloaded","type":"server_error"}}"#,
                "overloaded",
            ),
            (r#"{"error":"out of memory"}"#, "out of memory"),
            (r#"{"error":{"code":7}}"#, "no reason given"),
            ("<html>", "no chat completion"),
            (
                r#"{"choices":[{"message":{"content":" "},"finish_reason":"content_filter"}]}"#,
                "content_filter",
            ),
            ("{}", "nothing"),
        ] {
            let said = answer(&[event]).unwrap_err();
            assert!(said.contains(why), "{event}: {said}");
        }
    }

    #[test]
    fn an_answer_is_cut_between_characters() {
        let long = "好".repeat(ANSWER);
        let event = serde_json::json!({"choices":[{"delta":{"content":long}}]}).to_string();
        let text = answer(&[&event, &event]).unwrap();
        assert_eq!(text.len(), ANSWER - ANSWER % 3);
    }
}

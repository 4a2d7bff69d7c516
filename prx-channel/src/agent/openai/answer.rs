//! Reading a completion, in one piece or in many.

use reqwest::Response;
use tokio::time::Duration;

use super::body::{Body, is_stream};
use super::piece::{self, Piece};
use super::reasoning::Sorter;
use super::server::Waits;
use super::sse::{DONE, Events};
use super::trouble;
use crate::agent::Deltas;
use crate::agent::loose::Halves;

/// Longest answer, bytes. A model that goes on longer repeats itself; what is
/// there is taken.
const ANSWER: usize = 256 * 1024;
/// The text is looked at in pieces of so many bytes.
const STEP: usize = 4 * 1024;
/// Longest stream, bytes. An answer needs a few hundred bytes a word here.
const STREAM: usize = 64 * 1024 * 1024;
/// Longest body of an answer in one piece, bytes.
const BODY: usize = 8 * 1024 * 1024;
/// How long the last word may take when the answer is complete already.
const LAST_WORD: Duration = Duration::from_secs(2);

/// How an answer is read and shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taste {
    pub(super) waits: Waits,
    /// The user sees the reasoning, too.
    pub(super) reasoning: bool,
    /// This model marks the end of its reasoning only: nothing is shown of an
    /// answer before that.
    pub(super) led: bool,
}

/// Why an answer is not whole.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    /// It reached the longest the model or this agent allows.
    Cut,
    /// The server's filter took it away.
    Filtered,
    /// It stopped in the middle, for this reason.
    Broke(String),
}

/// What there is of the answer.
pub(super) struct Answer {
    taste: Taste,
    sorter: Sorter,
    halves: [Halves; 2],
    /// Bytes of the answer that were shown.
    shown: usize,
    /// How often all of that was taken back.
    took_back: usize,
    /// The server said that it is complete.
    ended: bool,
    done: bool,
    reason: Option<String>,
    /// The server wants a tool to be called.
    tool: bool,
    trouble: Option<String>,
    /// Pieces that could be read, and pieces that could not.
    read: usize,
    lost: usize,
}

/// Reads the answer, and says what there is of it as it comes.
pub(super) async fn read(response: Response, taste: Taste, deltas: &Deltas) -> Answer {
    let stream = is_stream(&response);
    let mut answer = Answer::new(taste);
    let mut body = Body::new(response, taste.waits);
    let read = if stream {
        answer.stream(&mut body, deltas).await
    } else {
        answer.whole(&mut body, deltas).await
    };
    if let Err(why) = read
        && !answer.ended
    {
        answer.trouble.get_or_insert(why);
    }
    answer.end(deltas);
    answer
}

impl Answer {
    fn new(taste: Taste) -> Self {
        Self {
            taste,
            sorter: Sorter::default(),
            halves: Default::default(),
            shown: 0,
            took_back: 0,
            ended: false,
            done: false,
            reason: None,
            tool: false,
            trouble: None,
            read: 0,
            lost: 0,
        }
    }

    async fn stream(&mut self, body: &mut Body, deltas: &Deltas) -> Result<(), String> {
        let mut events = Events::new();
        while !self.done && !self.is_full() {
            let wait = if self.ended { LAST_WORD } else { body.wait() };
            let Some(bytes) = body.next(wait, STREAM).await? else {
                self.take_all(events.end(), deltas);
                let whole = self.ended || self.done || self.read == 0;
                return whole.then_some(()).ok_or_else(trouble::early);
            };
            self.take_all(events.feed(&bytes), deltas);
            deltas.working();
        }
        Ok(())
    }

    /// An answer in one piece, or a stream that does not say that it is one.
    async fn whole(&mut self, body: &mut Body, deltas: &Deltas) -> Result<(), String> {
        let mut bytes = Vec::new();
        while let Some(more) = body.next(body.waits.first_byte, BODY).await? {
            bytes.extend(more);
        }
        let text = String::from_utf8_lossy(&bytes);
        let text = text.trim_start_matches('\u{FEFF}');
        if piece::is_object(text) {
            self.take(text, deltas);
        } else {
            let mut events = Events::new();
            self.take_all(events.feed(text.as_bytes()), deltas);
            self.take_all(events.end(), deltas);
        }
        Ok(())
    }

    fn take_all(&mut self, events: Vec<String>, deltas: &Deltas) {
        for event in events {
            self.take(&event, deltas);
        }
    }

    /// A whole completion or the next piece of one.
    fn take(&mut self, data: &str, deltas: &Deltas) {
        if data == DONE {
            self.done = true;
            return;
        }
        let Some(pieces) = piece::read(data) else {
            // Signs of life are not worth a word.
            self.lost += usize::from(data.starts_with('{'));
            return;
        };
        self.read += 1;
        for piece in pieces {
            self.put(piece);
        }
        self.show(deltas);
    }

    fn put(&mut self, piece: Piece) {
        let [said, thought] = &mut self.halves;
        match piece {
            Piece::Text(text) => {
                let text = said.join(&text);
                self.add(&text);
            }
            Piece::Reasoning(text) => {
                let text = thought.join(&text);
                self.sorter.reasoning(&text);
            }
            Piece::Tool => self.tool = true,
            Piece::Finished(reason) => {
                self.ended = true;
                self.reason = Some(reason);
            }
            Piece::Error(said) => {
                self.trouble = Some(trouble::failed(&said));
            }
        }
    }

    fn add(&mut self, mut text: &str) {
        while !text.is_empty() && !self.is_full() {
            let room = (ANSWER - self.sorter.len()).min(STEP);
            let (now, later) = text.split_at(text.floor_char_boundary(room));
            self.sorter.text(now);
            text = later;
        }
    }

    /// A character of up to four bytes may not have fitted.
    fn is_full(&self) -> bool {
        self.sorter.len() + 4 > ANSWER
    }

    /// Shows what is new.
    fn show(&mut self, deltas: &Deltas) {
        if self.taste.led && !self.led() && !self.sorter.marked() && !self.done {
            return deltas.working();
        }
        let (sure, likely) = self.sorter.said();
        let length = sure.len() + likely.len();
        if self.taste.reasoning && !self.sorter.thought().is_empty() {
            deltas.replace(&self.to_show());
        } else if self.sorter.led() > self.took_back {
            self.took_back = self.sorter.led();
            deltas.replace(&[sure, likely].concat());
        } else {
            let more = sure.get(self.shown..).unwrap_or_default();
            let likely = likely.get(self.shown.saturating_sub(sure.len())..);
            deltas.push(&[more, likely.unwrap_or_default()].concat());
        }
        self.shown = length;
    }

    fn end(&mut self, deltas: &Deltas) {
        let [said, _thought] = &mut self.halves;
        if let Some(half) = said.end() {
            self.add(half.encode_utf8(&mut [0; 4]));
        }
        self.sorter.end();
        self.done = true;
        self.show(deltas);
        if self.lost > 0 {
            let lost = self.lost;
            tracing::warn!(
                lost,
                "pieces of the model's answer could not be read and were left out; the server does not keep to the chat completions interface"
            );
        }
    }

    /// What the model said, without its reasoning.
    pub(super) fn text(&self) -> &str {
        self.sorter.said().0
    }

    /// What the user sees.
    pub(super) fn to_show(&self) -> String {
        let (sure, likely) = self.sorter.said();
        let said = [sure, likely].concat();
        let thought = self.sorter.thought();
        if !self.taste.reasoning || thought.is_empty() {
            return said;
        }
        let quote: Vec<String> = thought.lines().map(|line| format!("> {line}")).collect();
        format!("{}\n\n{said}", quote.join("\n"))
    }

    /// This model marks the end of its reasoning only.
    pub(super) fn led(&self) -> bool {
        self.sorter.led() > 0
    }

    /// What closes the code block in which it ends.
    pub(super) fn open_fence(&self) -> Option<String> {
        self.sorter.open_fence()
    }

    /// Why it is not whole, if it is not.
    pub(super) fn flaw(&self) -> Option<Flaw> {
        match self.reason.as_deref() {
            Some("content_filter" | "sensitive") => return Some(Flaw::Filtered),
            Some("length" | "max_tokens" | "model_length") => return Some(Flaw::Cut),
            _ if self.is_full() => return Some(Flaw::Cut),
            // It went on after the trouble.
            Some(reason) if reason != "error" => return None,
            _ => {}
        }
        self.trouble.clone().map(Flaw::Broke)
    }

    /// Why there is no text.
    pub(super) fn nothing(&self) -> String {
        let reason = self.reason.as_deref().unwrap_or("none");
        let why = if self.tool {
            "it wants to call a tool → this agent has none; turn tools off on the server"
        } else if self.read == 0 {
            "what came is not a chat completion → check the base URL"
        } else if self.sorter.marked() || self.led() {
            "it only reasoned → let it answer with more tokens, or show the reasoning with --openai-show-reasoning"
        } else {
            "it sent no text → check the model's name and its chat template"
        };
        format!("answered with nothing (finish reason: {reason}): {why}")
    }
}

#[cfg(test)]
mod tests;

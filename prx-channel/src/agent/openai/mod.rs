//! An agent behind the chat completions interface: a hosted model, or a server
//! of one's own that speaks the same.

mod answer;
mod body;
mod history;
mod piece;
mod prompt;
mod prose;
mod reasoning;
mod server;
mod sse;
mod tags;
mod trouble;

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};

use answer::{Answer, Flaw, Taste};
use bytes::Bytes;
use history::{Bounds, History, Role, Said};
use prx_channel_host::Result;
use serde_json::json;
use server::{Refusal, Server};
use tokio::time::{Duration, sleep};
use zeroize::Zeroizing;

use super::{Agent, Reply, Turn, apology};

/// How often a request is repeated when the server says how soon.
const REPEATS: usize = 2;
/// Bytes of all conversations together; the quietest go first.
const REMEMBERED: usize = 64 * 1024 * 1024;
/// Longest such wait. A user waits longer than that in vain.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Which model, where, and how much it is told.
pub struct OpenAiOptions {
    /// URL up to `/chat/completions`. Plain `http` and this machine are
    /// allowed: it is the operator who writes it.
    pub base: String,
    /// Goes out as `Authorization: Bearer …`; never into a log.
    pub key: Option<String>,
    /// The environment variable the key is read from, for messages.
    pub key_variable: String,
    /// Name of the model.
    pub model: String,
    /// What the model is told before every conversation.
    pub system: Option<String>,
    /// Messages kept of a conversation.
    pub messages: usize,
    /// Characters kept of a conversation.
    pub chars: usize,
    /// Conversations kept; the one that was quiet for longest goes first.
    pub conversations: usize,
    /// Name resolution, connection and TLS together.
    pub connect_timeout: Duration,
    /// From the request to the first line of the answer.
    pub first_byte_timeout: Duration,
    /// From one line of the answer to the next.
    pub idle_timeout: Duration,
    /// From the first to the last line of the answer.
    pub answer_timeout: Duration,
    /// Shows the model's reasoning, as a quote above the answer. It is never kept
    /// in the conversation.
    pub show_reasoning: bool,
}

impl OpenAiOptions {
    /// A model of api.openai.com, without a key, with the usual bounds.
    pub fn new(model: impl Into<String>) -> Self {
        Self {
            base: "https://api.openai.com/v1".to_owned(),
            key: None,
            key_variable: "OPENAI_API_KEY".to_owned(),
            model: model.into(),
            system: None,
            messages: 40,
            chars: 32_000,
            conversations: 1_000,
            connect_timeout: Duration::from_secs(15),
            first_byte_timeout: Duration::from_secs(120),
            idle_timeout: Duration::from_secs(60),
            answer_timeout: Duration::from_secs(1800),
            show_reasoning: false,
        }
    }
}

/// Answers with a model's completions, streamed, and remembers what was said.
pub struct OpenAi {
    server: Server,
    history: History,
    model: String,
    system: Option<Said>,
    show_reasoning: bool,
    /// The last answer marked the end of its reasoning only.
    led: AtomicBool,
}

impl OpenAi {
    /// Sets the agent up; nothing is sent yet.
    ///
    /// # Errors
    /// When the base is no URL to send to, or there is no TLS.
    pub fn new(mut options: OpenAiOptions) -> Result<Self> {
        let key = options.key.take().map(Zeroizing::new);
        Ok(Self {
            server: Server::new(&options, key)?,
            history: History::new(Bounds {
                conversations: NonZeroUsize::new(options.conversations)
                    .unwrap_or(NonZeroUsize::MIN),
                messages: options.messages,
                chars: options.chars,
                bytes: REMEMBERED,
            }),
            model: options.model,
            system: options.system.map(|text| Said::new(Role::System, text)),
            show_reasoning: options.show_reasoning,
            led: AtomicBool::new(false),
        })
    }

    async fn complete(&self, turn: &Turn) -> Result<Answer, String> {
        let mut messages: Vec<Said> = self.system.iter().cloned().collect();
        messages.extend(self.history.transcript(&turn.conversation));
        let body = json!({ "model": self.model, "messages": messages, "stream": true });
        let body = Bytes::from(body.to_string());
        let mut repeats = 0;
        loop {
            let refusal = match self.server.ask(body.clone()).await {
                Ok(response) => {
                    let answer = answer::read(response, self.taste(), &turn.deltas).await;
                    self.led.store(answer.led(), Ordering::Relaxed);
                    return Ok(answer);
                }
                Err(refusal) => refusal,
            };
            repeats += 1;
            let wait = soon(&refusal).filter(|_| repeats <= REPEATS);
            sleep(wait.ok_or(refusal.words)?).await;
        }
    }

    fn taste(&self) -> Taste {
        Taste {
            waits: self.server.waits,
            reasoning: self.show_reasoning,
            led: self.led.load(Ordering::Relaxed),
        }
    }

    /// The text for the user. What is missing in it is said in the log, and below
    /// it in words for the user.
    fn reply(&self, answer: &Answer, turn: &Turn) -> Result<String, String> {
        let flaw = answer.flaw();
        let empty = answer.text().trim().is_empty();
        let notice = turn.message.notice.is_some();
        let (why, words) = match flaw {
            None if empty => return Err(self.server.failure(&answer.nothing())),
            None => return Ok(answer.to_show()),
            Some(Flaw::Broke(why)) if empty => return Err(self.server.failure(&why)),
            Some(Flaw::Broke(why)) => (why, apology::broke(&turn.message.text)),
            Some(Flaw::Cut) => (CUT.to_owned(), apology::cut(&turn.message.text)),
            Some(Flaw::Filtered) => (FILTERED.to_owned(), apology::filtered(&turn.message.text)),
        };
        let why = self.server.failure(&why);
        if empty && notice {
            return Err(why);
        }
        tracing::warn!("an answer is not whole: {why}");
        Ok(below(answer, words))
    }
}

/// What the log says of an answer that reached its longest.
const CUT: &str = "cut the answer: it reached the model's or this agent's longest (finish reason: length) → allow the model more tokens, or ask for shorter answers";
/// And of one that was filtered.
const FILTERED: &str = "withheld the answer or a part of it (finish reason: content_filter) → look at the filter's settings on the server";

/// The answer and, below it and outside of its code, a word on it.
fn below(answer: &Answer, words: &str) -> String {
    let text = answer.to_show();
    let text = text.trim_end();
    match answer.open_fence() {
        _ if text.is_empty() => words.to_owned(),
        Some(fence) => format!("{text}\n{fence}\n\n{words}"),
        None => format!("{text}\n\n{words}"),
    }
}

/// How long until the server takes the request, if that is worth waiting for.
fn soon(refusal: &Refusal) -> Option<Duration> {
    refusal.retry_after.filter(|wait| *wait <= LONGEST_WAIT)
}

impl Agent for OpenAi {
    /// What the user said stays in the conversation, whatever becomes of the
    /// turn.
    fn answer(&self, turn: Turn) -> Reply<'_> {
        let said = Said::new(Role::User, prompt::user(&turn.message));
        self.history.add(&turn.conversation, said);
        Box::pin(async move {
            let answer = self.complete(&turn).await?;
            if !answer.text().trim().is_empty() {
                let said = Said::new(Role::Assistant, answer.text());
                self.history.add(&turn.conversation, said);
            }
            self.reply(&answer, &turn)
        })
    }
}

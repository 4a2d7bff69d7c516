//! An agent behind the chat completions interface: a hosted model, or a server
//! of one's own that speaks the same.

mod answer;
mod history;
mod prompt;
mod server;
mod sse;

use std::num::NonZeroUsize;

use bytes::Bytes;
use serde_json::json;
use tokio::time::{Duration, sleep};
use zeroize::Zeroizing;

use super::{Agent, Reply, Turn};
use crate::error::Result;
use history::{Bounds, History, Role, Said};
use server::{Refusal, Server};

/// How often a request is repeated when the server says how soon.
const REPEATS: usize = 2;
/// Longest such wait. A user waits longer than that in vain.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Which model, where, and how much it is told.
pub struct OpenAiOptions {
    /// URL up to `/chat/completions`. Plain `http` and this machine are
    /// allowed: it is the operator who writes it.
    pub base: String,
    /// Goes out as `Authorization: Bearer …`; never into a log.
    pub key: Option<String>,
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
}

impl OpenAiOptions {
    /// A model of api.openai.com, without a key, with the usual bounds.
    pub fn new(model: impl Into<String>) -> Self {
        Self {
            base: "https://api.openai.com/v1".to_owned(),
            key: None,
            model: model.into(),
            system: None,
            messages: 40,
            chars: 32_000,
            conversations: 1_000,
            connect_timeout: Duration::from_secs(15),
            first_byte_timeout: Duration::from_secs(120),
            idle_timeout: Duration::from_secs(60),
        }
    }
}

/// Answers with a model's completions, streamed, and remembers what was said.
pub struct OpenAi {
    server: Server,
    history: History,
    model: String,
    system: Option<Said>,
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
            }),
            model: options.model,
            system: options.system.map(|text| Said::new(Role::System, text)),
        })
    }

    async fn complete(&self, turn: &Turn) -> Result<String, String> {
        let mut messages: Vec<Said> = self.system.iter().cloned().collect();
        messages.extend(self.history.transcript(&turn.conversation));
        let body = json!({ "model": self.model, "messages": messages, "stream": true });
        let body = Bytes::from(body.to_string());
        let mut repeats = 0;
        loop {
            let refusal = match self.server.ask(body.clone()).await {
                Ok(response) => {
                    return answer::read(response, self.server.waits, &turn.deltas).await;
                }
                Err(refusal) => refusal,
            };
            repeats += 1;
            let wait = soon(&refusal).filter(|_| repeats <= REPEATS);
            sleep(wait.ok_or(refusal.words)?).await;
        }
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
            let answer = self.complete(&turn).await;
            let answer = answer.map_err(|why| self.server.without_key(&why))?;
            let said = Said::new(Role::Assistant, answer.clone());
            self.history.add(&turn.conversation, said);
            Ok(answer)
        })
    }
}

//! The bytes of an answer: how many there may be, and how long they may take.

use reqwest::Response;
use reqwest::header::CONTENT_TYPE;
use tokio::time::{Duration, Instant, timeout_at};

use super::server::Waits;
use super::trouble;

/// What is still to come of a response.
pub(super) struct Body {
    response: Response,
    pub(super) waits: Waits,
    until: Instant,
    bytes: usize,
}

impl Body {
    pub(super) fn new(response: Response, waits: Waits) -> Self {
        Self {
            response,
            waits,
            until: Instant::now() + waits.whole,
            bytes: 0,
        }
    }

    /// The next bytes, `None` at the end.
    pub(super) async fn next(
        &mut self,
        wait: Duration,
        most: usize,
    ) -> Result<Option<Vec<u8>>, String> {
        let until = self.until.min(Instant::now() + wait);
        let chunk = timeout_at(until, self.response.chunk())
            .await
            .map_err(|_late| self.silence(wait))?
            .map_err(|cause| trouble::broke(&cause))?;
        let Some(chunk) = chunk else {
            return Ok(None);
        };
        self.bytes += chunk.len();
        if self.bytes > most {
            return Err(format!(
                "sent more than {most} bytes: this is not an answer → check the base URL"
            ));
        }
        Ok(Some(chunk.into()))
    }

    fn silence(&self, wait: Duration) -> String {
        if Instant::now() >= self.until {
            let whole = self.waits.whole.as_secs();
            return format!("was not done after {whole} s → raise --openai-answer");
        }
        format!(
            "said nothing for {} s → look what it is busy with, or raise --openai-first-byte or --openai-idle",
            wait.as_secs()
        )
    }

    pub(super) fn wait(&self) -> Duration {
        if self.bytes == 0 {
            self.waits.first_byte
        } else {
            self.waits.idle
        }
    }
}

/// Does it say that it is a stream of events?
pub(super) fn is_stream(response: &Response) -> bool {
    let kind = response.headers().get(CONTENT_TYPE);
    kind.and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.to_ascii_lowercase().contains("event-stream"))
}

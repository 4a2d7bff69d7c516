//! A message that grows while the agent makes it.
//!
//! One command at a time: what the agent says meanwhile goes out together, as
//! the whole text so far. The final text is not sent from here.

use prx_channel_host::ChannelCommands;
use prx_channel_host::contract::{
    DraftText, Failure, FailureKind, Feature, OutboundMessage, Receipt,
};
use prx_channel_host::media;
use tokio::sync::watch;
use tokio::time::{Duration, sleep};
use tokio_util::sync::CancellationToken;

use super::told::told;

/// Least time from one text to the next.
const PACE: Duration = Duration::from_millis(500);

/// The draft of one turn.
pub(super) struct Draft<'a> {
    commands: &'a ChannelCommands,
    /// The message without its text.
    frame: OutboundMessage,
    shown: String,
    stage: Stage,
}

enum Stage {
    /// Nothing was said yet.
    Unopened,
    Open(String),
    /// This channel, chat or moment has no drafts.
    Without,
}

impl<'a> Draft<'a> {
    pub(super) fn new(commands: &'a ChannelCommands, frame: OutboundMessage) -> Self {
        let stage = if commands.supports(Feature::Draft) {
            Stage::Unopened
        } else {
            Stage::Without
        };
        Self {
            commands,
            frame,
            shown: String::new(),
            stage,
        }
    }

    /// Shows what is said, until the turn is `over` and no command is open.
    pub(super) async fn follow(
        &mut self,
        mut said: watch::Receiver<String>,
        over: &CancellationToken,
    ) {
        while !matches!(self.stage, Stage::Without) {
            let Some(text) = self.news(&mut said, over).await else {
                return;
            };
            let pause = self.show(text).await.max(PACE);
            tokio::select! {
                () = over.cancelled() => return,
                () = sleep(pause) => {}
            }
        }
    }

    /// The text so far, once there is more of it. `None`: the turn is over.
    async fn news(
        &self,
        said: &mut watch::Receiver<String>,
        over: &CancellationToken,
    ) -> Option<String> {
        loop {
            tokio::select! {
                biased;
                () = over.cancelled() => return None,
                changed = said.changed() => changed.ok()?,
            }
            let text = self.visible(&said.borrow_and_update()).to_owned();
            if !text.trim().is_empty() && text != self.shown {
                return Some(text);
            }
        }
    }

    /// Media are sent when the text is whole, so their markers never show.
    fn visible<'t>(&self, text: &'t str) -> &'t str {
        if self.commands.supports(Feature::MediaOut) {
            media::lead(text)
        } else {
            text
        }
    }

    /// Opens the draft or replaces its text. Returns how long the channel wants
    /// to be left alone.
    async fn show(&mut self, text: String) -> Duration {
        self.shown.clone_from(&text);
        let failure = match &self.stage {
            Stage::Without => return Duration::ZERO,
            Stage::Unopened => {
                let first = OutboundMessage {
                    text,
                    ..self.frame.clone()
                };
                let began = self.commands.draft_begin(first).await;
                self.stage = opened(began);
                return Duration::ZERO;
            }
            Stage::Open(draft) => {
                let draft = draft.clone();
                self.commands.draft_update(DraftText { draft, text }).await
            }
        };
        failure.map_or_else(|failure| not_shown(&failure), |_receipt| Duration::ZERO)
    }

    /// The open draft, to be finished with the answer's text.
    pub(super) fn open(&self) -> Option<&str> {
        match &self.stage {
            Stage::Open(draft) => Some(draft),
            Stage::Unopened | Stage::Without => None,
        }
    }

    /// Takes the draft back, if one is open.
    pub(super) async fn cancel(self) {
        if let Stage::Open(draft) = &self.stage
            && let Err(failure) = self.commands.draft_cancel(draft).await
        {
            tracing::debug!("draft not taken back: {}", told(&failure));
        }
    }
}

/// Without a name nothing can be added to it: as good as no draft.
fn opened(began: Result<Receipt, Failure>) -> Stage {
    match began {
        Ok(receipt) => receipt
            .message_ids
            .into_iter()
            .next()
            .map_or(Stage::Without, Stage::Open),
        Err(failure) => {
            if failure.kind != FailureKind::Unsupported {
                tracing::warn!("no draft in this turn: {}", told(&failure));
            }
            Stage::Without
        }
    }
}

/// The next text replaces the one that was not shown; nothing is lost but time.
fn not_shown(failure: &Failure) -> Duration {
    tracing::debug!("draft not updated: {}", told(failure));
    Duration::from_millis(failure.retry_after_ms.unwrap_or_default())
}

//! What is said to users through a running channel: messages, drafts, signs.

use std::path::Path;
use std::sync::Arc;

use tokio::time::Duration;

use super::commands::{COMMAND_TIME, ChannelCommands};
use crate::actor::Answer;
use crate::contract::{
    Attachment, DraftText, Failure, FailureKind, Feature, MessageEdit, MessageRef, OutboundMessage,
    Reaction, Request, TurnEnd,
};
use crate::media::{self, Markers};

/// How long a message with files may take: 200 MB take a while.
const MEDIA_TIME: Duration = Duration::from_secs(600);

impl ChannelCommands {
    /// The same, but a text may name files from these folders. Addresses may be
    /// named without.
    #[must_use]
    pub fn with_markers(mut self, markers: Arc<Markers>) -> Self {
        self.markers = markers;
        self
    }

    /// The message with the files its text names as attachments, if the channel
    /// sends any.
    pub async fn with_files(&self, mut message: OutboundMessage) -> OutboundMessage {
        if self.supports(Feature::MediaOut) {
            self.markers.apply(&mut message, &self.blobs).await;
        }
        message
    }

    /// An attachment with the bytes of `file`, copied now. It belongs to the one
    /// message it is put into.
    ///
    /// # Errors
    /// When the file cannot be read, is too large, or too much is held already.
    pub async fn attach(&self, file: &Path) -> Result<Attachment, Failure> {
        let opened = tokio::fs::File::open(file).await.map_err(|cause| {
            Failure::new(
                FailureKind::Invalid,
                format!("the file cannot be read: {cause}"),
            )
        })?;
        let opened = opened.into_std().await;
        let name = file
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        let attachment = media::keep(opened, &self.blobs).await?;
        Ok(Attachment { name, ..attachment })
    }

    /// Sends a message. One with attachments may take ten minutes.
    ///
    /// # Errors
    /// The channel's own failure, or the host's at the deadline.
    pub async fn send(&self, message: OutboundMessage) -> Answer {
        self.message(message, None, None).await
    }

    /// Sends a message as it is, after [`Self::with_files`]: nothing its text
    /// names becomes a file. `number` is that of the message it answers, as with
    /// [`Self::reply`].
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn send_as_is(&self, message: OutboundMessage, number: Option<u64>) -> Answer {
        self.put(message, None, number).await
    }

    /// Sends the answer to the message with this number. When it is out, the
    /// message is answered, and both are known together or not at all.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn reply(&self, message: OutboundMessage, number: u64) -> Answer {
        self.message(message, None, Some(number)).await
    }

    /// Sends a message that must be answered for within a time of your choice.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn send_within(&self, message: OutboundMessage, within: Duration) -> Answer {
        self.message(message, Some(within), None).await
    }

    async fn message(
        &self,
        message: OutboundMessage,
        within: Option<Duration>,
        answers: Option<u64>,
    ) -> Answer {
        let message = self.with_files(message).await;
        self.put(message, within, answers).await
    }

    async fn put(
        &self,
        message: OutboundMessage,
        within: Option<Duration>,
        answers: Option<u64>,
    ) -> Answer {
        let usual = if message.attachments.is_empty() {
            COMMAND_TIME
        } else {
            MEDIA_TIME
        };
        let within = within.unwrap_or(usual);
        self.command(Request::Send(message), within, None, answers)
            .await
    }

    /// Shows `recipient` that an answer is being made.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn typing(&self, recipient: &str) -> Answer {
        self.ask(Request::Typing(recipient.to_owned())).await
    }

    /// Takes that back.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn typing_stop(&self, recipient: &str) -> Answer {
        self.ask(Request::TypingStop(recipient.to_owned())).await
    }

    /// Opens a message that grows; its id is the receipt's first.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn draft_begin(&self, message: OutboundMessage) -> Answer {
        self.ask(Request::DraftBegin(message)).await
    }

    /// Replaces a draft's text.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn draft_update(&self, draft: DraftText) -> Answer {
        self.ask(Request::DraftUpdate(draft)).await
    }

    /// Closes a draft with its final text.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn draft_finish(&self, draft: DraftText) -> Answer {
        self.ask(Request::DraftFinish(draft)).await
    }

    /// Closes a draft with the answer to the message with this number, as
    /// [`Self::reply`] does with a message.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn finish_reply(&self, draft: DraftText, number: u64) -> Answer {
        self.command(
            Request::DraftFinish(draft),
            COMMAND_TIME,
            None,
            Some(number),
        )
        .await
    }

    /// Drops a draft.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn draft_cancel(&self, draft: &str) -> Answer {
        self.ask(Request::DraftCancel(draft.to_owned())).await
    }

    /// Adds or takes back a reaction.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn react(&self, reaction: Reaction) -> Answer {
        self.ask(Request::React(reaction)).await
    }

    /// Takes a message back.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn recall(&self, message: MessageRef) -> Answer {
        self.ask(Request::Recall(message)).await
    }

    /// Replaces a message by another one: where the platform cannot change it,
    /// it is taken back and the other one is sent.
    ///
    /// # Errors
    /// As [`Self::send`], and when the message cannot be taken back any more.
    pub async fn edit(&self, edit: MessageEdit) -> Answer {
        self.ask(Request::Edit(edit)).await
    }

    /// Says that the agent is done with a message.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn turn_ended(&self, end: TurnEnd) -> Answer {
        self.ask(Request::TurnEnded(end)).await
    }
}

//! What can be asked of a running channel.

use std::path::Path;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};
use tokio::time::Duration;

use super::{GRACE, Settlements, gone};
use crate::about::About;
use crate::actor::{Answer, Candidate, CommandOut, Control, Mail, overdue_failure, too_many};
use crate::config::ChannelConfig;
use crate::contract::{
    AccessRequest, Attachment, Check, Descriptor, DraftText, Failure, FailureKind, Feature,
    MessageEdit, MessageRef, OutboundMessage, Reaction, Request, Settle, TurnEnd,
};
use crate::error::{Error, ErrorKind, Result};
use crate::media::{self, Markers};
use crate::net::Blobs;
use crate::plugin::Plugin;

/// How long a command may take when its caller does not say.
const COMMAND_TIME: Duration = Duration::from_secs(30);
/// The same for a message with files: 200 MB take a while.
const MEDIA_TIME: Duration = Duration::from_secs(600);
/// The same for a replacement: longer than two calls of the slowest plugin.
const SWAP_TIME: Duration = Duration::from_secs(90);

/// Asks things of a running channel. Cheap to clone.
#[derive(Clone)]
pub struct ChannelCommands {
    pub(crate) mail: Mail,
    pub(crate) about: About,
    pub(crate) blobs: Blobs,
    pub(crate) markers: Arc<Markers>,
    pub(crate) settled: Settlements,
}

impl ChannelCommands {
    /// What the running component says about itself: name, version, features.
    pub fn descriptor(&self) -> Arc<Descriptor> {
        self.about.now()
    }

    /// Does the channel say that it can do this? Single chats of it may still
    /// answer `unsupported`.
    pub fn supports(&self, feature: Feature) -> bool {
        self.about.now().features.contains(&feature)
    }

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

    async fn message(
        &self,
        message: OutboundMessage,
        within: Option<Duration>,
        answers: Option<u64>,
    ) -> Answer {
        let message = self.with_files(message).await;
        self.put(message, within, answers).await
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

    /// What becomes of messages whose receipt said `deferred`. The first caller
    /// gets it all.
    pub fn take_settled(&self) -> Option<mpsc::Receiver<Settle>> {
        self.settled.take()
    }

    /// The message with this number need not be given again.
    pub fn answered(&self, number: u64) {
        // A channel that is gone has it given again, as it must.
        let _gone = self.mail.answered.send(number);
    }

    /// Says that the agent is done with a message.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn turn_ended(&self, end: TurnEnd) -> Answer {
        self.ask(Request::TurnEnded(end)).await
    }

    /// Is the channel connected?
    ///
    /// # Errors
    /// Why it is not.
    pub async fn health(&self) -> Answer {
        self.ask(Request::Health).await
    }

    /// Examines the set-up; findings arrive one by one in `checks`.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub async fn doctor(&self, checks: mpsc::UnboundedSender<Check>, within: Duration) -> Answer {
        self.command(Request::Doctor, within, Some(checks), None)
            .await
    }

    /// Asks who may talk to the channel, or changes it; findings, which may name
    /// users, arrive in `checks` before the answer does.
    ///
    /// # Errors
    /// Why it was not done: `invalid` is the caller's to mend.
    pub async fn access(
        &self,
        request: AccessRequest,
        checks: mpsc::UnboundedSender<Check>,
    ) -> Answer {
        self.command(Request::Access(request), COMMAND_TIME, Some(checks), None)
            .await
    }

    /// New settings, validated before. A channel that gave up starts again.
    ///
    /// # Errors
    /// When the channel is gone.
    pub async fn configure(&self, config: ChannelConfig) -> Result<(), Failure> {
        self.mail
            .control
            .send(Control::Configure(config))
            .await
            .map_err(|_gone| gone())
    }

    /// Hands a validated candidate to the channel.
    pub(crate) async fn swap(
        &self,
        plugin: Plugin,
        config: ChannelConfig,
        descriptor: Descriptor,
    ) -> Result<Duration> {
        let (done, outcome) = oneshot::channel();
        let candidate = Box::new(Candidate {
            plugin,
            config,
            done,
        });
        let refused = |why: String| Error::new(ErrorKind::Plugin, why);
        let stopped = "the channel is not running any more";
        let swapped = async {
            let sent = self.mail.control.send(Control::Swap(candidate)).await;
            sent.map_err(|_gone| stopped.to_owned())?;
            outcome.await.map_err(|_gone| stopped.to_owned())?
        };
        let late = || {
            format!(
                "the channel did not get to it in {} s; its disk may hang",
                SWAP_TIME.as_secs()
            )
        };
        let pause = tokio::time::timeout(SWAP_TIME, swapped)
            .await
            .unwrap_or_else(|_elapsed| Err(late()))
            .map_err(refused)?;
        // If the old one comes back, a command too many is refused as
        // unsupported, and nothing worse.
        self.about.replace(descriptor);
        Ok(pause)
    }

    /// Waits until the channel has ended.
    pub async fn gone(&self) {
        self.mail.control.closed().await;
    }

    /// Throws the instance away as if it had trapped. For demonstrations and
    /// tests: the channel goes on with a fresh one.
    pub async fn kill_instance(&self) {
        let _gone = self.mail.control.send(Control::Kill).await;
    }

    async fn ask(&self, request: Request) -> Answer {
        self.command(request, COMMAND_TIME, None, None).await
    }

    async fn command(
        &self,
        request: Request,
        within: Duration,
        checks: Option<mpsc::UnboundedSender<Check>>,
        answers: Option<u64>,
    ) -> Answer {
        let place = self.place(&request, within).await?;
        let (answer, answered) = oneshot::channel();
        let command = CommandOut {
            request,
            within,
            answer,
            checks,
            answers,
            place,
        };
        let asked = async {
            let sent = self.mail.commands.send(command).await;
            sent.map_err(|_gone| gone())?;
            answered.await.map_err(|_gone| gone())?
        };
        // The actor answers at the deadline, unless the disk holds it.
        tokio::time::timeout(within.saturating_add(GRACE), asked)
            .await
            .unwrap_or_else(|_elapsed| Err(overdue_failure()))
    }

    /// A place among the commands outstanding. What must not get lost waits for
    /// one, anything else is refused while all are taken.
    async fn place(
        &self,
        request: &Request,
        within: Duration,
    ) -> Result<OwnedSemaphorePermit, Failure> {
        let places = Arc::clone(&self.mail.places);
        let place = match request {
            Request::Send(_) | Request::DraftFinish(_) | Request::TurnEnded(_) => {
                tokio::time::timeout(within, places.acquire_owned())
                    .await
                    .ok()
                    .and_then(Result::ok)
            }
            _ => places.try_acquire_owned().ok(),
        };
        place.ok_or_else(too_many)
    }
}

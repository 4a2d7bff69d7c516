//! What can be asked of a running channel; what is said to users through it is in
//! `messages`.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::time::Duration;

use super::{Settlements, asking, swapping};
use crate::about::About;
use crate::actor::{Answer, Control, Mail};
use crate::config::ChannelConfig;
use crate::contract::{AccessRequest, Check, Descriptor, Failure, Feature, Request, Settle};
use crate::error::Result;
use crate::media::Markers;
use crate::net::Blobs;
use crate::plugin::Plugin;

/// How long a command may take when its caller does not say.
pub(super) const COMMAND_TIME: Duration = Duration::from_secs(30);

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
            .map_err(|_gone| asking::gone())
    }

    /// Hands a validated candidate to the channel.
    pub(crate) async fn swap(
        &self,
        plugin: Plugin,
        config: ChannelConfig,
        descriptor: Descriptor,
    ) -> Result<Duration> {
        let pause = swapping::swap(&self.mail, plugin, config).await?;
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

    pub(super) async fn ask(&self, request: Request) -> Answer {
        self.command(request, COMMAND_TIME, None, None).await
    }

    pub(super) async fn command(
        &self,
        request: Request,
        within: Duration,
        checks: Option<mpsc::UnboundedSender<Check>>,
        answers: Option<u64>,
    ) -> Answer {
        asking::command(&self.mail, request, within, checks, answers).await
    }
}

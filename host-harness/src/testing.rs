//! A channel that answers as a script says: for tests of what is put on top of
//! [`ChannelCommands`], without a component.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::time::{Duration, sleep};

use crate::about::About;
use crate::actor::{CommandOut, Control, Mail};
use crate::contract::{
    ChatKind, Descriptor, Failure, Feature, InboundMessage, Receipt, Request, Settle, VERSION,
};
use crate::error::Result;
use crate::handle::{ChannelCommands, Settlements};
use crate::net::Blobs;

/// The channel's side. Dropping it ends the channel.
#[derive(Debug)]
pub struct ScriptedChannel {
    answered: mpsc::UnboundedReceiver<u64>,
    settled: mpsc::Sender<Settle>,
    _running: mpsc::Receiver<Control>,
}

impl ScriptedChannel {
    /// A channel called `name` with these features. The script says what comes
    /// of a request, and after how long; it runs on tokio's clock.
    ///
    /// # Errors
    /// When there is no folder for temporary files.
    pub fn new(
        name: &str,
        features: &[Feature],
        mut script: impl FnMut(&Request) -> (Duration, Result<Receipt, Failure>) + Send + 'static,
    ) -> Result<(ChannelCommands, Self)> {
        let (control, running) = mpsc::channel(1);
        let (commands, mut asked) = mpsc::channel::<CommandOut>(16);
        let (answered_in, answered) = mpsc::unbounded_channel();
        let (settled, settlements) = mpsc::channel(16);
        let commands = ChannelCommands {
            mail: Mail::new(control, commands, answered_in),
            about: About::new(descriptor(name, features)),
            blobs: Blobs::new(None)?,
            markers: Arc::default(),
            settled: Settlements::new(settlements),
        };
        tokio::spawn(async move {
            while let Some(command) = asked.recv().await {
                let (after, answer) = script(&command.request);
                tokio::spawn(async move {
                    sleep(after).await;
                    let _nobody_waits = command.answer.send(answer);
                });
            }
        });
        let channel = Self {
            answered,
            settled,
            _running: running,
        };
        Ok((commands, channel))
    }

    /// Says what became of a message whose receipt said `deferred`.
    pub async fn settles(&self, settle: Settle) {
        let _nobody_listens = self.settled.send(settle).await;
    }

    /// Numbers of the messages that were answered since the last call.
    pub fn answered(&mut self) -> Vec<u64> {
        std::iter::from_fn(|| self.answered.try_recv().ok()).collect()
    }
}

fn descriptor(name: &str, features: &[Feature]) -> Descriptor {
    Descriptor {
        name: name.to_owned(),
        version: "0".to_owned(),
        contract: VERSION,
        features: features.to_vec(),
        liveness_ms: 0,
        config_schema: String::new(),
        state_versions: Vec::new(),
    }
}

/// Message `m<number>` of user `u` in private chat `t`.
pub fn message(number: u64, text: &str) -> InboundMessage {
    InboundMessage {
        id: format!("m{number}"),
        sender: "u".into(),
        sender_name: None,
        sender_is_bot: false,
        reply_target: "t".into(),
        chat: ChatKind::Dm,
        chat_title: None,
        text: text.into(),
        timestamp_ms: 0,
        mentioned: true,
        thread: None,
        quote: None,
        attachments: vec![],
        interruption_scope: None,
        button: None,
        notice: None,
    }
}

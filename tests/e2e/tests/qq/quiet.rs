//! A rig whose agent says nothing: what is sent, a test sends.

use std::collections::BTreeSet;
use std::ops::Deref;
use std::sync::Arc;

use e2e::{APP_ID, Rig, RigOptions, SECRET, SOON};
use prx_channel::agent::{Agent, Reply, Turn};
use prx_channel_host::contract::{Failure, OutboundMessage, Receipt};
use qq_sim::{Bot, SimConfig};
use tokio::sync::watch;

pub(crate) type Outcome = Result<Receipt, Failure>;

/// Hears everything, says nothing, and knows which chats it heard of.
#[derive(Clone)]
struct Mute(Arc<watch::Sender<BTreeSet<String>>>);

impl Agent for Mute {
    fn answer(&self, turn: Turn) -> Reply<'_> {
        self.0.send_modify(|heard| {
            heard.insert(turn.message.reply_target);
        });
        Box::pin(async { Ok(String::new()) })
    }
}

/// A rig whose agent says nothing, and what that agent has heard.
pub(crate) struct Quiet {
    pub(crate) rig: Rig,
    heard: watch::Receiver<BTreeSet<String>>,
}

impl Deref for Quiet {
    type Target = Rig;

    fn deref(&self) -> &Rig {
        &self.rig
    }
}

impl Quiet {
    pub(crate) async fn start(bot: Bot, config: &str) -> Self {
        let (sender, heard) = watch::channel(BTreeSet::new());
        let options = RigOptions {
            sim: SimConfig::with_bots([bot]),
            agent: Arc::new(Mute(Arc::new(sender))),
            config: config.to_owned(),
            ..RigOptions::default()
        };
        let rig = Rig::start_with(options).await.unwrap();
        Self { rig, heard }
    }

    /// Waits until the agent has heard of a chat: then its message can be
    /// answered.
    pub(crate) async fn hears(&self, target: &str) {
        let mut heard = self.heard.clone();
        let wanted = heard.wait_for(|heard| heard.contains(target));
        tokio::time::timeout(SOON, wanted).await.unwrap().unwrap();
    }
}

pub(crate) async fn rig(config: &str) -> Quiet {
    Quiet::start(bot(), config).await
}

pub(crate) fn bot() -> Bot {
    Bot::new(APP_ID, SECRET)
}

pub(crate) async fn send(quiet: &Quiet, target: &str, text: &str) -> Outcome {
    let message = OutboundMessage::text(target, text);
    quiet.commands().unwrap().send(message).await
}

/// A user writes, and can be answered.
pub(crate) async fn hear(quiet: &Quiet, user: &str) -> String {
    quiet.sim.user(user).says("hi");
    let target = format!("c2c:{APP_ID}:{user}");
    quiet.hears(&target).await;
    target
}

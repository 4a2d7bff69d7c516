//! Showing that an answer is being made.

use std::convert::Infallible;
use std::future::pending;

use prx_channel_host::ChannelCommands;
use prx_channel_host::contract::{Failure, FailureKind, Feature};
use tokio::time::{Duration, MissedTickBehavior, interval};

use super::told::told;

/// Time between two commands, as PRX has it. What a platform needs less often,
/// its channel leaves out.
const EVERY: Duration = Duration::from_secs(4);

/// The sign of one turn.
pub(super) struct Typing<'a> {
    commands: &'a ChannelCommands,
    recipient: &'a str,
    shown: bool,
}

impl<'a> Typing<'a> {
    pub(super) fn new(commands: &'a ChannelCommands, recipient: &'a str) -> Self {
        Self {
            commands,
            recipient,
            shown: false,
        }
    }

    /// Shows it now and again and again, until it is dropped.
    pub(super) async fn show(&mut self) -> Infallible {
        if !self.commands.supports(Feature::Typing) {
            return pending().await;
        }
        let mut due = interval(EVERY);
        due.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            due.tick().await;
            // From here on a stop is owed, even if the answer is never seen.
            self.shown = true;
            match self.commands.typing(self.recipient).await {
                Ok(_) => {}
                Err(failure) if failure.kind == FailureKind::Unsupported => {
                    self.shown = false;
                    return pending().await;
                }
                Err(failure) => unshown(&failure),
            }
        }
    }

    /// Takes the sign back, if there ever was one.
    pub(super) async fn stop(self) {
        if self.shown
            && let Err(failure) = self.commands.typing_stop(self.recipient).await
        {
            unshown(&failure);
        }
    }
}

fn unshown(failure: &Failure) {
    tracing::debug!("typing not shown: {}", told(failure));
}

//! Putting another component in place of the one that runs.

use tokio::sync::oneshot;
use tokio::time::Duration;

use crate::actor::{Candidate, Control, Mail};
use crate::config::ChannelConfig;
use crate::error::{Error, ErrorKind, Result};
use crate::plugin::Plugin;

/// How long a replacement may take: longer than two calls of the slowest plugin.
const SWAP_TIME: Duration = Duration::from_secs(90);

/// Hands a validated candidate to the channel. Returns how long it paused.
pub(super) async fn swap(mail: &Mail, plugin: Plugin, config: ChannelConfig) -> Result<Duration> {
    let (done, outcome) = oneshot::channel();
    let candidate = Box::new(Candidate {
        plugin,
        config,
        done,
    });
    let stopped = "the channel is not running any more";
    let swapped = async {
        let sent = mail.control.send(Control::Swap(candidate)).await;
        sent.map_err(|_gone| stopped.to_owned())?;
        outcome.await.map_err(|_gone| stopped.to_owned())?
    };
    let swapped = tokio::time::timeout(SWAP_TIME, swapped).await;
    swapped
        .unwrap_or_else(|_elapsed| Err(late()))
        .map_err(|why| Error::new(ErrorKind::Plugin, why))
}

fn late() -> String {
    let seconds = SWAP_TIME.as_secs();
    format!("the channel did not get to it in {seconds} s; its disk may hang")
}

//! How the channel is, told only when it changes.

use super::{Cause, Channel, Phase};
use crate::backoff::Again;
use crate::contract::{Action, ChannelState, Failure, Status};
use crate::host::Host;

/// What the host was told last.
#[derive(Debug, Default)]
pub(super) struct StatusLine(Option<Status>);

impl StatusLine {
    pub(super) fn starting(&mut self, host: &mut Host) {
        self.set(
            Some((ChannelState::Connecting, "starting".to_owned())),
            host,
        );
    }

    /// Absent: on the way, nothing worth a word.
    pub(super) fn set(&mut self, condition: Option<(ChannelState, String)>, host: &mut Host) {
        let Some((state, detail)) = condition else {
            return;
        };
        let status = Status { state, detail };
        if self.0.as_ref() != Some(&status) {
            host.act(Action::Status(status.clone()));
            self.0 = Some(status);
        }
    }

    /// The last words, for somebody who asks.
    pub(super) fn detail(&self) -> &str {
        self.0.as_ref().map_or("starting", |status| &status.detail)
    }
}

impl Channel {
    /// The condition now. A routine reconnect is none: it takes a second, and
    /// happens every half hour.
    pub(super) fn condition(&self) -> Option<(ChannelState, String)> {
        match &self.phase {
            Phase::Stopped(Cause { failure, .. }) => {
                return Some((ChannelState::Stopped, failure.to_string()));
            }
            Phase::Draining => {
                return Some((
                    ChannelState::Stopped,
                    "shutting down; the session is kept".to_owned(),
                ));
            }
            Phase::Running => {}
        }
        let token_trouble = self.cx.token.trouble();
        let with_token = |failure: &Failure| told(failure, self.cx.token.again());
        let gateway = self.gateway.outlook();
        if self.gateway.is_live() {
            let summary = gateway.summary();
            let sending_trouble = || self.cx.ledger.blocked.as_ref().map(ToString::to_string);
            let trouble = token_trouble.map(with_token).or_else(sending_trouble);
            return Some(match trouble {
                Some(words) => (ChannelState::Degraded, format!("{summary}, but {words}")),
                None if gateway.is_deprived() => (ChannelState::Degraded, summary),
                None => (ChannelState::Ready, summary),
            });
        }
        let state = if gateway.is_degraded() {
            ChannelState::Degraded
        } else {
            ChannelState::Connecting
        };
        let words = gateway
            .trouble()
            .map(|(failure, again)| told(failure, Some(again)))
            .or_else(|| token_trouble.map(with_token))?;
        Some((state, words))
    }
}

/// What is wrong, and when it is tried again.
fn told(failure: &Failure, again: Option<Again>) -> String {
    let words = failure.to_string();
    let end = if words.ends_with('.') { "" } else { "." };
    match again {
        Some(again) => format!("{words}{end} {again}"),
        None => words,
    }
}

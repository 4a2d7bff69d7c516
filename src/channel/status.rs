//! How the channel is, told only when it changes.

use super::{Cause, Channel, Phase};
use crate::contract::{Action, ChannelState, Status};
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
        let token_trouble = self.token.trouble();
        if self.gateway.is_live() {
            let summary = self.gateway.summary();
            return Some(match token_trouble.or_else(|| self.outbound.trouble()) {
                Some(failure) => (ChannelState::Degraded, format!("{summary}, but {failure}")),
                None if self.gateway.is_deprived() => (ChannelState::Degraded, summary),
                None => (ChannelState::Ready, summary),
            });
        }
        let degraded = self.gateway.is_degraded();
        let state = if degraded {
            ChannelState::Degraded
        } else {
            ChannelState::Connecting
        };
        let failure = self.gateway.trouble().or(token_trouble)?;
        Some((state, failure.to_string()))
    }
}

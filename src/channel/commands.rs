//! What the host asks for.

use super::{Channel, Phase};
use crate::contract::{Command, Failure, FailureKind, Receipt, Request};

impl Channel {
    /// Carries out a command, or says why not. Every command is completed
    /// exactly once.
    pub(super) fn command(&mut self, command: Command) {
        let id = command.id;
        match command.request {
            Request::Send(message) => match self.refusal() {
                Some(failure) => self.host.complete(id, Err(failure)),
                None => self.outbound.send(
                    id,
                    command.deadline_ms,
                    message,
                    &mut self.token,
                    &mut self.host,
                ),
            },
            Request::Recall(message) => match self.refusal() {
                Some(failure) => self.host.complete(id, Err(failure)),
                None => self.outbound.recall(
                    id,
                    command.deadline_ms,
                    &message,
                    &mut self.token,
                    &mut self.host,
                ),
            },
            Request::Edit(edit) => match self.refusal() {
                Some(failure) => self.host.complete(id, Err(failure)),
                None => self.outbound.edit(
                    id,
                    command.deadline_ms,
                    edit,
                    &mut self.token,
                    &mut self.host,
                ),
            },
            Request::Health => self.health(id),
            Request::Doctor => self.doctor.begin(id, &mut self.host),
            Request::Access(request) => {
                self.access.ask(id, request, &self.config, &mut self.host);
            }
            // Nothing shows in the chat, and nothing needs to.
            Request::Typing(_) | Request::TypingStop(_) | Request::TurnEnded(_) => {
                self.host.complete(id, Ok(Receipt::nothing()));
            }
            Request::DraftBegin(_)
            | Request::DraftUpdate(_)
            | Request::DraftFinish(_)
            | Request::DraftCancel(_) => {
                self.unsupported(id, "growing messages", "Send the finished text.")
            }
            Request::React(_) => {
                self.unsupported(id, "reactions", "QQ has them in guild channels only.");
            }
        }
    }

    /// Why nothing can be sent.
    fn refusal(&self) -> Option<Failure> {
        match &self.phase {
            Phase::Running => None,
            Phase::Draining => Some(
                Failure::new(FailureKind::Unavailable, "the channel is shutting down")
                    .remedy("Try again when it is back."),
            ),
            Phase::Stopped(cause) => {
                let mut failure = cause.failure.clone();
                failure.kind = FailureKind::Unavailable;
                failure.message = format!("the channel has stopped: {}", failure.message);
                Some(failure)
            }
        }
    }

    fn health(&mut self, id: u64) {
        let outcome = if self.gateway.is_live() {
            Ok(Receipt::nothing())
        } else {
            Err(self.refusal().unwrap_or_else(|| {
                let why = format!("not connected: {}", self.status.detail());
                Failure::new(FailureKind::Unavailable, why)
                    .remedy("Run doctor to see which step fails.")
            }))
        };
        self.host.complete(id, outcome);
    }

    fn unsupported(&mut self, id: u64, what: &str, remedy: &str) {
        let failure = Failure::new(
            FailureKind::Unsupported,
            format!("{what} are not available in this version"),
        );
        self.host.complete(id, Err(failure.remedy(remedy)));
    }
}

//! What the host asks for.

use super::{Channel, Phase};
use crate::contract::{Command, Failure, FailureKind, Receipt, Request};
use crate::replies;

impl Channel {
    /// Carries out a command, or says why not. Every command is completed
    /// exactly once.
    pub(super) fn command(&mut self, command: Command) {
        let id = command.id;
        let refusal = self.refusal();
        let host = &mut self.cx.host;
        match (command.request, refusal) {
            (Request::Health, _) => self.health(id),
            (Request::Doctor, _) => self.doctor.begin(id, host),
            (Request::Access(request), _) => {
                self.arrivals.access.ask(id, request, &self.config, host)
            }
            (Request::TurnEnded(_) | Request::TypingStop(_), Some(_)) => {
                host.complete(id, Ok(Receipt::nothing()));
            }
            (Request::Send(message), Some(failure)) => {
                replies::refuse(id, &message, failure, host);
            }
            (_, Some(failure)) => host.complete(id, Err(failure)),
            (request, None) => {
                let request = self.arrivals.quoting(request);
                let command = Command { request, ..command };
                self.router.on_command(command, &mut self.cx);
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
        self.cx.host.complete(id, outcome);
    }
}

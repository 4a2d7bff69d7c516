//! What the host asks for.

use super::{Channel, Phase};
use crate::contract::{Command, Failure, FailureKind, Receipt, Request};
use crate::courtesies::react::Emoji;
use crate::inbound::face_number;
use crate::replies;

impl Channel {
    /// Carries out a command, or says why not. Every command is completed
    /// exactly once.
    pub(super) fn command(&mut self, command: Command) {
        let (id, deadline_ms) = (command.id, command.deadline_ms);
        let refusal = self.refusal();
        let (out, cx) = (&mut self.router, &mut self.cx);
        match (command.request, refusal) {
            (Request::Health, _) => self.health(id),
            (Request::Doctor, _) => self.doctor.begin(id, &mut cx.host),
            (Request::Access(request), _) => {
                self.access.ask(id, request, &self.config, &mut cx.host)
            }
            // There is no way to take it back. It is not renewed, that is all.
            (Request::TypingStop(_), _) => cx.host.complete(id, Ok(Receipt::nothing())),
            (Request::TurnEnded(end), None) => out.turn_ended(id, &end, cx),
            (Request::TurnEnded(_), Some(_)) => cx.host.complete(id, Ok(Receipt::nothing())),
            (Request::Send(message), Some(failure)) => {
                replies::refuse(id, &message, failure, &mut cx.host);
            }
            (_, Some(failure)) => cx.host.complete(id, Err(failure)),
            (Request::Send(message), None) => {
                let message = self.quoting(message);
                let (out, cx) = (&mut self.router, &mut self.cx);
                out.send(id, deadline_ms, message, cx);
            }
            (Request::Recall(message), None) => {
                out.recall(id, deadline_ms, &message, cx);
            }
            (Request::Edit(edit), None) => out.edit(id, deadline_ms, edit, cx),
            (Request::Typing(to), None) => out.show_typing(id, &to, cx),
            (Request::DraftBegin(message), None) => out.begin(id, message, cx),
            (Request::DraftUpdate(text), None) => out.update(id, text, cx),
            (Request::DraftFinish(text), None) => {
                out.finish(id, deadline_ms, text, cx);
            }
            (Request::DraftCancel(draft), None) => out.cancel(id, &draft, cx),
            (Request::React(reaction), None) => {
                let face = || face_number(&reaction.emoji).map(|n| Emoji::face(n.into()));
                let emoji = Emoji::read(&reaction.emoji).or_else(face);
                out.react(id, deadline_ms, &reaction, emoji, cx);
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

//! Which of the platform's hosts the parts use.

use super::Channel;
use crate::contract::FailureKind;
use crate::hosts::Role;

impl Channel {
    /// A host could not be reached; perhaps others can.
    pub(super) fn unreachable(&mut self, role: Role, kind: FailureKind) {
        if self.hosts.failed(role, kind, &mut self.cx.host) {
            self.rebase();
        }
    }

    /// Tells the parts where the platform is. What is open stays open.
    pub(super) fn rebase(&mut self) {
        let bases = self.hosts.bases();
        self.cx.token.rebase(&bases.auth);
        self.gateway.rebase(&bases.api);
        self.cx.settings.api.clone_from(&bases.api);
    }
}

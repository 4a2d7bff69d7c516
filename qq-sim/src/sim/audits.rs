//! Audits, decided by a test.

use super::Sim;
use crate::journal::sent::PendingAudit;

impl Sim {
    /// Messages that wait for an audit, oldest first.
    #[must_use]
    pub fn pending_audits(&self) -> Vec<PendingAudit> {
        self.hub().with(|world| world.audits.clone())
    }

    /// Shows a message that waits for an audit: `MESSAGE_AUDIT_PASS`. `false` if nothing
    /// waits under this id.
    pub fn pass_audit(&self, audit_id: &str) -> bool {
        self.hub()
            .change(|world| world.decide_audit(audit_id, true))
    }

    /// Drops a message that waits for an audit: `MESSAGE_AUDIT_REJECT`. `false` if nothing
    /// waits under this id.
    pub fn reject_audit(&self, audit_id: &str) -> bool {
        self.hub()
            .change(|world| world.decide_audit(audit_id, false))
    }
}

//! How whoever waits for a reply learns what became of it.

use crate::contract::{Delivery, Failure, Id, Receipt};
use crate::host::Host;
use crate::replies::owner::Owner;
use crate::replies::reply::Reply;

impl Reply {
    /// What is left was kept for later. Who is told what becomes of that: of
    /// this reply they are told that it is deferred, now or before.
    pub(crate) fn defer(&mut self) -> Vec<Owner> {
        self.how = Some(Delivery::Deferred);
        if self.trouble.is_some() {
            // They hear of that now.
            return Vec::new();
        }
        let waiting = self.awaiting().map(|command| self.owner(command));
        self.owners.drain(..).chain(waiting).collect()
    }

    fn owner(&self, command: Id) -> Owner {
        Owner {
            command,
            message_id: self.reply_to.clone(),
        }
    }

    /// The command that waits for its answer.
    pub(crate) fn awaiting(&self) -> Option<Id> {
        self.deadline.and_then(|_| self.command())
    }

    /// Its command cannot wait any longer; the reply goes on.
    pub(crate) fn outlive_command(&mut self, host: &mut Host) {
        let Some(command) = self.awaiting() else {
            return;
        };
        self.deadline = None;
        // What is kept of it has its owner already.
        if self.how != Some(Delivery::Deferred) {
            self.owners.push(self.owner(command));
        }
        self.save(host);
        host.count("replies_deferred");
        let receipt = Receipt {
            message_ids: self.ids.clone(),
            how: Delivery::Deferred,
        };
        host.complete(command, Ok(receipt));
    }

    /// Done: forgets the stored one and answers whoever waits.
    pub(crate) fn finish(mut self, host: &mut Host) {
        let outcome = match self.trouble.take() {
            None => Ok(Receipt {
                how: self.how.unwrap_or(Delivery::Nothing),
                message_ids: self.ids.clone(),
            }),
            Some(trouble) => Err(Failure {
                message: format!("all but a file was sent: {}", trouble.message),
                ..trouble
            }),
        };
        self.tell(outcome, host);
    }

    /// It cannot be sent, or not to the end.
    pub(crate) fn fail(mut self, mut failure: Failure, host: &mut Host) {
        host.count("sends_failed");
        let left = self.parts.len();
        self.drop_parts(host);
        let sent = self.spent.len().max(self.ids.len());
        if sent > 0 {
            let all = sent + left;
            failure.message = format!(
                "only {sent} of {all} messages were sent: {}",
                failure.message
            );
        }
        self.tell(Err(failure), host);
    }

    /// It is over: forgets the stored one and says how it went.
    fn tell(self, outcome: Result<Receipt, Failure>, host: &mut Host) {
        host.remove(self.key());
        if let Some(command) = self.awaiting() {
            host.complete(command, outcome.clone());
        }
        for owner in self.owners {
            owner.settle(&self.target, outcome.clone(), host);
        }
    }
}

//! How the attempts at a message go on.

use crate::contract::Failure;
use crate::host::Host;
use crate::replies::Outbound;
use crate::replies::reply::{Attempt, Reply};
use crate::requests::attempts::Policy;

/// A message that may have arrived: its number makes repetitions harmless, and
/// its reply window ends them.
const UNCLEAR: Policy = Policy {
    first_ms: 500,
    most: u32::MAX,
};
/// A message that was not sent, or refused for a passing reason.
const REFUSED: Policy = Policy {
    first_ms: 1_000,
    most: u32::MAX,
};
/// One whose quota is used up has another way: it is kept.
const QUOTA: Policy = Policy {
    first_ms: 1_000,
    most: 3,
};

impl Outbound {
    /// It may have arrived. With the same sequence number it can be repeated: if
    /// it had, the platform says so and shows nothing twice. Without a number it
    /// is not sent again. QQ docs, autogen/api/v2_users_user_openid_messages.post:
    /// the pair of message id and number is accepted once.
    pub(crate) fn unclear(&mut self, mut reply: Reply, failure: Failure, host: &mut Host) {
        if !reply.is_numbered() {
            return reply.fail(failure, host);
        }
        reply.attempt = Attempt::Repeated;
        self.repeat(reply, UNCLEAR, failure, host);
    }

    /// It was not sent, or refused for a passing reason: again, with the same
    /// number. Its reply window, or its age, ends the attempts.
    pub(crate) fn later(&mut self, reply: Reply, failure: Failure, host: &mut Host) {
        self.repeat(reply, REFUSED, failure, host);
    }

    /// A quota is used up. Gives the reply back when it should be kept instead.
    pub(crate) fn later_or_kept(
        &mut self,
        mut reply: Reply,
        failure: Failure,
        host: &mut Host,
    ) -> Option<Reply> {
        let policy = if reply.is_numbered() { REFUSED } else { QUOTA };
        if !reply.try_again(policy, &failure, host) {
            return Some(reply);
        }
        self.lanes.put_back(reply);
        None
    }

    fn repeat(&mut self, mut reply: Reply, policy: Policy, failure: Failure, host: &mut Host) {
        reply.try_again(policy, &failure, host);
        self.lanes.put_back(reply);
    }
}

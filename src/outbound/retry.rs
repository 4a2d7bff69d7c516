//! Trying again: what cannot have arrived, and what may have.

use super::Outbound;
use super::reply::{Attempt, Reply};
use crate::contract::Failure;
use crate::host::Host;

/// Repetitions of a message that may have arrived, and the wait before the
/// first; each wait is twice the one before.
const MOST_REPEATS: u32 = 4;
const FIRST_REPEAT_MS: u64 = 500;
/// The same for a message that was refused for a passing reason.
const MOST_RETRIES: u32 = 3;
const FIRST_RETRY_MS: u64 = 1_000;

impl Outbound {
    /// It may have arrived. With the same sequence number it can be repeated: if
    /// it had, the platform says so and shows nothing twice. Without a number it
    /// is not sent again.
    pub(super) fn unclear(&mut self, mut reply: Reply, failure: Failure, host: &mut Host) {
        let due_ms = due_ms(FIRST_REPEAT_MS, reply.repeats, host);
        if !reply.is_numbered() || reply.repeats >= MOST_REPEATS || due_ms >= reply.deadline_ms {
            reply.fail(failure, host);
            return;
        }
        reply.repeats += 1;
        reply.attempt = Attempt::Repeated;
        reply.not_before_ms = due_ms;
        reply.save(host);
        host.count("sends_repeated");
        self.lanes.put_back(reply);
    }

    /// It was refused for a passing reason: later, with the same number. Gives it
    /// back with the reason when that was tried often enough.
    pub(super) fn later(
        &mut self,
        mut reply: Reply,
        failure: Failure,
        host: &mut Host,
    ) -> Option<(Reply, Failure)> {
        let asked_ms = failure.retry_after_ms.unwrap_or(0);
        let due_ms = due_ms(FIRST_RETRY_MS.max(asked_ms), reply.repeats, host);
        if reply.repeats >= MOST_RETRIES || due_ms >= reply.deadline_ms {
            return Some((reply, failure));
        }
        reply.repeats += 1;
        reply.not_before_ms = due_ms;
        reply.save(host);
        host.count("sends_repeated");
        self.lanes.put_back(reply);
        None
    }
}

fn due_ms(first_ms: u64, repeats: u32, host: &Host) -> u64 {
    host.now()
        .mono_ms
        .saturating_add(first_ms << repeats.min(8))
}

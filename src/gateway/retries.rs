//! How long to wait before the next attempt.

use super::moves::Pace;
use crate::backoff::{Backoff, RATE_LIMITED_MS};
use crate::host::Host;

/// Official clients wait this long after op 9 before they identify again.
const AFTER_OP9_MS: u64 = 3_000;
/// One Identify in five seconds is allowed, and every refused one is an op 9.
const QUESTION_MS: u64 = 5_000;
/// Identifies without READY before the pauses become long: a loop of five
/// seconds uses up a day's budget in an hour and a half.
const MANY_REJECTIONS: u32 = 5;
const LONG_PAUSE_MS: u64 = 300_000;
/// Only a connection that lives longer proves that all is well: pauses are short
/// again.
const HEALTHY_MS: u64 = 60_000;
/// One that brought events and lived this long is replaced at once again.
const USEFUL_MS: u64 = 5_000;

/// How attempts went lately.
#[derive(Debug, Default)]
pub(super) struct Retries {
    backoff: Backoff,
    /// Identifies in a row without READY. Each costs one of about 1000 a day.
    rejections: u32,
    /// Whether an event came over the connection since Hello.
    delivered: bool,
    /// Whether a connection that ended early was replaced at once lately.
    spared: bool,
}

impl Retries {
    /// Whether attempts fail again and again.
    pub(super) const fn is_degraded(&self) -> bool {
        self.backoff.attempts() >= 3
    }

    /// Whether more than one Identify in a row was refused.
    pub(super) const fn is_rejected_again(&self) -> bool {
        self.rejections > 1
    }

    /// Identify was refused.
    pub(super) const fn rejected(&mut self) {
        self.rejections += 1;
    }

    /// A connection begins.
    pub(super) const fn begin(&mut self) {
        self.delivered = false;
    }

    /// It brought an event.
    pub(super) const fn delivered(&mut self) {
        self.delivered = true;
    }

    /// READY or RESUMED. The pauses stay as long as they have grown until the
    /// connection has lasted, see [`Retries::after_life`].
    pub(super) const fn live(&mut self) {
        self.rejections = 0;
    }

    /// How a connection that was live for so long is replaced; absent is at once.
    /// So it is where its end is `routine`, an invitation rather than a failure (QQ
    /// docs, dev-prepare/event-emit/websocket, op 7 and 4009); unless such
    /// connections end early one after the other, then after pauses that grow. One
    /// that brought events counts for half a success.
    pub(super) fn after_life(&mut self, life_ms: u64, routine: bool) -> Option<Pace> {
        if life_ms >= HEALTHY_MS {
            self.backoff.reset();
            self.spared = false;
            return (!routine).then_some(Pace::Backoff);
        }
        if self.delivered {
            self.backoff.ease();
            self.spared &= life_ms < USEFUL_MS;
        }
        let at_once = routine && !self.spared;
        self.spared |= at_once;
        (!at_once).then_some(Pace::Backoff)
    }

    /// The pause before the next attempt.
    pub(super) fn pause_ms(&mut self, pace: Pace, host: &mut Host) -> u64 {
        match pace {
            Pace::Question => {
                // Such a refusal is an answer; the number of questions is bounded.
                self.rejections = 0;
                QUESTION_MS
            }
            _ if self.rejections >= MANY_REJECTIONS => {
                LONG_PAUSE_MS + host.random_up_to(LONG_PAUSE_MS)
            }
            Pace::Backoff => self.backoff.next_ms(host),
            Pace::AfterOp9 => self.backoff.next_ms(host).max(AFTER_OP9_MS),
            Pace::Slow => {
                self.backoff.failed();
                RATE_LIMITED_MS
            }
        }
    }
}

//! Trying again: after which pauses, how often, until when. Messages, calls,
//! files and their parts all count their attempts here.

use crate::cx::Cx;
use crate::token::AccessToken;

/// No pause grows beyond it.
const LONGEST_PAUSE_MS: u64 = 60_000;

/// How something is tried again. Each pause is twice the one before.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RetryPolicy {
    pub(crate) first_ms: u64,
    /// Repetitions, whatever their pauses.
    pub(crate) most: u32,
}

/// What the attempts so far came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Attempts {
    repeats: u32,
    /// There were as many as there may be, and the last failed too.
    is_over: bool,
    /// No attempt before, monotonic milliseconds.
    not_before_ms: u64,
    /// The access token was refreshed for it; that happens once.
    refreshed: bool,
    /// Generation of the token the newest attempt showed.
    generation: u64,
}

impl Attempts {
    const fn new() -> Self {
        Self {
            repeats: 0,
            is_over: false,
            not_before_ms: 0,
            refreshed: false,
            generation: 0,
        }
    }

    /// Whether it may be tried now.
    pub(crate) const fn is_due(&self, now_ms: u64) -> bool {
        self.not_before_ms <= now_ms
    }

    /// When it may be tried, if that is still to come: what is due already waits
    /// for something else, and that wakes it.
    pub(crate) const fn due_ms(&self, now_ms: u64) -> Option<u64> {
        if self.is_due(now_ms) {
            None
        } else {
            Some(self.not_before_ms)
        }
    }

    /// No attempt before; that does not count as a failure.
    pub(crate) const fn wait_until(&mut self, until_ms: u64) {
        self.not_before_ms = until_ms;
    }

    /// Plans the next attempt, not before `asked_ms` have passed. False: it was
    /// tried often enough, or would come no sooner than `until_ms`.
    pub(crate) fn again(
        &mut self,
        policy: RetryPolicy,
        asked_ms: Option<u64>,
        until_ms: u64,
        now_ms: u64,
    ) -> bool {
        let grown_ms = policy.first_ms.saturating_mul(1 << self.repeats.min(16));
        let pause_ms = grown_ms.min(LONGEST_PAUSE_MS).max(asked_ms.unwrap_or(0));
        let due_ms = now_ms.saturating_add(pause_ms);
        self.is_over = self.repeats >= policy.most || due_ms >= until_ms;
        if self.is_over {
            return false;
        }
        self.repeats += 1;
        self.not_before_ms = self.not_before_ms.max(due_ms);
        true
    }

    /// Whether there is no further attempt.
    pub(crate) const fn are_over(&self) -> bool {
        self.is_over
    }

    /// One succeeded, or something else is tried: counts anew. A pause stays.
    pub(crate) const fn reset(&mut self) {
        *self = Self {
            not_before_ms: self.not_before_ms,
            ..Self::new()
        };
    }

    /// An attempt is made with the token there is.
    pub(crate) const fn begin(&mut self, token: &AccessToken) {
        self.generation = token.generation();
    }

    /// The attempt's token was refused: whether a fresh one is worth an attempt.
    pub(crate) fn refresh(&mut self, cx: &mut Cx) -> bool {
        let first = !std::mem::replace(&mut self.refreshed, true);
        if first {
            cx.token.refused(self.generation, &mut cx.host);
        }
        first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNCLEAR: RetryPolicy = RetryPolicy {
        first_ms: 500,
        most: u32::MAX,
    };
    const QUOTA: RetryPolicy = RetryPolicy {
        first_ms: 1_000,
        most: 3,
    };

    #[test]
    fn pauses_grow_to_a_minute_and_end_in_time() {
        let (mut attempts, mut now_ms) = (Attempts::default(), 0);
        let mut pauses = Vec::new();
        while attempts.again(UNCLEAR, None, 300_000, now_ms) {
            let due_ms = attempts.due_ms(now_ms).unwrap_or(now_ms);
            pauses.push(due_ms - now_ms);
            now_ms = due_ms;
            assert!(attempts.is_due(now_ms) && attempts.due_ms(now_ms).is_none());
        }
        assert_eq!(
            pauses,
            [
                500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000
            ]
        );
        let mut attempts = Attempts::default();
        let often = (0..9).filter(|_| attempts.again(QUOTA, Some(7_000), u64::MAX, 0));
        assert_eq!(often.count(), 3);
        assert_eq!(attempts.due_ms(0), Some(7_000));
    }
}

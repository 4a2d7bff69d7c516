//! How often Identify may be sent.
//!
//! Each costs one of about 1000 a day; Resume costs nothing. `GET /gateway/bot`
//! says what is left (QQ docs, openapi/wss/shard_url_get). Without its word the
//! channel's own count of the last 24 hours decides, and it survives restarts. A
//! loop of five seconds would use a day up in an hour and a half.

use serde::{Deserialize, Serialize};

use crate::contract::{Failure, FailureKind, Level};
use crate::host::Host;
use crate::state::{self, State};
use crate::utc;

const SECOND_MS: u64 = 1_000;
const MINUTE_MS: u64 = 60 * SECOND_MS;
const HOUR_MS: u64 = 60 * MINUTE_MS;
const DAY_MS: u64 = 24 * HOUR_MS;
/// Documented; 1500 was seen.
const USUAL_TOTAL: u32 = 1_000;
/// In this hour and the one before; a thousand a day are 41 an hour.
const MOST_AN_HOUR: u32 = 40;
/// `max_concurrency` is 1: one Identify in five seconds.
const SHORTEST_GAP_MS: u64 = 5 * SECOND_MS;
/// Below a twentieth of the budget the rest is spread over the time that is
/// left, within these bounds.
const SCARCE: u32 = 20;
const SCARCE_GAP_MS: (u64, u64) = (MINUTE_MS, 30 * MINUTE_MS);

/// `session_start_limit`, as far as it could be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limit {
    pub(super) total: u32,
    pub(super) remaining: u32,
    pub(super) reset_after_ms: u64,
}

/// What the platform said, counted down since.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Stated {
    total: u32,
    left: u32,
    resets_wall_ms: u64,
}

/// Identifies spent, and what is known of the rest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Budget {
    app_id: String,
    /// By hour since 1970, oldest first, at most 24.
    spent: Vec<(u64, u32)>,
    last_wall_ms: u64,
    stated: Option<Stated>,
}

/// Whether Identify may be sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Leave {
    Now,
    /// After these milliseconds; with the reason, unless it is but a moment.
    After(u64, Option<Failure>),
}

impl Budget {
    /// The stored count of this application.
    pub(super) fn load(state: &State, app_id: &str) -> Self {
        let stored: Option<Self> = state.json(state::BUDGET);
        stored
            .filter(|budget| budget.app_id == app_id)
            .unwrap_or_else(|| Self::new(app_id))
    }

    /// Nothing spent.
    fn new(app_id: &str) -> Self {
        Self {
            app_id: app_id.to_owned(),
            ..Self::default()
        }
    }

    /// Counts for this application from now on.
    pub(super) fn serve(&mut self, app_id: &str) {
        if self.app_id != app_id {
            *self = Self::new(app_id);
        }
    }

    /// The platform said what is left. Kept for as long as it says, but no
    /// longer than a clock that jumped could mean.
    pub(super) fn learn(&mut self, limit: Limit, host: &mut Host) {
        self.stated = Some(Stated {
            total: limit.total,
            left: limit.remaining,
            resets_wall_ms: host.now().wall_ms + limit.reset_after_ms.min(DAY_MS),
        });
        self.save(host);
    }

    /// Identify is being sent.
    pub(super) fn spend(&mut self, host: &mut Host) {
        let now = host.now().wall_ms;
        let hour = now / HOUR_MS;
        self.spent
            .retain(|(then, _)| *then <= hour && *then + 24 > hour);
        match self.spent.last_mut() {
            Some((last, count)) if *last == hour => *count += 1,
            _ => self.spent.push((hour, 1)),
        }
        self.last_wall_ms = now;
        if let Some(stated) = &mut self.stated {
            stated.left = stated.left.saturating_sub(1);
        }
        self.save(host);
    }

    fn save(&self, host: &mut Host) {
        host.put(state::BUDGET, state::encode(self));
    }

    /// Whether Identify may be sent now; if not, the operator hears of it.
    pub(super) fn ask(&self, host: &mut Host) -> Leave {
        let leave = self.leave(host.now().wall_ms);
        if let Leave::After(_, Some(failure)) = &leave {
            host.count("identifies_postponed");
            host.note_seldom("budget", Level::Warn, &failure.to_string());
        }
        leave
    }

    fn leave(&self, now_ms: u64) -> Leave {
        let (total, left, resets_ms) = self.rest(now_ms);
        if left == 0 {
            let words = format!("all {total} Identifies of 24 hours are used up");
            return wait(now_ms, resets_ms, &words);
        }
        if self.count(now_ms, 2) >= MOST_AN_HOUR {
            let next_hour = (now_ms / HOUR_MS + 1) * HOUR_MS;
            let words = format!("{MOST_AN_HOUR} Identifies were sent within the hour");
            return wait(now_ms, next_hour, &words);
        }
        let scarce = left.saturating_mul(SCARCE) < total;
        let gap_ms = if scarce {
            let spread = resets_ms.saturating_sub(now_ms) / u64::from(left);
            spread.clamp(SCARCE_GAP_MS.0, SCARCE_GAP_MS.1)
        } else {
            SHORTEST_GAP_MS
        };
        let due_ms = self.last_wall_ms + gap_ms;
        // A last one in the future means that the clock was set back.
        if self.last_wall_ms > now_ms || due_ms <= now_ms {
            return Leave::Now;
        }
        if scarce {
            let words = format!("only {left} of {total} Identifies are left");
            return wait(now_ms, due_ms, &words);
        }
        Leave::After(due_ms - now_ms, None)
    }

    /// Budget, what is left of it, and when it is whole again.
    fn rest(&self, now_ms: u64) -> (u32, u32, u64) {
        let stated = self.stated.filter(|stated| {
            now_ms < stated.resets_wall_ms && stated.resets_wall_ms <= now_ms + DAY_MS
        });
        if let Some(stated) = stated {
            return (stated.total, stated.left, stated.resets_wall_ms);
        }
        let total = self.stated.map_or(USUAL_TOTAL, |stated| stated.total);
        let left = total.saturating_sub(self.count(now_ms, 24));
        let oldest = self.spent.iter().map(|(hour, _)| hour + 24);
        let resets = oldest
            .map(|hour| hour * HOUR_MS)
            .find(|then| *then > now_ms);
        (total, left, resets.unwrap_or(now_ms + DAY_MS))
    }

    /// Identifies in the last `hours`, this one included.
    fn count(&self, now_ms: u64, hours: u64) -> u32 {
        let hour = now_ms / HOUR_MS;
        let recent = |then: u64| then <= hour && then + hours > hour;
        let counts = self.spent.iter().filter(|(then, _)| recent(*then));
        counts.map(|(_, count)| count).sum()
    }
}

fn wait(now_ms: u64, until_ms: u64, words: &str) -> Leave {
    let until = utc::format(until_ms);
    let failure = Failure::new(
        FailureKind::RateLimited,
        format!("gateway: {words}; the next one is sent at {until}"),
    )
    .remedy(
        "The platform limits them. Make sure no second process runs this bot, and look in the log for why it had to log in so often.",
    );
    Leave::After(until_ms.saturating_sub(now_ms), Some(failure))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::tests::host;

    const START: u64 = 1_784_599_200_000;

    fn limit(remaining: u32) -> Limit {
        Limit {
            total: 1000,
            remaining,
            reset_after_ms: HOUR_MS,
        }
    }

    fn waits(budget: &Budget, now: u64) -> u64 {
        match budget.leave(now) {
            Leave::Now => 0,
            Leave::After(ms, _) => ms,
        }
    }

    #[test]
    fn nothing_is_left_until_the_platform_resets() {
        let (mut host, mut budget) = (host(), Budget::new("1"));
        host.set_now(START, 0);
        budget.learn(limit(1), &mut host);
        assert_eq!(budget.leave(START), Leave::Now);
        budget.spend(&mut host);
        assert_eq!(waits(&budget, START), HOUR_MS);
        assert_eq!(budget.leave(START + HOUR_MS), Leave::Now);
    }

    #[test]
    fn the_last_twentieth_is_spread() {
        let (mut host, mut budget) = (host(), Budget::new("1"));
        host.set_now(START, 0);
        budget.learn(limit(51), &mut host);
        budget.spend(&mut host);
        assert_eq!(waits(&budget, START), SHORTEST_GAP_MS);
        budget.learn(limit(7), &mut host);
        budget.spend(&mut host);
        assert_eq!(waits(&budget, START), 10 * MINUTE_MS);
    }

    #[test]
    fn without_a_word_of_the_platform_the_own_count_decides() {
        let (mut host, mut budget) = (host(), Budget::new("1"));
        let (mut now, mut sent) = (START, 0);
        while now < START + DAY_MS {
            host.set_now(now, 0);
            match budget.leave(now) {
                Leave::Now => {
                    budget.spend(&mut host);
                    sent += 1;
                }
                Leave::After(ms, _) => now += ms,
            }
        }
        assert!((400..=1_000).contains(&sent), "{sent}");
        assert!(budget.spent.len() <= 24);
    }

    #[test]
    fn a_clock_that_jumps_does_not_lock_up() {
        let (mut host, mut budget) = (host(), Budget::new("1"));
        host.set_now(START + 1_000 * DAY_MS, 0);
        budget.learn(limit(0), &mut host);
        budget.spend(&mut host);
        assert_eq!(budget.leave(START), Leave::Now);
    }
}

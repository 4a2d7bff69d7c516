//! A channel that keeps itself busy: timers that set each other off at once, or
//! refused actions that are asked for again. It is named, and slowed until it
//! behaves.

use tokio::time::{Duration, Instant};

/// How long events are counted.
const WINDOW: Duration = Duration::from_secs(1);
/// Timers and refusals in that time that need no reason.
const FREE: u32 = 300;
/// More of them for each command, answer or frame: a busy channel has reasons.
const SHARE: u32 = 4;
/// Between two of them, once a channel is found in a circle; doubled while it
/// stays there.
const FIRST_FLOOR: Duration = Duration::from_millis(10);
/// Short enough that a heartbeat behind a circle is not missed.
const LONGEST_FLOOR: Duration = Duration::from_millis(250);
/// How often an operator is told.
const TELL: Duration = Duration::from_secs(60);

/// Counts what a channel causes itself against what happens to it.
pub(super) struct Pace {
    since: Instant,
    own: u32,
    others: u32,
    floor: Duration,
    next: Instant,
    told: Option<Instant>,
}

/// The channel goes in a circle.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Circle {
    /// Timers and refusals in about a second.
    pub(super) events: u32,
    /// What lies between two of them from now on.
    pub(super) floor: Duration,
    /// It is time to name it.
    pub(super) tell: bool,
}

impl Pace {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            since: now,
            own: 0,
            others: 0,
            floor: Duration::ZERO,
            next: now,
            told: None,
        }
    }

    /// When the next timer or refusal may be given.
    pub(super) fn next(&self) -> Instant {
        self.next
    }

    /// Something from outside happened.
    pub(super) fn other(&mut self) {
        self.others = self.others.saturating_add(1);
    }

    /// A timer or a refusal is given. `Some`: the channel is slowed, or slowed
    /// further, from here on.
    pub(super) fn own(&mut self, now: Instant) -> Option<Circle> {
        self.own = self.own.saturating_add(1);
        let found = self.circling(now).and_then(|circling| {
            let found = circling.then(|| self.slow(now));
            if !circling {
                self.floor = Duration::ZERO;
            }
            (self.since, self.own, self.others) = (now, 0, 0);
            found
        });
        self.next = now + self.floor;
        found
    }

    /// `None`: it is too early to say.
    fn circling(&self, now: Instant) -> Option<bool> {
        let passed = now.duration_since(self.since);
        let free = FREE.saturating_add(SHARE.saturating_mul(self.others));
        if self.floor.is_zero() && self.own > free {
            return Some(true);
        }
        if passed < WINDOW {
            return None;
        }
        // One that is slowed and still takes half of what it is let through
        // would take more.
        let slots = passed.as_millis().checked_div(self.floor.as_millis());
        Some(slots.is_some_and(|slots| u128::from(self.own) * 2 >= slots))
    }

    fn slow(&mut self, now: Instant) -> Circle {
        self.floor = (self.floor * 2).clamp(FIRST_FLOOR, LONGEST_FLOOR);
        let tell = self
            .told
            .is_none_or(|told| now.duration_since(told) >= TELL);
        if tell {
            self.told = Some(now);
        }
        Circle {
            events: self.own,
            floor: self.floor,
            tell,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A channel whose timers are due again at once, for `secs`: how many were
    /// given, and each time it was slowed.
    fn circle(pace: &mut Pace, from: Instant, secs: u64) -> (u32, Vec<Circle>) {
        let (mut now, mut given, mut found) = (from, 0, Vec::new());
        while now < from + Duration::from_secs(secs) {
            found.extend(pace.own(now));
            given += 1;
            now = pace.next().max(now + Duration::from_millis(1));
        }
        (given, found)
    }

    #[test]
    fn a_circle_is_slowed_more_and_more_and_told_once_a_minute() {
        let now = Instant::now();
        let mut pace = Pace::new(now);
        let (given, found) = circle(&mut pace, now, 70);
        let floors: Vec<u128> = found.iter().map(|one| one.floor.as_millis()).collect();
        assert_eq!(floors.get(..6), Some(&[10, 20, 40, 80, 160, 250][..]));
        assert_eq!(floors.last(), Some(&250));
        assert_eq!(found.iter().filter(|one| one.tell).count(), 2);
        assert!(given < 900, "{given}");
    }

    #[test]
    fn one_that_behaves_is_forgiven_at_once() {
        let now = Instant::now();
        let mut pace = Pace::new(now);
        circle(&mut pace, now, 5);
        let later = now + Duration::from_secs(10);
        assert_eq!(pace.own(later), None);
        assert_eq!(pace.next(), later, "no floor is left");
    }

    #[test]
    fn timers_that_have_a_reason_are_never_slowed() {
        let (mut now, mut pace) = (Instant::now(), Pace::new(Instant::now()));
        for _ in 0..10_000 {
            pace.other();
            for _ in 0..SHARE {
                assert_eq!(pace.own(now), None);
            }
            now += Duration::from_millis(1);
        }
        // A timer every five milliseconds needs none.
        let mut pace = Pace::new(now);
        for _ in 0..10_000 {
            now += Duration::from_millis(5);
            assert_eq!(pace.own(now), None);
        }
    }
}

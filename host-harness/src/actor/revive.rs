//! When a dead instance is replaced: at once the first time, later and later
//! when it keeps dying, never again when nothing helps.

use tokio::time::{Duration, Instant};

/// Deaths without a healthy stretch between them before the host gives up. One
/// bad event costs two at most.
const DEATHS: u32 = 8;
/// An instance that lived this long was healthy.
const HEALTHY: Duration = Duration::from_secs(60);
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// What to do about a death.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    After(Duration),
    Never,
}

#[derive(Debug, Default)]
pub(super) struct Revive {
    deaths: u32,
    born: Option<Instant>,
}

impl Revive {
    /// An instance has started.
    pub(super) fn started(&mut self, now: Instant) {
        self.born = Some(now);
    }

    /// Another component takes its place: what went before does not count.
    pub(super) fn forgive(&mut self) {
        self.deaths = 0;
    }

    /// An instance has died. `jitter` is random, 0 to 1.
    pub(super) fn died(&mut self, now: Instant, jitter: f64) -> Verdict {
        if self
            .born
            .is_some_and(|born| now.duration_since(born) >= HEALTHY)
        {
            self.deaths = 0;
        }
        self.born = None;
        self.deaths += 1;
        match self.deaths {
            1 => Verdict::After(Duration::ZERO),
            2..DEATHS => {
                let doubled = FIRST_WAIT * 2u32.saturating_pow(self.deaths - 2);
                Verdict::After(doubled.min(LONGEST_WAIT).mul_f64(0.5 + jitter / 2.0))
            }
            _ => Verdict::Never,
        }
    }
}

/// 0 to 1; the middle when the system has no entropy to give.
pub(super) fn random() -> f64 {
    let mut bytes = [0; 4];
    match getrandom::fill(&mut bytes) {
        Ok(()) => f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX),
        Err(_) => 0.5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_death_costs_no_time_and_the_eighth_is_the_last() {
        let now = Instant::now();
        let mut revive = Revive::default();
        let verdicts: Vec<Verdict> = (0..DEATHS)
            .map(|_| {
                revive.started(now);
                revive.died(now, 1.0)
            })
            .collect();
        let ms = |ms| Verdict::After(Duration::from_millis(ms));
        assert_eq!(
            verdicts,
            [
                ms(0),
                ms(100),
                ms(200),
                ms(400),
                ms(800),
                ms(1600),
                ms(3200),
                Verdict::Never
            ]
        );
    }

    #[test]
    fn a_healthy_minute_forgives_everything() {
        let mut now = Instant::now();
        let mut revive = Revive::default();
        for _ in 0..50 {
            revive.started(now);
            now += HEALTHY;
            assert_eq!(revive.died(now, 0.5), Verdict::After(Duration::ZERO));
        }
    }

    #[test]
    fn an_instance_that_cannot_start_was_never_healthy() {
        let mut now = Instant::now();
        let mut revive = Revive::default();
        for _ in 1..DEATHS {
            assert_ne!(revive.died(now, 0.5), Verdict::Never);
            now += HEALTHY;
        }
        assert_eq!(revive.died(now, 0.5), Verdict::Never);
    }
}

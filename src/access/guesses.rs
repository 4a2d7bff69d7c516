//! Who tried wrong codes, so that nobody tries them all.

use serde::{Deserialize, Serialize};

use super::table::Table;
use crate::host::Host;
use crate::state::{self, State};

/// Wrong tries before a sender is locked.
const MOST_WRONG: u32 = 5;
/// How long the lock lasts, and a wrong try is remembered.
const LOCK_MS: u64 = 300_000;
/// Senders remembered. While all places are taken, nobody else may try: a place
/// is never given away before its time, so a crowd cannot undo a lock.
const MOST_SENDERS: usize = 1024;
/// Forgotten at a time: each costs an action, and a list has a cap.
const MOST_FORGOTTEN: usize = 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Guesser {
    wrong: u32,
    /// When this is forgotten, Unix milliseconds.
    until_ms: u64,
}

/// By sender.
#[derive(Debug)]
pub(super) struct Guesses(Table<Guesser>);

impl Guesses {
    /// The stored ones.
    pub(super) fn load(state: &State) -> Self {
        Self(Table::load(state::GUESS, state, |guesser: &Guesser| {
            guesser.until_ms
        }))
    }

    /// For how many seconds `sender` may not try; absent: they may.
    pub(super) fn locked_secs(&mut self, sender: &str, host: &mut Host) -> Option<u64> {
        let now_ms = host.now().wall_ms;
        self.forget_lapsed(now_ms, host);
        let until_ms = match self.live(sender, now_ms) {
            Some(guesser) if guesser.wrong < MOST_WRONG => return None,
            Some(guesser) => guesser.until_ms,
            None if self.0.len() < MOST_SENDERS => return None,
            None => self.0.iter().map(|(_, guesser)| guesser.until_ms).min()?,
        };
        Some(secs(until_ms.saturating_sub(now_ms)))
    }

    fn live(&self, sender: &str, now_ms: u64) -> Option<Guesser> {
        let known = self.0.get(sender);
        known.filter(|guesser| guesser.until_ms > now_ms)
    }

    /// Counts a wrong try of somebody who was not locked. Whether that locks
    /// them, and for how many seconds.
    pub(super) fn wrong(&mut self, sender: &str, host: &mut Host) -> Option<u64> {
        let now_ms = host.now().wall_ms;
        let until_ms = now_ms.saturating_add(LOCK_MS);
        let before = self.live(sender, now_ms).map_or(0, |guesser| guesser.wrong);
        let wrong = before.saturating_add(1);
        let guesser = Guesser { wrong, until_ms };
        self.0.put(sender, guesser, host);
        (wrong >= MOST_WRONG).then_some(secs(LOCK_MS))
    }

    /// They are let in now.
    pub(super) fn forget(&mut self, sender: &str, host: &mut Host) {
        self.0.remove(sender, host);
    }

    /// Makes room. Nothing ends later than a fresh lock would: the clock may have
    /// been set back.
    fn forget_lapsed(&mut self, now_ms: u64, host: &mut Host) {
        let longest_ms = now_ms.saturating_add(LOCK_MS);
        for guesser in self.0.rows_mut() {
            guesser.until_ms = guesser.until_ms.min(longest_ms);
        }
        let all = self.0.iter();
        let lapsed: Vec<String> = all
            .filter(|(_, guesser)| guesser.until_ms <= now_ms)
            .take(MOST_FORGOTTEN)
            .map(|(sender, _)| sender.to_owned())
            .collect();
        for sender in lapsed {
            self.0.remove(&sender, host);
        }
    }
}

const fn secs(ms: u64) -> u64 {
    ms.div_ceil(1_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{Action, StateEntry};
    use crate::host::tests::host;

    /// Tries a wrong code: the seconds this sender has to wait now.
    fn try_wrong(guesses: &mut Guesses, sender: &str, host: &mut Host) -> Option<u64> {
        let locked = guesses.locked_secs(sender, host);
        locked.or_else(|| guesses.wrong(sender, host))
    }

    fn after(host: &mut Host, secs: u64) {
        host.set_now(host.now().wall_ms + secs * 1_000, 0);
    }

    #[test]
    fn five_wrong_tries_lock_a_sender_for_five_minutes() {
        let (mut host, mut guesses) = (host(), Guesses::load(&State::default()));
        for _ in 0..4 {
            assert_eq!(try_wrong(&mut guesses, "A", &mut host), None);
        }
        assert_eq!(try_wrong(&mut guesses, "A", &mut host), Some(300));
        after(&mut host, 100);
        assert_eq!(try_wrong(&mut guesses, "A", &mut host), Some(200));
        assert_eq!(try_wrong(&mut guesses, "B", &mut host), None);
        after(&mut host, 199);
        assert_eq!(guesses.locked_secs("A", &mut host), Some(1));
        after(&mut host, 1);
        assert_eq!(try_wrong(&mut guesses, "A", &mut host), None);
    }

    #[test]
    fn a_crowd_cannot_undo_a_lock() {
        let (mut host, mut guesses) = (host(), Guesses::load(&State::default()));
        for _ in 0..5 {
            try_wrong(&mut guesses, "A", &mut host);
        }
        after(&mut host, 100);
        for n in 0..2 * MOST_SENDERS {
            try_wrong(&mut guesses, &format!("crowd {n}"), &mut host);
        }
        assert_eq!(guesses.0.len(), MOST_SENDERS);
        assert_eq!(guesses.locked_secs("A", &mut host), Some(200));
        // Who comes later waits for the first place to become free.
        assert_eq!(guesses.locked_secs("B", &mut host), Some(200));
        after(&mut host, 200);
        assert_eq!(guesses.locked_secs("B", &mut host), None);
    }

    #[test]
    fn what_lapsed_makes_room_a_few_at_a_time() {
        let (mut host, mut guesses) = (host(), Guesses::load(&State::default()));
        for n in 0..MOST_SENDERS {
            try_wrong(&mut guesses, &format!("{n}"), &mut host);
        }
        host.take_actions();
        after(&mut host, 301);
        for n in (0..MOST_SENDERS).rev() {
            // The tries before lapsed, forgotten or not.
            assert_eq!(try_wrong(&mut guesses, &format!("{n}"), &mut host), None);
            assert!(host.take_actions().len() <= MOST_FORGOTTEN + 1);
        }
        assert_eq!(guesses.0.len(), MOST_SENDERS);
        assert!(guesses.0.iter().all(|(_, guesser)| guesser.wrong == 1));
    }

    #[test]
    fn a_lock_survives_a_restart_and_a_clock_that_is_set_back() {
        let (mut host, mut guesses) = (host(), Guesses::load(&State::default()));
        for _ in 0..5 {
            try_wrong(&mut guesses, "A", &mut host);
        }
        let mut stored = Vec::new();
        for action in host.take_actions() {
            if let Action::Put(put) = action {
                stored = vec![StateEntry {
                    key: put.key,
                    value: put.value,
                }];
            }
        }
        let mut guesses = Guesses::load(&State::new(stored).unwrap_or_default());
        assert_eq!(guesses.locked_secs("A", &mut host), Some(300));
        host.set_now(0, 0);
        assert_eq!(guesses.locked_secs("A", &mut host), Some(300));
        after(&mut host, 300);
        assert_eq!(guesses.locked_secs("A", &mut host), None);
    }
}

//! Who was turned away lately, and when they were told so.

use serde::{Deserialize, Serialize};

use super::table::Table;
use crate::contract::{ChatKind, InboundMessage};
use crate::host::Host;
use crate::state::{self, State};

/// Strangers remembered; the one silent for longest makes room.
const MOST_STRANGERS: usize = 512;
/// A stranger is told once in this time.
const DAY_MS: u64 = 24 * 3_600_000;

/// Somebody who was turned away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stranger {
    /// Where they wrote last.
    pub(super) chat: ChatKind,
    /// When they wrote last, Unix milliseconds.
    pub(super) last_ms: u64,
    /// Their messages.
    pub(super) messages: u32,
    told_ms: Option<u64>,
}

/// By openid.
#[derive(Debug)]
pub(super) struct Strangers(Table<Stranger>);

impl Strangers {
    /// The stored ones.
    pub(super) fn load(state: &State) -> Self {
        Self(Table::load(
            state::STRANGER,
            state,
            |stranger: &Stranger| stranger.last_ms,
        ))
    }

    /// Somebody was turned away. `may_tell` is asked only if they were not told
    /// within a day; if it agrees, they are. Whether they are told now.
    pub(super) fn turn_away(
        &mut self,
        message: &InboundMessage,
        may_tell: impl FnOnce() -> bool,
        host: &mut Host,
    ) -> bool {
        let now_ms = host.now().wall_ms;
        let before = self.0.get(&message.sender);
        if before.is_none() {
            self.make_room(host);
        }
        let told_ms = before.and_then(|stranger| stranger.told_ms);
        // A time to come is none: the clock was set back.
        let is_told = |told_ms: u64| told_ms <= now_ms && now_ms - told_ms < DAY_MS;
        let tell = !told_ms.is_some_and(is_told) && may_tell();
        let stranger = Stranger {
            chat: message.chat,
            last_ms: now_ms,
            messages: before
                .map_or(0, |stranger| stranger.messages)
                .saturating_add(1),
            told_ms: if tell { Some(now_ms) } else { told_ms },
        };
        self.0.put(&message.sender, stranger, host);
        tell
    }

    fn make_room(&mut self, host: &mut Host) {
        if self.0.len() < MOST_STRANGERS {
            return;
        }
        let oldest = self.0.iter().next();
        if let Some(openid) = oldest.map(|(openid, _)| openid.to_owned()) {
            self.0.remove(&openid, host);
        }
    }

    /// They are a stranger no more.
    pub(super) fn forget(&mut self, openid: &str, host: &mut Host) {
        self.0.remove(openid, host);
    }

    /// Those remembered, the latest first.
    pub(super) fn latest(&self) -> impl Iterator<Item = (&str, Stranger)> {
        self.0.iter().rev()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::tests::host;
    use crate::inbound::tests::message;

    #[test]
    fn a_stranger_is_told_once_a_day() {
        let (mut host, mut strangers) = (host(), Strangers::load(&State::default()));
        let mut told_at = |wall_ms| {
            host.set_now(wall_ms, 0);
            strangers.turn_away(&message(), || true, &mut host)
        };
        assert!(told_at(DAY_MS));
        assert!(!told_at(DAY_MS + 1));
        assert!(!told_at(2 * DAY_MS - 1));
        assert!(told_at(2 * DAY_MS));
        assert!(told_at(0), "the clock was set back");
        assert!(!told_at(1));
    }

    #[test]
    fn who_could_not_be_told_is_told_next_time() {
        let (mut host, mut strangers) = (host(), Strangers::load(&State::default()));
        assert!(!strangers.turn_away(&message(), || false, &mut host));
        assert!(strangers.turn_away(&message(), || true, &mut host));
    }

    #[test]
    fn the_one_silent_for_longest_makes_room() {
        let (mut host, mut strangers) = (host(), Strangers::load(&State::default()));
        for n in 0..=MOST_STRANGERS {
            host.set_now(n as u64, 0);
            let message = InboundMessage {
                sender: format!("{n}"),
                ..message()
            };
            strangers.turn_away(&message, || true, &mut host);
        }
        let latest: Vec<_> = strangers.latest().collect();
        assert_eq!(latest.len(), MOST_STRANGERS);
        assert_eq!(latest.first().map(|(openid, _)| *openid), Some("512"));
        assert_eq!(latest.last().map(|(openid, _)| *openid), Some("1"));
    }
}

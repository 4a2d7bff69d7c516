//! Which of the wanted intents the bot may have.
//!
//! One bit without permission makes the platform refuse the whole Identify (QQ
//! docs, dev-prepare/event-emit/websocket, 4013 and 4014), and it does not say
//! which. So the channel halves what is suspect, the likely ones first, until
//! every bit is known; what was found is kept for a day. Each question is an
//! Identify, and there are at most [`MOST_QUESTIONS`].

use serde::{Deserialize, Serialize};

use crate::config::{PRIVATE_GUILD_MESSAGES, PUBLIC_GUILD_MESSAGES};
use crate::host::Host;
use crate::state::{self, State};

/// Questions of one negotiation. Fifteen known bits, one of them refused, take 5.
const MOST_QUESTIONS: u32 = 10;
/// What was granted once is doubted only after this much: five op 9 in a row.
const MANY_DOUBTS: u32 = 10;
/// After a day everything is asked for again, once.
const KEPT_MS: u64 = 24 * 60 * 60_000;

/// Bits, the most likely to be granted first: 0, 1 and 30 are every bot's, 25 is
/// what a chat bot is made for, 28 and 9 are for private-domain bots (QQ docs,
/// dev-prepare/event-emit/payload).
const ORDER: [u32; 15] = [25, 0, 30, 1, 26, 12, 27, 10, 24, 29, 23, 19, 18, 28, 9];

/// What is known of the intents. Masks; a wanted bit in none of `sure`,
/// `refused` and `skipped` is open.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Grant {
    app_id: String,
    wanted: u32,
    /// READY came with these.
    sure: u32,
    /// Found to be refused.
    refused: u32,
    /// Given up as too many questions were asked.
    skipped: u32,
    /// At least one of these open ones is refused.
    suspect: u32,
    /// What a day ago was refused or skipped.
    hint: u32,
    /// Whether to find out if anything works at all.
    cautious: bool,
    /// Questions of this negotiation that were answered.
    questions: u32,
    /// Refusals in a row that may have had another reason.
    #[serde(skip)]
    doubts: u32,
    /// Unix milliseconds; 0 while nothing was refused or nothing is settled.
    until_wall_ms: u64,
}

/// How to go on after a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Ask for [`Grant::mask`].
    Ask,
    /// The refusal need not be about intents: try the same again.
    Retry,
    /// The platform grants nothing of what is wanted.
    Nothing,
}

impl Grant {
    /// Nothing known: everything is asked for.
    pub(super) fn new(app_id: &str, wanted: u32) -> Self {
        Self {
            app_id: app_id.to_owned(),
            wanted,
            ..Self::default()
        }
    }

    /// What was found out for this application and these intents.
    pub(super) fn load(state: &State, app_id: &str, wanted: u32) -> Self {
        let stored: Option<Self> = state.json(state::GRANT);
        stored
            .filter(|grant| grant.app_id == app_id && grant.wanted == wanted)
            .unwrap_or_else(|| Self::new(app_id, wanted))
    }

    fn save(&self, host: &mut Host) {
        if *self == Self::new(&self.app_id, self.wanted) || self.sure == self.wanted {
            host.remove(state::GRANT);
        } else {
            host.put(state::GRANT, state::encode(self));
        }
    }

    /// Where bit 30 is refused, bit 9 is its counterpart for private-domain bots.
    const fn candidates(&self) -> u32 {
        if (self.refused | self.hint) & PUBLIC_GUILD_MESSAGES != 0 {
            return self.wanted | PRIVATE_GUILD_MESSAGES;
        }
        self.wanted
    }

    pub(super) const fn wanted(&self) -> u32 {
        self.wanted
    }

    const fn open(&self) -> u32 {
        self.candidates() & !(self.sure | self.refused | self.skipped)
    }

    const fn is_settled(&self) -> bool {
        self.open() == 0
    }

    /// The intents to identify with.
    pub(super) fn mask(&self) -> u32 {
        if self.cautious {
            return self.sure | likeliest(self.open(), 1);
        }
        if self.hint != 0 {
            return match self.questions {
                0 => self.wanted,
                _ => self.candidates() & !self.hint,
            };
        }
        match self.suspect.count_ones() {
            0 => self.sure | self.open(),
            count => self.sure | likeliest(self.suspect, count.div_ceil(2)),
        }
    }

    /// How many questions were asked, if something is being found out.
    pub(super) const fn questions(&self) -> u32 {
        self.questions
    }

    /// The platform refused these intents and said so.
    pub(super) fn refused(&mut self, asked: u32, host: &mut Host) -> Next {
        self.doubts = 0;
        if self.is_settled() {
            // Granted once, withdrawn now: what was refused may be granted, too.
            *self = Self::new(&self.app_id, self.wanted);
        }
        self.questions += 1;
        if self.hint == 0 || self.questions > 1 {
            self.hint = 0;
            self.cautious = false;
            self.narrow(asked);
        }
        let next = self.after_refusal();
        self.save(host);
        next
    }

    fn narrow(&mut self, asked: u32) {
        let tried = asked & !self.sure;
        match tried.count_ones() {
            // What was sure is not any more.
            0 => (self.sure, self.suspect) = (0, asked),
            1 => (self.refused, self.suspect) = (self.refused | tried, 0),
            _ => self.suspect = tried,
        }
    }

    fn after_refusal(&mut self) -> Next {
        if self.questions >= MOST_QUESTIONS {
            self.skipped |= self.open();
            self.suspect = 0;
        }
        if self.mask() == 0 {
            *self = Self::new(&self.app_id, self.wanted);
            return Next::Nothing;
        }
        Next::Ask
    }

    /// The platform refused without a reason: an intent, an address that is not
    /// allowed, a bot for the sandbox only, or a bad moment. `op9` says so
    /// louder than a connection that just ends.
    pub(super) fn doubted(&mut self, asked: u32, op9: bool, host: &mut Host) -> Next {
        self.doubts += if op9 { 2 } else { 1 };
        let patience = if self.is_settled() { MANY_DOUBTS } else { 2 };
        if self.doubts < patience || self.cautious || self.wanted.count_ones() < 2 {
            return Next::Retry;
        }
        if self.is_settled() {
            *self = Self::new(&self.app_id, self.wanted);
        }
        self.doubts = 0;
        let nothing_known = self.sure | self.refused | self.suspect | self.hint == 0;
        if !nothing_known {
            return self.refused(asked, host);
        }
        self.cautious = true;
        self.questions += 1;
        self.save(host);
        Next::Ask
    }

    /// READY came with these intents. Whether all is settled; otherwise the next
    /// question is worth another Identify.
    pub(super) fn accepted(&mut self, asked: u32, host: &mut Host) -> bool {
        let before = self.clone();
        self.doubts = 0;
        self.cautious = false;
        if self.questions > 0 {
            self.questions += 1;
        }
        if asked & self.hint == 0 {
            self.refused |= self.hint;
        }
        self.hint = 0;
        self.sure |= asked;
        self.suspect &= !asked;
        if self.suspect.count_ones() == 1 {
            self.refused |= self.suspect;
            self.suspect = 0;
        }
        let settled = self.is_settled() || self.questions >= MOST_QUESTIONS;
        if settled {
            self.settle(host.now().wall_ms);
        }
        if *self != before {
            self.save(host);
        }
        settled
    }

    fn settle(&mut self, now_ms: u64) {
        self.skipped |= self.open();
        self.suspect = 0;
        self.questions = 0;
        if self.until_wall_ms == 0 && self.refused | self.skipped != 0 {
            self.until_wall_ms = now_ms.saturating_add(KEPT_MS);
        }
    }

    /// Until when the answer is kept, if something was refused.
    pub(super) fn kept_until(&self) -> Option<u64> {
        (self.until_wall_ms != 0).then_some(self.until_wall_ms)
    }

    /// Whether the answer is a day old, or from a future the clock left.
    pub(super) fn is_old(&self, now_ms: u64) -> bool {
        self.until_wall_ms != 0
            && (now_ms >= self.until_wall_ms || now_ms + KEPT_MS < self.until_wall_ms)
    }

    /// Asks for everything next time. The old answer is the first guess should
    /// that be refused.
    pub(super) fn ask_again(&mut self, host: &mut Host) {
        let hint = self.refused | self.skipped;
        if hint != 0 {
            *self = Self {
                hint,
                ..Self::new(&self.app_id, self.wanted)
            };
            self.save(host);
        }
    }
}

/// The `count` bits of `mask` that are most likely granted; bits nobody
/// documents come last.
fn likeliest(mask: u32, count: u32) -> u32 {
    let known = ORDER.iter().copied();
    let rest = (0..u32::BITS).filter(|bit| !ORDER.contains(bit));
    known
        .chain(rest)
        .map(|bit| 1 << bit)
        .filter(|bit| mask & bit != 0)
        .take(count as usize)
        .fold(0, |chosen, bit| chosen | bit)
}

#[cfg(test)]
mod tests;

//! Numbers for what is not a plain reply: typing notices and streams.

use crate::host::Host;
use crate::ledger::anchor::{Anchor, Entry};
use crate::ledger::{Ledger, anchor, scene_of};

/// The platform refuses a stream that answers an older message (QQ docs,
/// autogen/api/v2_users_user_openid_stream_messages.post); less a margin for the
/// way there.
const STREAM_AGE_MS: u64 = 5 * 60_000 - 10_000;

/// What a number is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Special {
    Stream,
    /// Whether the platform counts it is not documented, so it counts, and half
    /// of the replies are left alone: a long answer needs more than one.
    Typing,
}

impl Ledger {
    /// Takes a number of the message `reply_to`, or else of the newest one that
    /// serves. Events do not, and neither does a message that an earlier host
    /// may have answered: only a plain reply can be recognised as a repetition.
    pub(crate) fn take_special(
        &mut self,
        what: Special,
        target: &str,
        reply_to: Option<&str>,
        host: &mut Host,
    ) -> Option<Anchor> {
        if !self.has_special(what, target, reply_to, host) {
            return None;
        }
        let scene = scene_of(target)?;
        let budget = self.budget(scene);
        let serves = self.serves(what, target, host)?;
        let take = |entries: &mut [Entry]| anchor::take(entries, reply_to, budget, scene, serves);
        Some(self.anchors.change(target, take, host)?.anchor)
    }

    /// Whether [`Self::take_special`] would give one.
    pub(crate) fn has_special(
        &self,
        what: Special,
        target: &str,
        reply_to: Option<&str>,
        host: &Host,
    ) -> bool {
        let Some(serves) = self.serves(what, target, host) else {
            return false;
        };
        let mut anchors = self.anchors.of(target).iter();
        match reply_to.and_then(|id| anchors.clone().find(|entry| entry.is_of(id))) {
            Some(named) => serves(named),
            None => anchors.any(serves),
        }
    }

    fn serves(
        &self,
        what: Special,
        target: &str,
        host: &Host,
    ) -> Option<impl Fn(&Entry) -> bool + use<>> {
        let scene = scene_of(target)?;
        let (window_ms, budget) = (self.window_ms(scene), self.budget(scene));
        let (age_ms, spare) = match what {
            Special::Stream => (window_ms.min(STREAM_AGE_MS), 0),
            Special::Typing => (window_ms, (budget / 2).max(1)),
        };
        let now_ms = host.now().wall_ms;
        Some(move |entry: &Entry| {
            entry.is_plain() && entry.is_open(age_ms, now_ms) && entry.left(budget) > spare
        })
    }

    /// The newest message of a chat.
    pub(crate) fn newest(&self, target: &str) -> Option<&str> {
        self.anchors.of(target).last().map(Entry::id)
    }
}

//! How a reply goes on after an attempt.

use crate::compose::part::{Content, Part};
use crate::contract::{Failure, Level};
use crate::cx::Cx;
use crate::host::Host;
use crate::replies::origin::Attempt;
use crate::replies::reply::{self, Reply};
use crate::requests::attempts::RetryPolicy;

/// A message that may have arrived: its number makes repetitions harmless, and
/// its reply window ends them.
const UNCLEAR: RetryPolicy = RetryPolicy {
    first_ms: 500,
    most: u32::MAX,
};
/// A message that was not sent, or refused for a passing reason.
const REFUSED: RetryPolicy = RetryPolicy {
    first_ms: 1_000,
    most: u32::MAX,
};
/// One whose quota is used up has another way: it is kept.
const QUOTA: RetryPolicy = RetryPolicy {
    first_ms: 1_000,
    most: 3,
};

/// What becomes of a reply.
#[derive(Debug)]
pub(crate) enum Fate {
    /// What is left of it is next in its chat.
    Again(Reply),
    /// It cannot be sent now, and is kept for later.
    Keep(Reply),
    /// It is over, and whoever waited for it was told.
    Over,
}

impl Reply {
    /// What is left of it is next in its chat.
    pub(super) fn again(self, host: &mut Host) -> Fate {
        self.save(host);
        Fate::Again(self)
    }

    /// It may have arrived. With the same sequence number it can be repeated: if
    /// it had, the platform says so and shows nothing twice. Without a number it
    /// is not sent again. QQ docs, autogen/api/v2_users_user_openid_messages.post:
    /// the pair of message id and number is accepted once.
    pub(super) fn unclear(mut self, failure: Failure, host: &mut Host) -> Fate {
        if !self.is_numbered() {
            return self.over(failure, host);
        }
        self.attempt = Attempt::Repeated;
        self.try_again(UNCLEAR, &failure, host);
        Fate::Again(self)
    }

    /// It was not sent, or refused for a passing reason: again, with the same
    /// number. Its reply window, or its age, ends the attempts.
    pub(crate) fn later(mut self, failure: &Failure, host: &mut Host) -> Fate {
        self.try_again(REFUSED, failure, host);
        Fate::Again(self)
    }

    /// The conversation it waits for was not opened: what passes is waited out.
    pub(super) fn not_opened(self, failure: Failure, host: &mut Host) -> Fate {
        match failure.kind.is_passing() {
            true => self.later(&failure, host),
            false => self.over(failure, host),
        }
    }

    /// A quota is used up.
    pub(super) fn over_quota(mut self, failure: &Failure, cx: &mut Cx) -> Fate {
        let policy = if self.is_numbered() { REFUSED } else { QUOTA };
        if self.try_again(policy, failure, &mut cx.host) {
            return Fate::Again(self);
        }
        self.refund(cx);
        self.detach();
        Fate::Keep(self)
    }

    /// There is no other way. It did not count, unless an earlier attempt did.
    pub(super) fn give_up(self, failure: Failure, cx: &mut Cx) -> Fate {
        if self.attempt != Attempt::Repeated {
            self.refund(cx);
        }
        if self.parts.front().and_then(Part::media).is_some() {
            return self.without_file(failure, &mut cx.host);
        }
        self.over(failure, &mut cx.host)
    }

    /// The first part is a file that cannot be sent: words take its place, the
    /// rest goes out as it is, and the command learns of it in the end.
    fn without_file(mut self, failure: Failure, host: &mut Host) -> Fate {
        host.count("media_lost");
        let text = format!("a file was not sent: {failure}");
        host.note_seldom("media_lost", Level::Warn, &text);
        if let Some(first) = self.parts.front_mut()
            && let Some(media) = first.media()
        {
            let blob = media.blob();
            *first = Part::new(Content::Text(media.in_words()));
            reply::drop_blob(blob, &self, host);
        }
        self.trouble.get_or_insert(failure);
        self.detach();
        self.again(host)
    }

    /// It failed.
    pub(super) fn over(self, failure: Failure, host: &mut Host) -> Fate {
        self.fail(failure, host);
        Fate::Over
    }
}

//! What the answer to a call means.

use crate::contract::{Failure, FailureKind, HttpFailed, HttpResponse};
use crate::courtesies::calls::{Call, Purpose};
use crate::cx::Cx;
use crate::platform;
use crate::platform::Reaction;
use crate::requests::answer;
use crate::requests::answer::Answer;

/// How a call goes on.
#[derive(Debug)]
pub(super) enum Verdict {
    Done,
    /// It is to be made again, when its attempts say.
    Again,
    Over(Failure),
}

impl Call {
    pub(super) const fn is_typing(&self) -> bool {
        matches!(self.purpose, Purpose::Typing { .. })
    }

    /// There is an answer.
    pub(super) fn answered(&mut self, response: &HttpResponse, cx: &mut Cx) -> Verdict {
        match answer::refusal(response) {
            None => Verdict::Done,
            Some(Answer::Refused(reaction, failure)) => self.refused(reaction, failure, cx),
            Some(Answer::Unclear(failure)) => self.refused(Reaction::Retry, failure, cx),
            // Neither can be the answer to a call.
            Some(Answer::Sent { .. } | Answer::Audit(_)) => {
                let what = "an answer out of place";
                Verdict::Over(Failure::new(FailureKind::Protocol, what))
            }
        }
    }

    /// There is none.
    pub(super) fn failed(&mut self, failed: &HttpFailed, cx: &mut Cx) -> Verdict {
        let what = "the request got no answer";
        let failure = platform::explain(what, &cx.settings.api, &failed.failure);
        let reaction = match failure.kind {
            FailureKind::Denied | FailureKind::Invalid => Reaction::Report,
            _ => Reaction::Retry,
        };
        self.refused(reaction, failure, cx)
    }

    /// All but typing can be repeated without harm.
    fn refused(&mut self, reaction: Reaction, failure: Failure, cx: &mut Cx) -> Verdict {
        if self.is_typing() {
            if reaction == Reaction::RefreshToken && self.attempts.refresh(cx) {
                // The answer will need one.
                cx.has_token();
            }
            return Verdict::Over(failure);
        }
        let now_ms = cx.host.now().mono_ms;
        let again = match reaction {
            Reaction::RefreshToken => self.attempts.refresh(cx),
            _ if reaction.is_passing() => {
                let (policy, until_ms) = (self.policy(), self.deadline_ms);
                let asked_ms = failure.retry_after_ms;
                self.attempts.again(policy, asked_ms, until_ms, now_ms)
            }
            _ => false,
        };
        match again {
            true => Verdict::Again,
            false => Verdict::Over(failure),
        }
    }
}

//! What the answer to a frame means for its draft.

use crate::compose::prose::Style;
use crate::contract::{Failure, FailureKind, HttpFailed, HttpResponse, Id, Level};
use crate::cx::Cx;
use crate::host::Host;
use crate::platform::Reaction;
use crate::replies::Outbound;
use crate::requests::answer;
use crate::requests::answer::Answer;
use crate::streams::frame::Accepted;
use crate::streams::growth::Frame;
use crate::streams::step::MOST_FAILURES;
use crate::streams::{Close, Draft, Ending, Flight, Stage};
use crate::target::Scene;

/// The wait after the first failure; each is twice the one before.
const FIRST_RETRY_MS: u64 = 1_000;

impl Outbound {
    /// The answer to a frame of this draft.
    pub(crate) fn on_frame(&mut self, id: Id, response: &HttpResponse, cx: &mut Cx) {
        let Some((mut draft, flight)) = self.drafts.claim(id, response.id) else {
            return;
        };
        match answer::refusal(response) {
            None => draft.accepted(flight, Accepted::read(response), &mut cx.host),
            Some(Answer::Refused(reaction, failure)) => {
                Self::frame_refused(&mut draft, flight, reaction, failure, cx);
            }
            Some(Answer::Unclear(_) | Answer::Audit(_) | Answer::Sent { .. }) => {
                draft.unclear(flight, &mut cx.host);
            }
        }
        self.put_down(draft, &mut cx.host);
        self.pump(cx);
    }

    /// A frame of this draft got no answer.
    pub(crate) fn on_frame_failed(&mut self, id: Id, failed: &HttpFailed, cx: &mut Cx) {
        let Some((mut draft, flight)) = self.drafts.claim(id, failed.id) else {
            return;
        };
        if failed.failure.is_hopeless() {
            Self::frame_useless(&mut draft, &flight, cx);
        } else if failed.may_have_arrived {
            draft.unclear(flight, &mut cx.host);
        } else {
            Self::frame_later(&mut draft, &flight, None, cx);
        }
        self.put_down(draft, &mut cx.host);
        self.pump(cx);
    }

    fn put_down(&mut self, draft: Draft, host: &mut Host) {
        draft.save(host);
        self.drafts.all.insert(draft.id, draft);
    }

    fn frame_refused(
        draft: &mut Draft,
        flight: Flight,
        reaction: Reaction,
        failure: Failure,
        cx: &mut Cx,
    ) {
        let is_passing = reaction.is_passing()
            || matches!(
                failure.kind,
                FailureKind::RateLimited | FailureKind::Unavailable
            );
        match reaction {
            Reaction::RefreshToken if !draft.refreshed => {
                draft.refreshed = true;
                cx.token.refused(draft.generation, &mut cx.host);
            }
            // A closed stream takes no frame, so the last one arrived. No document
            // says by which code; those that speak of something else are none.
            Reaction::Report
                if flight.is_last
                    && draft.maybe_closed
                    && failure.kind != FailureKind::RateLimited =>
            {
                draft.show(flight.frame);
                draft.stage = Stage::Closed(Close::Again);
                cx.host.count("streams_finished");
            }
            _ if is_passing || reaction == Reaction::RefreshToken => {
                Self::frame_later(draft, &flight, failure.retry_after_ms, cx);
            }
            Reaction::SendPlain if draft.is_unshown() && draft.style == Style::Markdown => {
                cx.ledger.scenes.refuse_markdown(Scene::C2c, &mut cx.host);
                draft.style = Style::Plain;
            }
            Reaction::StopChat => {
                cx.ledger.stops.stop(&draft.target, &failure, &mut cx.host);
                Self::frame_useless(draft, &flight, cx);
            }
            _ => Self::frame_useless(draft, &flight, cx),
        }
    }

    /// It was refused for a passing reason. The last frame is tried again; of the
    /// others the next one says it all.
    fn frame_later(draft: &mut Draft, flight: &Flight, asked_ms: Option<u64>, cx: &mut Cx) {
        draft.failures += 1;
        if draft.failures > MOST_FAILURES {
            match draft.stage {
                Stage::Unshown => Self::abandon(draft, cx),
                _ if flight.is_last => draft.give_up(&mut cx.host),
                _ => {}
            }
            return;
        }
        let wait_ms = FIRST_RETRY_MS << (draft.failures - 1);
        draft.pause(wait_ms.max(asked_ms.unwrap_or(0)), &cx.host);
    }

    /// This text will not be shown. The stream ends with what is.
    fn frame_useless(draft: &mut Draft, flight: &Flight, cx: &mut Cx) {
        if draft.is_unshown() {
            return Self::abandon(draft, cx);
        }
        if !flight.is_last {
            return draft.end_early();
        }
        if flight.frame == draft.floor {
            // It should be finished: perhaps it can be later.
            return Self::frame_later(draft, flight, None, cx);
        }
        draft.is_trimmed = true;
    }
}

impl Draft {
    fn is_unshown(&self) -> bool {
        self.stage == Stage::Unshown
    }

    fn accepted(&mut self, flight: Flight, accepted: Accepted, host: &mut Host) {
        if self.stream_id.is_none() {
            self.stream_id = accepted.id;
        }
        if self.stream_id.is_none() {
            // It cannot be gone on with.
            return self.unclear(flight, host);
        }
        if self.is_unshown() {
            self.stage = Stage::Open;
            host.count("streams_begun");
        }
        let chars = flight.frame.text.chars().count();
        self.room = accepted.left.map(|left| chars.saturating_add(left));
        self.show(flight.frame);
        (self.failures, self.refreshed) = (0, false);
        if flight.is_last {
            self.stage = Stage::Closed(Close::Certain);
            host.count("streams_finished");
        }
    }

    fn show(&mut self, frame: Frame) {
        self.shown.clone_from(&frame);
        self.floor = frame;
    }

    /// Whether it is shown, nobody knows. The first frame is not repeated: its
    /// stream could never be found again, and a second would say the same.
    pub(crate) fn unclear(&mut self, flight: Flight, host: &mut Host) {
        if self.is_unshown() {
            // Its number is not given back: it may be used.
            self.stage = Stage::Abandoned;
            host.count("streams_abandoned");
            return;
        }
        self.floor = flight.frame;
        self.maybe_closed |= flight.is_last;
        self.failures += 1;
        if self.failures <= MOST_FAILURES {
            self.pause(FIRST_RETRY_MS << (self.failures - 1), host);
        } else if flight.is_last {
            self.give_up(host);
        }
    }

    fn pause(&mut self, wait_ms: u64, host: &Host) {
        let until_ms = host.now().mono_ms.saturating_add(wait_ms);
        self.not_before_ms = self.not_before_ms.max(until_ms);
    }

    /// The platform does not take the last frame.
    fn give_up(&mut self, host: &mut Host) {
        let certain = self.floor == self.shown;
        self.stage = Stage::Closed(if certain {
            Close::Certain
        } else {
            Close::Unclear
        });
        host.count("streams_unfinished");
        let text = "a message that grew could not be finished; what it shows stays";
        host.note_seldom("stream_unfinished", Level::Warn, text);
    }

    /// The command that waits for its end.
    pub(crate) const fn command(&self) -> Option<Id> {
        match self.ending {
            Some(Ending::Finish { command, .. }) => Some(command),
            _ => None,
        }
    }
}

//! What the answer to a frame means for its draft.

use crate::compose::text::Style;
use crate::contract::{Failure, FailureKind, HttpFailed, HttpResponse, Level};
use crate::cx::Cx;
use crate::host::Host;
use crate::platform::Reaction;
use crate::requests::answer;
use crate::requests::answer::Answer;
use crate::streams::draft::{Close, Draft, Flight, RETRY, Stage};
use crate::streams::frame::Accepted;
use crate::streams::growth::Frame;
use crate::target::Scene;

impl Draft {
    /// The answer to its frame under way.
    pub(crate) fn answered(&mut self, flight: Flight, response: &HttpResponse, cx: &mut Cx) {
        match answer::refusal(response) {
            None => self.accepted(flight, Accepted::read(response), &mut cx.host),
            Some(Answer::Refused(reaction, failure)) => {
                self.refused(flight, reaction, failure, cx);
            }
            Some(Answer::Unclear(_) | Answer::Audit(_) | Answer::Sent { .. }) => {
                self.unclear(flight, &mut cx.host);
            }
        }
    }

    /// Its frame under way got no answer.
    pub(crate) fn failed(&mut self, flight: Flight, failed: &HttpFailed, cx: &mut Cx) {
        if failed.failure.is_hopeless() {
            self.useless(&flight, cx);
        } else if failed.may_have_arrived {
            self.unclear(flight, &mut cx.host);
        } else {
            self.later(&flight, None, cx);
        }
    }

    fn refused(&mut self, flight: Flight, reaction: Reaction, failure: Failure, cx: &mut Cx) {
        let is_passing = reaction.is_passing()
            || matches!(
                failure.kind,
                FailureKind::RateLimited | FailureKind::Unavailable
            );
        match reaction {
            Reaction::RefreshToken if self.attempts.refresh(cx) => {}
            // A closed stream takes no frame, so the last one arrived. No document
            // says by which code; those that speak of something else are none.
            Reaction::Report
                if flight.is_last
                    && self.maybe_closed
                    && failure.kind != FailureKind::RateLimited =>
            {
                self.show(flight.frame);
                self.stage = Stage::Closed(Close::Again);
                cx.host.count("streams_finished");
            }
            _ if is_passing || reaction == Reaction::RefreshToken => {
                self.later(&flight, failure.retry_after_ms, cx);
            }
            Reaction::SendPlain if self.is_unshown() && self.style == Style::Markdown => {
                cx.ledger.scenes.refuse_markdown(Scene::C2c, &mut cx.host);
                self.style = Style::Plain;
            }
            Reaction::StopChat => {
                cx.ledger.stops.stop(&self.target, &failure, &mut cx.host);
                self.useless(&flight, cx);
            }
            _ => self.useless(&flight, cx),
        }
    }

    /// It was refused for a passing reason. The last frame is tried again; of the
    /// others the next one says it all.
    fn later(&mut self, flight: &Flight, asked_ms: Option<u64>, cx: &mut Cx) {
        if self.is_tried_again(asked_ms, &cx.host) {
            return;
        }
        match self.stage {
            Stage::Unshown => self.abandon(cx),
            _ if flight.is_last => self.give_up(&mut cx.host),
            _ => {}
        }
    }

    /// This text will not be shown. The stream ends with what is.
    fn useless(&mut self, flight: &Flight, cx: &mut Cx) {
        if self.is_unshown() {
            return self.abandon(cx);
        }
        if !flight.is_last {
            return self.end_early();
        }
        if flight.frame == self.floor {
            // It should be finished: perhaps it can be later.
            return self.later(flight, None, cx);
        }
        self.is_trimmed = true;
    }

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
        self.attempts.reset();
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
        if !self.is_tried_again(None, host) && flight.is_last {
            self.give_up(host);
        }
    }

    fn is_tried_again(&mut self, asked_ms: Option<u64>, host: &Host) -> bool {
        let now_ms = host.now().mono_ms;
        self.attempts.again(RETRY, asked_ms, u64::MAX, now_ms)
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
}

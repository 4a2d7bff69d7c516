//! The way back: what a lost connection means, and when to try again.

use super::close::{self, Verdict};
use super::unopened::{denied_for_good, never_sent};
use super::{Attempt, Gateway, News, State, Step, Trouble};
use crate::backoff::RATE_LIMITED_MS;
use crate::contract::{Failure, FailureKind, Level, SocketClosed};
use crate::cx::Cx;
use crate::host::Host;

/// Official clients wait this long after op 9 before they identify again.
const AFTER_OP9_MS: u64 = 3_000;
/// One Identify in five seconds is allowed, and every refused one is an op 9.
const QUESTION_MS: u64 = 5_000;
/// Resumes without RESUMED before the session is given up.
const MOST_RESUME_FAILURES: u32 = 3;
/// The same where the connection broke before the platform said a word. That is
/// the network's doing more often than the session's, and a session given up
/// loses what it holds; so about a minute of trying.
const MOST_RESUMES_CUT: u32 = 6;
/// Identifies without READY before the pauses become long: a loop of five
/// seconds uses up a day's budget in an hour and a half.
const MANY_REJECTIONS: u32 = 5;
const LONG_PAUSE_MS: u64 = 300_000;
/// Only a connection that lives longer proves that all is well: pauses are short
/// again.
const HEALTHY_MS: u64 = 60_000;
/// One that brought events and lived this long is replaced at once again.
const USEFUL_MS: u64 = 5_000;

/// When to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    /// After a pause that grows.
    Backoff,
    /// The same, but not before the server had time to forget op 9.
    AfterOp9,
    /// After a minute.
    Slow,
    /// As soon as another Identify is allowed.
    Question,
}

/// A connection that is gone.
#[derive(Debug)]
pub(super) struct Loss {
    pub(super) step: Step,
    pub(super) failure: Failure,
    pub(super) pace: Pace,
}

impl Gateway {
    /// The socket closed, or never opened.
    pub(crate) fn on_closed(&mut self, closed: &SocketClosed, cx: &mut Cx) -> News<'static> {
        if self.socket() != Some(closed.id) {
            // Ours, closed by us: op 7 and the 4009 behind it are one reconnect.
            return News::Quiet;
        }
        let state = self.state;
        self.abandon(&mut cx.host);
        if let Some(news) = self.broke_over_frame(state, closed, cx) {
            return news;
        }
        match state {
            State::AwaitOpen { .. } => self.not_opened(closed, cx),
            State::AwaitHello { .. } => self.closed(closed, None, (None, Step::Gateway), cx),
            State::AwaitReady { .. } if denied_for_good(closed) => {
                News::Fatal(Step::Identify, never_sent(closed))
            }
            State::AwaitReady { attempt, .. } => {
                match closed.code {
                    Some(_) => self.attempt_failed(Some(attempt), &mut cx.host),
                    None => self.attempt_cut(attempt, &mut cx.host),
                }
                let step = (Some(attempt), Step::Identify);
                self.closed(closed, Some(Pace::Backoff), step, cx)
            }
            State::AwaitReason {
                attempt, resumable, ..
            } => {
                self.refused(attempt, resumable, &mut cx.host);
                let step = (attempt, Step::Identify);
                self.closed(closed, Some(Pace::AfterOp9), step, cx)
            }
            State::Live { since_ms, .. } => {
                let routine = close::lookup(closed.code).verdict == Verdict::ResumeNow;
                let pace = self.after_life(since_ms, routine, &cx.host);
                self.closed(closed, pace, (None, Step::Identify), cx)
            }
            _ => News::Quiet,
        }
    }

    /// Follows the table of close codes; `pace` overrules it.
    fn closed(
        &mut self,
        closed: &SocketClosed,
        pace: Option<Pace>,
        (attempt, step): (Option<Attempt>, Step),
        cx: &mut Cx,
    ) -> News<'static> {
        let row = close::lookup(closed.code);
        let failure = self.close_failure(closed, row);
        // Operators learn it from the status, with what is done about it.
        cx.host
            .note_seldom("gateway_closed", Level::Debug, &failure.to_string());
        let mut loss = Loss {
            step,
            failure,
            pace: pace.unwrap_or(Pace::Backoff),
        };
        match row.verdict {
            Verdict::Stop => return News::Fatal(step, loss.failure),
            Verdict::Negotiate => return self.intents_refused(loss.failure, &mut cx.host),
            Verdict::ResumeNow if pace.is_none() && step == Step::Identify => {
                self.connect(cx);
                return News::Changed;
            }
            Verdict::ResumeNow | Verdict::Resume => {
                let op9 = pace == Some(Pace::AfterOp9);
                loss = self.doubt(attempt, op9, loss, &mut cx.host);
            }
            Verdict::ResumeSlowly => loss.pace = Pace::Slow,
            Verdict::Identify => {
                self.forget_session(&mut cx.host);
                let op9 = pace == Some(Pace::AfterOp9);
                loss = self.doubt(attempt, op9, loss, &mut cx.host);
            }
            Verdict::Reauthenticate => {
                cx.token.refused(cx.token.generation(), &mut cx.host);
                self.forget_session(&mut cx.host);
            }
        }
        self.pause(loss, &mut cx.host)
    }

    fn close_failure(&self, closed: &SocketClosed, row: &close::Close) -> Failure {
        let kind = match (row.verdict, closed.code) {
            (_, None) => FailureKind::Unreachable,
            (Verdict::Stop | Verdict::Negotiate | Verdict::Reauthenticate, _) => {
                FailureKind::Unauthorized
            }
            _ => FailureKind::Unavailable,
        };
        let reason = if closed.reason.is_empty() {
            String::new()
        } else {
            format!(
                " ({:?})",
                closed.reason.chars().take(120).collect::<String>()
            )
        };
        Failure::new(kind, format!("gateway: {}{reason}", row.meaning))
            .code(closed.code.map(i64::from))
            .remedy(row.remedy.replace("{intents}", &self.subscribed().names()))
    }

    /// Op 7: the server is about to close, routinely. Go first, and resume.
    pub(super) fn on_reconnect(&mut self, cx: &mut Cx) -> News<'static> {
        let state = self.state;
        self.hang_up("reconnecting", &mut cx.host);
        cx.host.count("reconnects");
        let pace = match state {
            State::Live { since_ms, .. } => self.after_life(since_ms, true, &cx.host),
            State::AwaitReady { attempt, .. } => {
                self.attempt_cut(attempt, &mut cx.host);
                Some(Pace::Backoff)
            }
            _ => Some(Pace::Backoff),
        };
        let failure = Failure::new(
            FailureKind::Unavailable,
            "gateway: asked to reconnect at once",
        );
        self.reconnect(pace, failure, cx)
    }

    /// Counts an attempt that ended without READY or RESUMED.
    pub(super) fn attempt_failed(&mut self, attempt: Option<Attempt>, host: &mut Host) {
        match attempt {
            None => {}
            Some(Attempt::Identify) => self.identify_rejections += 1,
            Some(Attempt::Resume) => {
                self.resume_failures += 1;
                if self.resume_failures >= MOST_RESUME_FAILURES {
                    self.forget_session(host);
                }
            }
        }
    }

    /// Counts an attempt that ended before the platform answered it.
    fn attempt_cut(&mut self, attempt: Attempt, host: &mut Host) {
        if attempt == Attempt::Identify {
            return self.attempt_failed(Some(attempt), host);
        }
        self.resumes_cut += 1;
        if self.resumes_cut >= MOST_RESUMES_CUT {
            self.forget_session(host);
        }
    }

    /// Heartbeats were not acknowledged: the connection is half open.
    pub(crate) fn on_ack_overdue(&mut self, cx: &mut Cx) -> News<'static> {
        let state = self.state;
        let (State::AwaitReady { link, .. } | State::Live { link, .. }) = state else {
            return News::Quiet;
        };
        if self.held.since_last_look() {
            link.wait_on(&mut cx.host);
            return News::Quiet;
        }
        self.hang_up("heartbeat not acknowledged", &mut cx.host);
        cx.host.count("heartbeats_lost");
        let pace = match state {
            State::Live { since_ms, .. } => self.after_life(since_ms, true, &cx.host),
            State::AwaitReady { attempt, .. } => {
                self.attempt_failed(Some(attempt), &mut cx.host);
                Some(Pace::Backoff)
            }
            _ => None,
        };
        let failure = Failure::new(
            FailureKind::TimedOut,
            "gateway: heartbeats were not acknowledged",
        );
        if pace.is_none() {
            // Too short for the status.
            let text = format!("{failure}; reconnecting");
            cx.host.note_seldom("heartbeat", Level::Info, &text);
        }
        self.reconnect(pace, failure, cx)
    }

    /// Connects at once, or at the given pace.
    pub(super) fn reconnect(
        &mut self,
        pace: Option<Pace>,
        failure: Failure,
        cx: &mut Cx,
    ) -> News<'static> {
        let Some(pace) = pace else {
            self.connect(cx);
            return News::Changed;
        };
        let loss = Loss {
            step: Step::Identify,
            failure: failure.remedy("The channel reconnects by itself."),
            pace,
        };
        self.pause(loss, &mut cx.host)
    }

    /// How a connection that was live since then is replaced. Where its end is
    /// `routine`, an invitation rather than a failure (QQ docs,
    /// dev-prepare/event-emit/websocket, op 7 and 4009), at once; unless such
    /// connections end early one after the other, then after pauses that grow. One
    /// that brought events counts for half a success.
    pub(super) fn after_life(&mut self, since_ms: u64, routine: bool, host: &Host) -> Option<Pace> {
        let life_ms = host.now().mono_ms.saturating_sub(since_ms);
        if life_ms >= HEALTHY_MS {
            self.backoff.reset();
            self.spared = false;
            return (!routine).then_some(Pace::Backoff);
        }
        if self.delivered {
            self.backoff.ease();
            self.spared &= life_ms < USEFUL_MS;
        }
        let at_once = routine && !self.spared;
        self.spared |= at_once;
        (!at_once).then_some(Pace::Backoff)
    }

    /// Waits before the next attempt.
    pub(super) fn pause(&mut self, loss: Loss, host: &mut Host) -> News<'static> {
        let pause_ms = match loss.pace {
            Pace::Question => QUESTION_MS,
            _ if self.identify_rejections >= MANY_REJECTIONS => {
                LONG_PAUSE_MS + host.random_up_to(LONG_PAUSE_MS)
            }
            Pace::Backoff => self.backoff.next_ms(host),
            Pace::AfterOp9 => self.backoff.next_ms(host).max(AFTER_OP9_MS),
            Pace::Slow => {
                self.backoff.failed();
                RATE_LIMITED_MS
            }
        };
        self.trouble = Some(Trouble {
            step: loss.step,
            failure: loss.failure,
        });
        self.rest(pause_ms, host);
        News::Changed
    }
}

//! What happens to a draft now.

use crate::compose::cards;
use crate::config::{Limit, Limits};
use crate::contract::{Delivery, Failure, FailureKind, Id, OutboundMessage, TextFormat};
use crate::cx::Cx;
use crate::host::Host;
use crate::ledger::Special;
use crate::owners::Owner;
use crate::replies::Outbound;
use crate::replies::entry::life;
use crate::replies::reply::{Origin, Reply};
use crate::requests::answer;
use crate::streams::growth::{Frame, Growth};
use crate::streams::{Close, Draft, Ending, FORGOTTEN_MS, IDLE_MS, Stage, growth};
use crate::target::Scene;

/// Official clients send two frames a second.
const THROTTLE_MS: u64 = 500;
/// Frames that may fail one after the other.
pub(crate) const MOST_FAILURES: u32 = 3;

/// What to do with a draft.
enum Move {
    Wait,
    Frame {
        frame: Frame,
        is_last: bool,
    },
    /// Nothing more is shown: what is left of the text goes out as messages.
    Settle,
    Forget,
}

impl Outbound {
    /// Gives every draft its turn.
    pub(crate) fn advance_drafts(&mut self, cx: &mut Cx) {
        let ids: Vec<Id> = self.drafts.all.keys().copied().collect();
        for id in ids {
            if let Some(draft) = self.drafts.all.remove(&id) {
                self.advance(draft, cx);
            }
        }
    }

    fn advance(&mut self, mut draft: Draft, cx: &mut Cx) {
        match self.decide_draft(&mut draft, cx) {
            Move::Wait => {}
            Move::Frame { frame, is_last } => {
                self.transmit_frame(&mut draft, frame, is_last, cx);
            }
            Move::Settle => return self.settle(draft, cx),
            Move::Forget => return draft.forget(&mut cx.host),
        }
        self.drafts.all.insert(draft.id, draft);
    }

    fn decide_draft(&self, draft: &mut Draft, cx: &mut Cx) -> Move {
        draft.look_at_the_clock(&mut cx.host);
        if draft.flight.is_some() {
            return Move::Wait;
        }
        let is_busy = self.drafts.is_busy(cx.host.owners());
        match draft.stage {
            Stage::Unshown if draft.ending.is_some() => {
                Self::abandon(draft, cx);
                draft.settled_move(&cx.host)
            }
            Stage::Unshown | Stage::Open if is_busy => Move::Wait,
            Stage::Unshown => self.first_frame(draft, cx),
            Stage::Open => self.next_frame(draft, cx),
            Stage::Abandoned | Stage::Closed(_) => draft.settled_move(&cx.host),
        }
    }

    /// Before it, the chat must be quiet, or its messages would change places.
    fn first_frame(&self, draft: &mut Draft, cx: &mut Cx) -> Move {
        let now_ms = cx.host.now().mono_ms;
        let most = draft.most_units(&cx.settings.limits);
        let frame = match growth::next(&draft.text, &draft.floor, draft.style, most) {
            Growth::More(frame) if !is_placeholder(&frame.text) => frame,
            // All of it at once is shown better by messages.
            Growth::Full(_) => {
                Self::abandon(draft, cx);
                return Move::Wait;
            }
            _ => return Move::Wait,
        };
        let is_quiet = !self.lanes.has(&draft.target)
            && !self.drafts.is_running(&draft.target)
            && self.gone.is_empty();
        if draft.not_before_ms > now_ms || !is_quiet || !cx.has_token() {
            return Move::Wait;
        }
        if draft.anchor.is_none() {
            let reply_to = draft.reply_to.as_deref();
            draft.anchor =
                (cx.ledger).take_special(Special::Stream, &draft.target, reply_to, &mut cx.host);
        }
        if draft.anchor.is_none() {
            Self::abandon(draft, cx);
            return Move::Wait;
        }
        Move::Frame {
            frame,
            is_last: false,
        }
    }

    fn next_frame(&self, draft: &mut Draft, cx: &mut Cx) -> Move {
        let now_ms = cx.host.now().mono_ms;
        if draft.not_before_ms > now_ms && !self.drafts.is_draining {
            return Move::Wait;
        }
        let Some((frame, is_last)) = draft.wanted(draft.most_units(&cx.settings.limits)) else {
            return Move::Wait;
        };
        if !cx.has_token() {
            return Move::Wait;
        }
        Move::Frame { frame, is_last }
    }

    fn transmit_frame(&mut self, draft: &mut Draft, frame: Frame, is_last: bool, cx: &mut Cx) {
        let Some(http) = draft.request(
            frame,
            is_last,
            &cx.settings.api,
            cx.settings.guard,
            &mut cx.host,
        ) else {
            // `first_frame` saw to something to answer.
            return;
        };
        draft.generation = cx.token.generation();
        draft.not_before_ms = cx.host.now().mono_ms.saturating_add(THROTTLE_MS);
        draft.save(&mut cx.host);
        self.typing.hush(&draft.target);
        cx.host.count("stream_frames");
        cx.host.send_http(http, Owner::Stream(draft.id));
    }

    /// It will not be a stream. A number nothing was accepted under is given
    /// back.
    pub(super) fn abandon(draft: &mut Draft, cx: &mut Cx) {
        if let Some(anchor) = draft.anchor.take() {
            cx.ledger.give_back(&draft.target, &anchor, &mut cx.host);
            cx.host.count("streams_abandoned");
        }
        draft.stage = Stage::Abandoned;
        draft.save(&mut cx.host);
    }

    /// The draft is over: sends what was not shown, answers the command.
    fn settle(&mut self, draft: Draft, cx: &mut Cx) {
        draft.forget(&mut cx.host);
        let Some(Ending::Finish {
            command,
            ref text,
            deadline,
        }) = draft.ending
        else {
            return;
        };
        let Stage::Closed(close) = draft.stage else {
            let message = draft.message(text);
            return self.send_by(command, deadline, message, cx);
        };
        if close == Close::Unclear {
            return cx.host.complete(command, Err(unclear()));
        }
        let (words, cards) = draft.parted(text);
        let mut parts = growth::rest(words, &draft.shown, draft.style, &cx.settings.limits);
        if !cards.is_empty() {
            let ways = cx.ways(Scene::C2c);
            parts.extend(ways.parts(draft.message(cards), &mut cx.host).0);
        }
        let origin = Origin::Command(command);
        let mut reply = Reply::new(origin, draft.target, parts, life(&cx.host));
        reply.deadline = Some(deadline);
        let how = match close {
            Close::Again => Delivery::Duplicate,
            Close::Certain | Close::Unclear => Delivery::Passive,
        };
        reply.follow(draft.stream_id, how);
        if reply.parts.is_empty() {
            return reply.finish(&mut cx.host);
        }
        reply.reply_to = draft.reply_to;
        reply.save(&mut cx.host);
        self.lanes.put_next(reply);
    }
}

impl Draft {
    /// Ends what took too long.
    fn look_at_the_clock(&mut self, host: &mut Host) {
        let now_ms = host.now().mono_ms;
        if let Some(Ending::Finish {
            command, deadline, ..
        }) = self.ending
            && deadline.is_over(host.now())
        {
            host.complete(command, Err(unclear()));
            self.ending = Some(Ending::Cancel);
            self.save(host);
        }
        let is_awaited = self.patience_ms.is_some_and(|until_ms| until_ms <= now_ms);
        if is_awaited || self.touched_ms.saturating_add(IDLE_MS) <= now_ms {
            self.end_early();
        }
    }

    /// Units of the longest text: the limit of messages, or what the platform
    /// says. It counts characters, of which there are never more than units.
    fn most_units(&self, limits: &Limits) -> usize {
        let limit = limits.get(Limit::TextUnits) as usize;
        self.room.map_or(limit, |room| room.min(limit))
    }

    /// What becomes of a draft that shows no more.
    fn settled_move(&self, host: &Host) -> Move {
        let old = self.touched_ms.saturating_add(FORGOTTEN_MS) <= host.now().mono_ms;
        match self.ending {
            Some(Ending::Finish { .. }) => Move::Settle,
            Some(Ending::Cancel) => Move::Forget,
            _ if old => Move::Forget,
            _ => Move::Wait,
        }
    }

    /// The frame that is to be sent, and whether it is the last one.
    fn wanted(&mut self, most: usize) -> Option<(Frame, bool)> {
        match &self.ending {
            Some(Ending::Finish { text, .. }) if !self.is_trimmed => {
                let (words, _) = self.parted(text);
                let frame = growth::last(words, &self.floor, self.style, most);
                return Some((frame, true));
            }
            Some(_) => return Some((self.floor.clone(), true)),
            // The end is tried again; what lies between is not worth it.
            None if self.failures > MOST_FAILURES || self.text.is_empty() => return None,
            None => {}
        }
        match growth::next(&self.text, &self.floor, self.style, most) {
            Growth::Nothing => None,
            Growth::More(frame) => Some((frame, false)),
            Growth::Full(frame) => {
                self.end_early();
                Some((frame, true))
            }
            Growth::Rewritten => {
                self.end_early();
                Some((self.floor.clone(), true))
            }
        }
    }

    /// What a message that grew can hold of its whole text, and what begins with
    /// a card.
    fn parted<'t>(&self, text: &'t str) -> (&'t str, &'t str) {
        let at = match self.format {
            TextFormat::Plain => text.len(),
            TextFormat::Auto | TextFormat::Markdown => cards::first_card(text),
        };
        text.split_at_checked(at).unwrap_or((text, ""))
    }

    fn message(&self, text: &str) -> OutboundMessage {
        OutboundMessage {
            recipient: self.target.clone(),
            text: text.to_owned(),
            format: self.format,
            attachments: Vec::new(),
            reply_to: self.reply_to.clone(),
            thread: None,
            quote: None,
            card: None,
        }
    }
}

/// Hosts show that something will come; it is not part of the text.
fn is_placeholder(text: &str) -> bool {
    text.trim_matches(['.', '…', ' ']).is_empty()
}

fn unclear() -> Failure {
    answer::maybe_delivered(
        FailureKind::TimedOut,
        "the end of the message was not confirmed",
    )
}

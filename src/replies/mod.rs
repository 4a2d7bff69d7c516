//! From a reply to requests, and from their answers to a receipt.
//!
//! This machine decides when the messages of a reply go out, in answer to which
//! message or unasked, and what becomes of what cannot go out: the replies of a
//! chat wait in a queue of their own, one is under way at a time, and text that
//! cannot be sent now is kept until the chat writes again. It never uploads a
//! file, opens a conversation or shows a growing message; those it gives to its
//! [`Services`]. Read `tests/transcripts/replies.txt` first.

mod adopt;
mod begin;
mod decide;
mod ending;
mod fate;
mod files;
mod kept;
mod life;
mod message;
mod origin;
mod outcome;
mod owner;
mod plainer;
mod queues;
mod reply;
mod services;

use crate::compose::check;
use crate::contract::{Context, Failure, HttpFailed, HttpResponse, Id, OutboundMessage};
use crate::cx::Cx;
use crate::host::{Host, Now};
use crate::requests::until::Until;
use crate::state::State;
use crate::streams::Finished;
use crate::uploads::End;
pub(crate) use begin::refuse;
use decide::Move;
use fate::Fate;
use kept::Store;
use outcome::Outcome;
pub(crate) use outcome::Sent;
use queues::Lanes;
use reply::Reply;
pub(crate) use services::Services;

/// All replies that are not done.
#[derive(Debug, Default)]
pub(crate) struct Replies {
    /// Nothing is sent: the instance goes away, or a person must do something
    /// first. Requests in flight may still be answered.
    pub(crate) is_paused: bool,
    lanes: Lanes,
    kept: Store,
    /// What was sent since somebody asked.
    sent: Vec<Sent>,
    /// Numbers the replies without a command.
    own: u64,
}

impl Replies {
    /// Takes over what an earlier instance left.
    pub(crate) fn load(context: &Context, state: &State, cx: &mut Cx) -> Self {
        let (lanes, own) = Lanes::load(context, state, cx);
        let kept = Store::load(state);
        Self {
            lanes,
            kept,
            own,
            ..Self::default()
        }
    }

    /// The command `send`, to be answered by then; its quote is what the platform
    /// calls the quoted message.
    pub(crate) fn on_send(
        &mut self,
        command: Id,
        deadline: Until,
        message: OutboundMessage,
        with: &mut Services,
        cx: &mut Cx,
    ) {
        let Some(reply) = Reply::of_command(command, deadline, message, cx) else {
            return;
        };
        with.courtesies.hush(&reply.target);
        self.submit(reply, with, cx);
    }

    /// Says something in the channel's own words, in answer to a message of that
    /// chat or not at all.
    pub(crate) fn say(&mut self, target: &str, text: String, with: &mut Services, cx: &mut Cx) {
        self.own += 1;
        let reply = Reply::of_words(self.own, target, text, &cx.host);
        self.submit(reply, with, cx);
    }

    /// What a stream does not show goes out behind it.
    pub(crate) fn go_on_behind(&mut self, finished: Finished, cx: &mut Cx) {
        if let Some(reply) = Reply::behind(finished, &mut cx.host) {
            self.lanes.put_next(reply);
        }
    }

    /// A message came from this chat: what was kept for it goes out.
    pub(crate) fn release(&mut self, target: &str, with: &mut Services, cx: &mut Cx) {
        if let Some(kept) = self.kept.release(target, &mut cx.host) {
            self.own += 1;
            let reply = Reply::of_kept(self.own, target, kept, &cx.host);
            self.submit(reply, with, cx);
        }
    }

    /// The answer to a message for `target`.
    pub(crate) fn on_response(
        &mut self,
        target: &str,
        response: &HttpResponse,
        with: &mut Services,
        cx: &mut Cx,
    ) {
        if let Some(reply) = self.lanes.claim(target, response.id) {
            let outcome = reply.answered(response, &mut with.uploads, cx);
            self.conclude(target, outcome, with, cx);
            self.steps(target, with, cx);
        }
    }

    /// A message for `target` got no answer.
    pub(crate) fn on_failed(&mut self, target: &str, failed: &HttpFailed, cx: &mut Cx) {
        if let Some(reply) = self.lanes.claim(target, failed.id) {
            let fate = reply.unanswered(failed, cx);
            self.settle(fate, cx);
        }
    }

    /// The file a reply to `target` waits for is there, or will not be.
    pub(crate) fn on_upload_ended(
        &mut self,
        target: &str,
        end: End,
        with: &mut Services,
        cx: &mut Cx,
    ) {
        if let Some(reply) = self.lanes.take_if(target, Reply::waits_for_file) {
            let outcome = reply.uploaded(end, cx);
            self.conclude(target, outcome, with, cx);
        }
        self.steps(target, with, cx);
    }

    /// The conversation a reply to `target` waits for was not opened. While nothing
    /// is sent at all, it is nobody's answer.
    pub(crate) fn on_not_opened(&mut self, target: &str, failure: Failure, cx: &mut Cx) {
        if !self.is_paused
            && let Some(reply) = self.lanes.take_if(target, |reply| reply.request.is_none())
        {
            let fate = reply.not_opened(failure, &mut cx.host);
            self.settle(fate, cx);
        }
    }

    /// Ends what is overdue, as much as one call has room for.
    pub(crate) fn end_waits(&mut self, with: &mut Services, cx: &mut Cx) {
        self.lanes.forget_gone(cx);
        self.lanes.answer_overdue(&mut cx.host);
        if !self.is_paused {
            let now = cx.host.now();
            let over = |reply: &&Reply| reply.request.is_none() && reply.end().is_over(now);
            for named in self.lanes.named(over) {
                if !cx.host.has_room() {
                    break;
                }
                if let Some(reply) = self.lanes.take_named(&named) {
                    let fate = reply.end_life(&mut with.uploads, cx);
                    self.settle(fate, cx);
                }
            }
        }
        self.kept.expire(&mut cx.host);
    }

    /// Gives every chat its turn.
    pub(crate) fn on_time(&mut self, with: &mut Services, cx: &mut Cx) {
        let chats = self.lanes.len();
        if chats == 0 || self.is_paused || !cx.has_token() {
            return;
        }
        for _ in 0..chats {
            let Some(target) = self.lanes.next_turn().filter(|_| self.may_step(&cx.host)) else {
                break;
            };
            self.steps(&target, with, cx);
        }
    }

    /// When something that waits is due, monotonic milliseconds.
    pub(crate) fn due_ms(&self, now: Now) -> Option<u64> {
        let lanes_ms = self.lanes.due_ms(self.is_paused, now);
        let kept_ms = self.kept.due_wall_ms();
        let kept_ms = kept_ms.map(|ms| now.mono_ms + ms.saturating_sub(now.wall_ms));
        lanes_ms.into_iter().chain(kept_ms).min()
    }

    /// A person must do something first: whoever waits is told. What was promised
    /// for later stays stored.
    pub(crate) fn stop(&mut self, failure: &Failure, with: &mut Services, cx: &mut Cx) {
        life::stop(&mut self.lanes, failure, &mut with.uploads, cx);
    }

    /// The instance goes away: requests in flight have so long, commands that wait
    /// are answered at once.
    pub(crate) fn drain(&mut self, within_ms: u64, with: &mut Services, cx: &mut Cx) {
        self.lanes.hurry(within_ms, cx.host.now());
        self.end_waits(with, cx);
    }

    /// Whether nothing is to be sent to this chat.
    pub(crate) fn is_quiet(&self, target: &str) -> bool {
        self.lanes.is_quiet(target)
    }

    /// Whether a message of a chat is needed for something on its way.
    pub(crate) fn needs(&self, target: &str, id: &str) -> bool {
        self.lanes.needs(target, id)
    }

    /// What was sent since the last question.
    pub(crate) fn take_sent(&mut self) -> Vec<Sent> {
        std::mem::take(&mut self.sent)
    }

    fn submit(&mut self, reply: Reply, with: &mut Services, cx: &mut Cx) {
        // Markup may be all there was.
        if reply.parts.is_empty() {
            return reply.fail(check::empty(), &mut cx.host);
        }
        if !self.lanes.has_room(&reply) {
            return reply.fail(queues::full(), &mut cx.host);
        }
        let target = reply.target.clone();
        // From here on it survives the instance.
        reply.save(&mut cx.host);
        self.lanes.put_last(reply);
        self.steps(&target, with, cx);
    }

    fn may_step(&self, host: &Host) -> bool {
        !self.is_paused && self.lanes.may_send(host)
    }

    /// Deals with the replies of a chat until one has to wait.
    fn steps(&mut self, target: &str, with: &mut Services, cx: &mut Cx) {
        while self.may_step(&cx.host) && self.step(target, with, cx) {}
    }

    /// Whether the reply is out of the way.
    fn step(&mut self, target: &str, with: &mut Services, cx: &mut Cx) -> bool {
        let Some(mut reply) = self.lanes.take_next(target, cx.host.now()) else {
            return false;
        };
        match decide::next(&mut reply, &mut self.kept, with, cx) {
            Move::Send => reply.transmit(cx),
            Move::WaitUntil(until_ms) => reply.attempts.wait_until(until_ms),
            Move::Wait => {}
            Move::Keep => {
                with.uploads.cancel(target, &mut cx.host);
                self.kept.take_in(reply, cx);
                return true;
            }
            Move::Fail(failure) => {
                with.uploads.cancel(target, &mut cx.host);
                reply.refund_unsent(cx);
                reply.fail(failure, &mut cx.host);
                return true;
            }
        }
        self.lanes.put_back(reply);
        false
    }

    fn conclude(&mut self, target: &str, outcome: Outcome, with: &mut Services, cx: &mut Cx) {
        self.sent.extend(outcome.sent);
        self.settle(outcome.fate, cx);
        // A user who would see nothing is told why, once a day.
        if let Some(words) = outcome.explain
            && cx.ledger.may_explain(target, &mut cx.host)
        {
            self.say(target, words.to_owned(), with, cx);
        }
    }

    /// Puts what is left of a reply where it belongs.
    fn settle(&mut self, fate: Fate, cx: &mut Cx) {
        match fate {
            Fate::Again(reply) => self.lanes.put_back(reply),
            Fate::Keep(reply) => self.kept.take_in(reply, cx),
            Fate::Over => {}
        }
    }
}

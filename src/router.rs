//! Joins the machines that send: what comes in goes to the one it concerns, what
//! one has for another is given on, and one timer wakes them all.
//!
//! The router decides the order only: what is overdue ends first, then single
//! requests, files, growing messages and at last the replies have their turn. It
//! never looks into a message. Read `tests/transcripts/lifecycle.txt` first.

use crate::contract::{
    BlobDigested, Command, Context, Failure, HttpFailed, HttpResponse, Id, Receipt, Request,
    TurnEnd,
};
use crate::courtesies::{self, Courtesies, Titled};
use crate::cx::Cx;
use crate::host::Host;
use crate::ledger::Anchor;
use crate::owners::Owner;
use crate::replies::{Replies, Sent, Services};
use crate::requests::until::Until;
use crate::state::State;
use crate::streams::{self, Streams};
use crate::target::Scene;
use crate::timer::Timer;
use crate::uploads::Uploads;

/// The machines on the way out.
#[derive(Debug)]
pub(crate) struct Router {
    replies: Replies,
    with: Services,
}

impl Router {
    /// Takes over what an earlier instance left.
    pub(crate) fn load(context: &Context, state: &State, cx: &mut Cx) -> Self {
        let with = Services {
            streams: Streams::load(context, state, &mut cx.host),
            uploads: Uploads::load(state, &mut cx.host),
            courtesies: Courtesies::load(state),
        };
        let replies = Replies::load(context, state, cx);
        let router = Self { replies, with };
        router.watch(&mut cx.host);
        router
    }

    /// A command about messages; it is answered once. The quote of a `send` is what
    /// the platform calls the quoted message.
    pub(crate) fn on_command(&mut self, command: Command, cx: &mut Cx) {
        let (id, within_ms) = (command.id, command.deadline_ms);
        let is_draft = command.request.is_draft();
        let Self { replies, with } = self;
        let (streams, courtesies) = (&mut with.streams, &mut with.courtesies);
        let until = Until::answered(within_ms, cx.host.now());
        match command.request {
            Request::Send(message) => replies.on_send(id, until, message, with, cx),
            Request::Recall(message) => courtesies.on_recall(id, within_ms, &message, cx),
            Request::Edit(edit) => courtesies.on_edit(id, within_ms, edit, cx),
            Request::React(reaction) => courtesies.on_react(id, within_ms, &reaction, cx),
            Request::Typing(to) => {
                let is_quiet = replies.is_quiet(&to) && !streams.is_running(&to);
                courtesies.on_typing(id, &to, is_quiet, cx);
            }
            Request::TurnEnded(end) => self.turn_ended(id, &end, cx),
            Request::DraftBegin(message) => streams.on_begin(id, message, cx),
            Request::DraftUpdate(text) => streams.on_update(id, text, cx),
            Request::DraftFinish(text) => streams.on_finish(id, until, text, cx),
            Request::DraftCancel(draft) => streams.on_cancel(id, &draft, cx),
            // There is no way to take it back. It is not renewed, that is all.
            Request::TypingStop(_) => cx.host.complete(id, Ok(Receipt::nothing())),
            // They are not about messages.
            Request::Doctor | Request::Health | Request::Access(_) => {}
        }
        if is_draft {
            self.pump(cx);
        } else {
            self.give_on(cx);
        }
    }

    fn turn_ended(&mut self, command: Id, end: &TurnEnd, cx: &mut Cx) {
        cx.host.complete(command, Ok(Receipt::nothing()));
        let (recipient, id) = (&end.recipient, &end.message_id);
        cx.ledger
            .turn_ended(recipient, id, self.needs(), &mut cx.host);
        self.with.courtesies.on_turn_ended(end, cx);
    }

    /// The answer to a request of `owner`.
    pub(crate) fn on_response(&mut self, owner: &Owner, response: &HttpResponse, cx: &mut Cx) {
        let Self { replies, with } = self;
        match owner {
            Owner::Reply(target) => replies.on_response(target, response, with, cx),
            Owner::Stream(draft) => with.streams.on_response(*draft, response, cx),
            Owner::Upload(target) => with.uploads.on_response(target, response, cx),
            Owner::Courtesy => with.courtesies.on_response(response, cx),
            // They are not on the way out.
            Owner::Token | Owner::Gateway => return,
        }
        self.pump(cx);
    }

    /// A request of `owner` got no answer.
    pub(crate) fn on_failed(&mut self, owner: &Owner, failed: &HttpFailed, cx: &mut Cx) {
        let Self { replies, with } = self;
        match owner {
            Owner::Reply(target) => replies.on_failed(target, failed, cx),
            Owner::Stream(draft) => with.streams.on_failed(*draft, failed, cx),
            Owner::Upload(target) => with.uploads.on_failed(target, failed, cx),
            Owner::Courtesy => with.courtesies.on_failed(failed, cx),
            // They are not on the way out.
            Owner::Token | Owner::Gateway => return,
        }
        self.pump(cx);
    }

    /// The host looked into a file.
    pub(crate) fn on_digested(&mut self, done: &BlobDigested, cx: &mut Cx) {
        self.with.uploads.on_digested(done, cx);
        self.pump(cx);
    }

    /// A message came that can be answered.
    pub(crate) fn received(&mut self, target: &str, scene: Scene, anchor: Anchor, cx: &mut Cx) {
        cx.ledger.stops.lift(target);
        self.with.courtesies.lift(target);
        cx.ledger
            .received(target, scene, anchor, self.needs(), &mut cx.host);
        self.replies.release(target, &mut self.with, cx);
        self.watch_too(&mut cx.host);
    }

    /// Something to ask beside the messages.
    pub(crate) fn courtesy(&mut self, ask: impl FnOnce(&mut Courtesies, &mut Cx), cx: &mut Cx) {
        ask(&mut self.with.courtesies, cx);
        self.give_on(cx);
    }

    /// Says something in the channel's own words.
    pub(crate) fn say(&mut self, target: &str, text: String, cx: &mut Cx) {
        self.replies.say(target, text, &mut self.with, cx);
        self.watch_too(&mut cx.host);
    }

    /// What was sent since the last question, and what was asked and is known now.
    pub(crate) fn take_news(&mut self) -> (Vec<Sent>, Vec<(Titled, Option<String>)>) {
        let titles = self.with.courtesies.take_titles();
        (self.replies.take_sent(), titles)
    }

    /// Sends again, after a stop.
    pub(crate) fn go_on(&mut self, host: &mut Host) {
        self.replies.is_paused = false;
        // The stop took the timer of what is under way.
        self.watch_too(host);
    }

    /// A person must do something first: nothing is sent any more; requests in
    /// flight may still be answered. What was promised for later stays stored.
    pub(crate) fn stop(&mut self, failure: &Failure, cx: &mut Cx) {
        self.rest(failure, cx);
        self.replies.stop(failure, &mut self.with, cx);
        cx.host.cancel_timer(Timer::Queue);
    }

    /// The instance goes away within this time. What waits is sent by the next
    /// one, and its commands learn so; requests in flight have until shortly
    /// before the end.
    pub(crate) fn drain(&mut self, within_ms: u64, failure: &Failure, cx: &mut Cx) {
        self.with.streams.drain();
        self.advance_streams(cx);
        self.rest(failure, cx);
        self.replies.drain(within_ms, &mut self.with, cx);
        self.watch(&mut cx.host);
    }

    fn rest(&mut self, failure: &Failure, cx: &mut Cx) {
        self.replies.is_paused = true;
        self.with.streams.stop(failure, &mut cx.host);
        self.with.courtesies.stop(failure, cx);
        self.deal(cx);
    }

    /// Deals with everything that is due, and wakes up for the rest.
    pub(crate) fn pump(&mut self, cx: &mut Cx) {
        self.deal(cx);
        self.replies.end_waits(&mut self.with, cx);
        if !self.replies.is_paused {
            self.with.courtesies.on_time(cx);
            self.deal(cx);
            self.advance_uploads(cx);
        }
        // The end of what grows is told to the platform to the last.
        self.advance_streams(cx);
        self.replies.on_time(&mut self.with, cx);
        self.watch(&mut cx.host);
    }

    /// Lets uploads go on, and replies whose file is there.
    fn advance_uploads(&mut self, cx: &mut Cx) {
        loop {
            self.with.uploads.on_time(cx);
            let ended = self.with.uploads.take_ended();
            if ended.is_empty() {
                return;
            }
            for (target, end) in ended {
                self.replies
                    .on_upload_ended(&target, end, &mut self.with, cx);
            }
        }
    }

    /// Gives every draft its turn.
    fn advance_streams(&mut self, cx: &mut Cx) {
        for (id, target) in self.with.streams.round() {
            let is_quiet = self.replies.is_quiet(&target);
            match self.with.streams.on_time(id, is_quiet, cx) {
                Some(streams::Event::Frame(target)) => self.with.courtesies.hush(&target),
                Some(streams::Event::Message(command, until, message)) => {
                    let with = &mut self.with;
                    self.replies.on_send(command, until, *message, with, cx);
                }
                Some(streams::Event::Finished(finished)) => {
                    self.replies.go_on_behind(*finished, cx);
                }
                None => {}
            }
        }
    }

    /// Gives on what single requests have for replies.
    fn deal(&mut self, cx: &mut Cx) {
        let Self { replies, with } = self;
        for event in with.courtesies.take_events() {
            match event {
                courtesies::Event::NotOpened(target, failure) => {
                    replies.on_not_opened(&target, failure, cx);
                }
                courtesies::Event::SendAnew(command, until, message) => {
                    replies.on_send(command, until, *message, with, cx);
                }
            }
        }
    }

    fn give_on(&mut self, cx: &mut Cx) {
        self.deal(cx);
        self.watch_too(&mut cx.host);
    }

    /// Whether a message of a chat is needed for something on its way.
    fn needs(&self) -> impl Fn(&str, &str) -> bool {
        |target, id| self.replies.needs(target, id) || self.with.streams.needs(target, id)
    }

    /// Wakes up when something that waits is due. Never at once: what is overdue
    /// was dealt with, or finds room in the next call; what is due and waits for
    /// something else is woken by that.
    fn watch(&self, host: &mut Host) {
        self.wake_by(None, host);
    }

    /// The same where not everything that is due was dealt with just now.
    fn watch_too(&self, host: &mut Host) {
        self.wake_by(host.due_ms(Timer::Queue), host);
    }

    fn wake_by(&self, set_ms: Option<u64>, host: &mut Host) {
        let now_ms = host.now().mono_ms;
        match self.due_ms(host).into_iter().chain(set_ms).min() {
            Some(due_ms) => host.set_timer(Timer::Queue, due_ms.saturating_sub(now_ms).max(1)),
            None => host.cancel_timer(Timer::Queue),
        }
    }

    /// When something that waits is due, monotonic milliseconds.
    fn due_ms(&self, host: &Host) -> Option<u64> {
        let now = host.now();
        let always = [
            self.replies.due_ms(now),
            self.with.streams.due_ms(now.mono_ms),
        ];
        let running = [
            self.with.courtesies.due_ms(now.mono_ms),
            self.with.uploads.due_ms(now.mono_ms),
        ];
        let running = running.into_iter().filter(|_| !self.replies.is_paused);
        always.into_iter().chain(running).flatten().min()
    }
}

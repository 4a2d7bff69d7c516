//! Single requests beside the messages: taking a message back, opening a private
//! conversation, reactions, typing, presses of buttons, titles.
//!
//! This machine decides what of it is asked, how often and until when; nothing of
//! it queues behind messages, and what nobody waits for leaves room for the rest.
//! It never sends a message: what one waits for, or what is sent in place of
//! another, is an [`Event`]. Read `tests/transcripts/reactions.txt` first.

mod asked;
mod calls;
mod event;
pub(crate) mod press;
pub(crate) mod react;
mod titles;
mod typing;
mod verdict;

use crate::compose::check;
use crate::contract::{
    Failure, FailureKind, HttpFailed, HttpResponse, Id, MessageEdit, MessageRef, Reaction, Receipt,
    TurnEnd,
};
use crate::cx::Cx;
use crate::requests::until::Until;
use crate::state::State;
use crate::target::{ReplyTarget, Scene};
pub(crate) use calls::Titled;
use calls::{Call, Calls, Purpose};
pub(crate) use event::Event;
use press::AckCode;
use react::Acks;
use titles::Titles;
use typing::Typing;
use verdict::Verdict;

/// All requests that are not messages.
#[derive(Debug, Default)]
pub(crate) struct Courtesies {
    calls: Calls,
    acks: Acks,
    typing: Typing,
    titles: Titles,
    events: Vec<Event>,
}

impl Courtesies {
    /// Goes on with the marks that were stored.
    pub(crate) fn load(state: &State) -> Self {
        Self {
            acks: Acks::load(state),
            ..Self::default()
        }
    }

    /// The command `recall`.
    pub(crate) fn on_recall(&mut self, command: Id, within_ms: u64, of: &MessageRef, cx: &mut Cx) {
        let purpose = Purpose::Recall { command };
        let url = asked::message_url(&of.recipient, &of.message_id, cx);
        self.ask(purpose, "DELETE", url, within_ms, cx);
    }

    /// The command `edit`: QQ cannot change a message, so it is taken back and
    /// sent anew.
    pub(crate) fn on_edit(&mut self, command: Id, within_ms: u64, edit: MessageEdit, cx: &mut Cx) {
        let url = asked::message_url(&edit.recipient, &edit.message_id, cx);
        let purpose = Purpose::Edit { command, edit };
        self.ask(purpose, "DELETE", url, within_ms, cx);
    }

    /// The command `react`.
    pub(crate) fn on_react(&mut self, command: Id, within_ms: u64, of: &Reaction, cx: &mut Cx) {
        let purpose = Purpose::React { command };
        let method = if of.add { "PUT" } else { "DELETE" };
        let url = react::reaction_url(of, &cx.settings);
        self.ask(purpose, method, url, within_ms, cx);
    }

    fn ask(
        &mut self,
        purpose: Purpose,
        method: &'static str,
        url: Result<String, Failure>,
        within_ms: u64,
        cx: &mut Cx,
    ) {
        match url {
            Ok(url) => {
                let body = String::new();
                let call = Call::new(purpose, method, url, body, within_ms, &cx.host);
                self.submit(call, cx);
            }
            Err(failure) => self.over(purpose, false, failure, cx),
        }
    }

    /// The command `typing`. Nothing is shown while something is on its way to the
    /// chat. Whether it is shown at all is nobody's worry.
    pub(crate) fn on_typing(&mut self, command: Id, recipient: &str, is_quiet: bool, cx: &mut Cx) {
        let scene = match check::check_recipient(recipient, &cx.settings.app_id) {
            Ok(scene) => scene,
            Err(failure) => return cx.host.complete(command, Err(failure)),
        };
        cx.host.complete(command, Ok(Receipt::nothing()));
        if scene == Scene::C2c
            && is_quiet
            && self.calls.has_room()
            && let Some(call) = self.typing.call(recipient, cx)
        {
            self.submit(call, cx);
        }
    }

    /// The turn of a message is over.
    pub(crate) fn on_turn_ended(&mut self, end: &TurnEnd, cx: &mut Cx) {
        self.typing.lift(&end.recipient);
        if self.acks.turn_ended(end, &mut cx.host) {
            self.advance_acks(cx);
        }
    }

    /// The answer to a request.
    pub(crate) fn on_response(&mut self, response: &HttpResponse, cx: &mut Cx) {
        let Some(mut call) = self.calls.claim(response.id) else {
            return;
        };
        match call.answered(response, cx) {
            Verdict::Done => self.done(call, response, cx),
            Verdict::Again => self.submit(call, cx),
            Verdict::Over(failure) => self.over(call.purpose, true, failure, cx),
        }
    }

    /// A request got no answer.
    pub(crate) fn on_failed(&mut self, failed: &HttpFailed, cx: &mut Cx) {
        let Some(mut call) = self.calls.claim(failed.id) else {
            return;
        };
        let was_sent = failed.may_have_arrived || !call.is_typing();
        match call.failed(failed, cx) {
            Verdict::Done | Verdict::Again => self.submit(call, cx),
            Verdict::Over(failure) => self.over(call.purpose, was_sent, failure, cx),
        }
    }

    /// Makes the requests that are due.
    pub(crate) fn on_time(&mut self, cx: &mut Cx) {
        self.calls.resume(cx);
        self.end_gone(cx);
        self.advance_acks(cx);
    }

    /// When something that waits is due, monotonic milliseconds.
    pub(crate) fn due_ms(&self, now_ms: u64) -> Option<u64> {
        // An instance may have died over it.
        let acks = self.calls.has_room_for_trifles() && self.acks.are_due();
        let acks_ms = acks.then(|| now_ms.saturating_add(1));
        self.calls.due_ms(now_ms).into_iter().chain(acks_ms).min()
    }

    /// No request is made any more.
    pub(crate) fn stop(&mut self, failure: &Failure, cx: &mut Cx) {
        self.calls.stop(failure);
        self.end_gone(cx);
    }

    /// What others must do.
    pub(crate) fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// Opens the private guild conversation of this target, for a message that
    /// waits for it.
    pub(crate) fn open(&mut self, target: ReplyTarget<'_>, cx: &mut Cx) {
        // A message waits for a place, it does not fail for want of one.
        let is_free = self.calls.has_room() && !self.calls.is_opening(&target.to_string());
        if is_free && let Some(call) = asked::open(target, cx) {
            self.submit(call, cx);
        }
    }

    /// A message was delivered: it is marked.
    pub(crate) fn acknowledge(&mut self, target: &str, scene: Scene, id: &str, cx: &mut Cx) {
        if scene == Scene::Channel && self.acks.mark(target, id, cx) {
            self.advance_acks(cx);
        }
    }

    /// Tells the platform what became of a press.
    pub(crate) fn acknowledge_press(&mut self, interaction: &str, code: AckCode, cx: &mut Cx) {
        self.submit(press::call(interaction, code, cx), cx);
    }

    /// The answer is on its way to this chat: nobody needs to see that it is made.
    pub(crate) fn hush(&mut self, target: &str) {
        self.typing.hush(target);
    }

    /// Another turn may begin in this chat.
    pub(crate) fn lift(&mut self, target: &str) {
        self.typing.lift(target);
    }

    /// Whether a title may be asked for now.
    pub(crate) fn may_ask_title(&self) -> bool {
        self.calls.is_calm()
    }

    /// Asks for a title. The answer comes with [`Courtesies::take_titles`].
    pub(crate) fn ask_title(&mut self, of: Titled, cx: &mut Cx) {
        self.submit(titles::call(of, cx), cx);
    }

    /// Titles that were answered since the last question; absent ones may be
    /// asked for again.
    pub(crate) fn take_titles(&mut self) -> Vec<(Titled, Option<String>)> {
        self.titles.take()
    }

    fn submit(&mut self, call: Call, cx: &mut Cx) {
        self.calls.submit(call, cx);
        self.end_gone(cx);
    }

    fn end_gone(&mut self, cx: &mut Cx) {
        for (call, failure) in self.calls.take_gone() {
            self.over(call.purpose, false, failure, cx);
        }
    }

    /// Changes marks, as far as there is room.
    fn advance_acks(&mut self, cx: &mut Cx) {
        while self.calls.has_room_for_trifles()
            && let Some(call) = self.acks.next_call(cx)
        {
            self.submit(call, cx);
        }
    }

    fn done(&mut self, call: Call, response: &HttpResponse, cx: &mut Cx) {
        match call.purpose {
            Purpose::Recall { command } | Purpose::React { command } => {
                cx.host.complete(command, Ok(Receipt::nothing()));
            }
            Purpose::Acknowledge { id, step } => {
                self.acks.step_taken(&id, step, None, &mut cx.host)
            }
            Purpose::Typing { .. } => cx.host.count("typing_shown"),
            Purpose::Press => cx.host.count("acknowledgements"),
            Purpose::Title(of) => self.titles.told(of, response, &mut cx.host),
            Purpose::Edit { command, edit } => {
                let now = cx.host.now();
                let left_ms = call.deadline_ms.saturating_sub(now.mono_ms);
                let until = Until::answered(left_ms, now);
                let message = Box::new(asked::anew(edit));
                self.events.push(Event::SendAnew(command, until, message));
            }
            Purpose::Open { target } => match asked::opened(response) {
                Some(guild_id) => cx.ledger.open(&target, guild_id, &mut cx.host),
                None => {
                    let what = "the platform opened a conversation without naming it";
                    let failure = Failure::new(FailureKind::Protocol, what);
                    self.events.push(Event::NotOpened(target, failure));
                }
            },
        }
    }

    /// It was not done, for whatever reason: this is the only end a call has
    /// besides success. Whoever waits is told, and what it held is free again.
    fn over(&mut self, purpose: Purpose, was_sent: bool, failure: Failure, cx: &mut Cx) {
        let host = &mut cx.host;
        match purpose {
            Purpose::Recall { command }
            | Purpose::Edit { command, .. }
            | Purpose::React { command } => host.complete(command, Err(failure)),
            Purpose::Open { target } => self.events.push(Event::NotOpened(target, failure)),
            Purpose::Acknowledge { id, step } => {
                self.acks.step_taken(&id, step, Some(&failure), host);
            }
            Purpose::Typing { target, anchor } => {
                let shown = (target.as_str(), &anchor);
                self.typing.failed(shown, was_sent, &failure, cx);
            }
            Purpose::Press => press::failed(&failure, host),
            Purpose::Title(of) => self.titles.refused(of, &failure, host),
        }
    }
}

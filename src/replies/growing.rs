//! How replies and streams give way to each other.

use crate::contract::{DraftText, HttpFailed, HttpResponse, Id, OutboundMessage};
use crate::cx::Cx;
use crate::replies::Outbound;
use crate::replies::entry::life;
use crate::replies::reply::{Origin, Reply};
use crate::requests::until::Until;
use crate::streams::{Event, Finished};

impl Outbound {
    /// The command `draft-begin`.
    pub(crate) fn begin(&mut self, command: Id, message: OutboundMessage, cx: &mut Cx) {
        self.streams.on_begin(command, message, cx);
        self.pump(cx);
    }

    /// The command `draft-update`.
    pub(crate) fn update(&mut self, command: Id, text: DraftText, cx: &mut Cx) {
        self.streams.on_update(command, text, cx);
        self.pump(cx);
    }

    /// The command `draft-finish`.
    pub(crate) fn finish(&mut self, command: Id, deadline_ms: u64, text: DraftText, cx: &mut Cx) {
        let until = Until::answered(deadline_ms, cx.host.now());
        self.streams.on_finish(command, until, text, cx);
        self.pump(cx);
    }

    /// The command `draft-cancel`.
    pub(crate) fn cancel(&mut self, command: Id, draft: &str, cx: &mut Cx) {
        self.streams.on_cancel(command, draft, cx);
        self.pump(cx);
    }

    /// The answer to a frame of this draft.
    pub(crate) fn on_frame(&mut self, draft: Id, response: &HttpResponse, cx: &mut Cx) {
        self.streams.on_response(draft, response, cx);
        self.pump(cx);
    }

    /// A frame of this draft got no answer.
    pub(crate) fn on_frame_failed(&mut self, draft: Id, failed: &HttpFailed, cx: &mut Cx) {
        self.streams.on_failed(draft, failed, cx);
        self.pump(cx);
    }

    /// Gives every draft its turn.
    pub(crate) fn advance_streams(&mut self, cx: &mut Cx) {
        for (id, target) in self.streams.round() {
            let is_quiet = !self.lanes.has(&target) && self.gone.is_empty();
            match self.streams.on_time(id, is_quiet, cx) {
                Some(Event::Frame { target }) => self.typing.hush(&target),
                Some(Event::Message {
                    command,
                    deadline,
                    message,
                }) => self.send_by(command, deadline, *message, cx),
                Some(Event::Finished(finished)) => self.go_on_behind(*finished, cx),
                None => {}
            }
        }
    }

    /// What a stream does not show goes out behind it.
    fn go_on_behind(&mut self, finished: Finished, cx: &mut Cx) {
        let origin = Origin::Command(finished.command);
        let mut reply = Reply::new(origin, finished.target, finished.rest, life(&cx.host));
        reply.deadline = Some(finished.deadline);
        reply.follow(finished.id, finished.how);
        if reply.parts.is_empty() {
            return reply.finish(&mut cx.host);
        }
        reply.reply_to = finished.reply_to;
        reply.save(&mut cx.host);
        self.lanes.put_next(reply);
    }
}

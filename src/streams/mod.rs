//! Messages that grow while the agent makes them: drafts for the host, streams
//! for the platform, in C2C only.
//!
//! A draft becomes a stream with its first frame. From then on every frame shows
//! the whole text so far and begins with what is shown, one is under way at a
//! time, and the last one says that the message is finished: also when the draft
//! is cancelled, when the channel drains, and when the host died over it. What
//! cannot be streamed goes out as messages when the draft is finished.
//!
//! This machine decides when a frame is sent and what it shows. It never sends a
//! message: what is left over at the end is an [`Event`]. Read
//! `tests/transcripts/streaming.txt` first, and QQ docs,
//! autogen/api/v2_users_user_openid_stream_messages.post.

mod check;
mod draft;
mod event;
mod frame;
mod growth;
mod outcome;
mod steady;
mod turn;

use std::collections::BTreeMap;

use crate::compose::text::Style;
use crate::contract::{
    Context, Delivery, DraftText, Failure, FailureKind, HttpFailed, HttpResponse, Id, Live,
    LiveKind, OutboundMessage, Receipt,
};
use crate::cx::Cx;
use crate::host::Host;
use crate::owners::{Owner, Owners};
use crate::requests::until::Until;
use crate::state::{self, State};
use crate::target::Scene;
use crate::wire;
use draft::{Draft, Ending, Flight, Stage};
pub(crate) use event::{Event, Finished};
use turn::Next;

/// Frames under way at once: the host allows 64 requests, and messages, calls and
/// uploads need theirs. When the instance goes away nothing else is sent.
const MOST_IN_FLIGHT: usize = 12;
const MOST_IN_FLIGHT_AT_THE_END: usize = 40;
/// Messages to the same chat wait this long for a stream to end.
const PATIENCE_MS: u64 = 10_000;
/// The first frame waits: a text that comes in one piece is sent as a message.
const FIRST_FRAME_MS: u64 = 500;

/// All drafts, by the number of the command that began each.
#[derive(Debug, Default)]
pub(crate) struct Streams {
    drafts: BTreeMap<Id, Draft>,
    /// The instance goes away: nothing waits any more.
    is_draining: bool,
}

impl Streams {
    /// Takes over the stored drafts. While the host lives, their agents go on
    /// with them. After a fresh host nobody does: what is open is finished with
    /// what it shows, so that no message stays unfinished for ever.
    pub(crate) fn load(context: &Context, state: &State, host: &mut Host) -> Self {
        // A host that lives has a timer or a request for every draft; a fresh one
        // may have commands already.
        let is_command = |live: &Live| live.kind == LiveKind::Command;
        let is_fresh = context.adopted.iter().all(is_command);
        let open = |kind, id| context.adopted.iter().any(|l| l.kind == kind && l.id == id);
        let mut streams = Self::default();
        for (name, value) in state.under(state::DRAFT) {
            let Some(mut draft) = wire::read::<Draft>(value) else {
                host.remove(format!("{}{name}", state::DRAFT));
                continue;
            };
            draft.adopt(|request| open(LiveKind::Request, request), host);
            let is_left = |id: Id| !open(LiveKind::Command, id);
            if is_fresh || draft.command().is_some_and(is_left) {
                draft.ending = Some(Ending::Cancel);
            }
            draft.save(host);
            streams.drafts.insert(draft.id, draft);
        }
        streams
    }

    /// The command `draft-begin`. The receipt names the draft; what it says is
    /// shown with the first frame.
    pub(crate) fn on_begin(&mut self, command: Id, message: OutboundMessage, cx: &mut Cx) {
        if let Err(failure) = check::first(&message, self.drafts.len(), cx) {
            return cx.host.complete(command, Err(failure));
        }
        let markdown = cx.ledger.scenes.has_markdown(Scene::C2c, &cx.host);
        let style = Style::of(message.format, markdown);
        let now_ms = cx.host.now().mono_ms;
        let mut draft = Draft::new(command, message, style, now_ms);
        draft
            .attempts
            .wait_until(now_ms.saturating_add(FIRST_FRAME_MS));
        draft.cut_text(&cx.settings.limits);
        let receipt = Receipt {
            message_ids: vec![draft.name()],
            how: Delivery::Nothing,
        };
        cx.host.complete(command, Ok(receipt));
        draft.save(&mut cx.host);
        self.drafts.insert(command, draft);
    }

    /// The command `draft-update`.
    pub(crate) fn on_update(&mut self, command: Id, update: DraftText, cx: &mut Cx) {
        let outcome = self.update(update, cx);
        cx.host.complete(command, outcome);
    }

    fn update(&mut self, update: DraftText, cx: &Cx) -> Result<Receipt, Failure> {
        crate::compose::check::check_size(&update.text)?;
        let draft = self.changeable(&update.draft)?;
        draft.text = update.text;
        draft.cut_text(&cx.settings.limits);
        draft.touched_ms = cx.host.now().mono_ms;
        Ok(Receipt::nothing())
    }

    /// The command `draft-finish`. It is completed when all of the text is out.
    pub(crate) fn on_finish(&mut self, command: Id, until: Until, last: DraftText, cx: &mut Cx) {
        let bytes = self.bytes() + last.text.len();
        let draft = match self.changeable(&last.draft) {
            Ok(draft) => draft,
            Err(failure) => return cx.host.complete(command, Err(failure)),
        };
        draft.touched_ms = cx.host.now().mono_ms;
        draft.end(match check::last(&last.text, bytes) {
            Ok(()) => Ending::Finish {
                command,
                text: last.text,
                deadline: until,
            },
            // Another text may do.
            Err(failure) => {
                cx.host.complete(command, Err(failure));
                Ending::Early
            }
        });
        draft.save(&mut cx.host);
    }

    /// The command `draft-cancel`. What is shown stays, as a finished message.
    pub(crate) fn on_cancel(&mut self, command: Id, name: &str, cx: &mut Cx) {
        let outcome = self.changeable(name).map(|draft| {
            draft.end(Ending::Cancel);
            draft.save(&mut cx.host);
            Receipt::nothing()
        });
        cx.host.complete(command, outcome);
    }

    /// The answer to a frame of this draft.
    pub(crate) fn on_response(&mut self, id: Id, response: &HttpResponse, cx: &mut Cx) {
        if let Some((draft, flight)) = self.claim(id, response.id) {
            draft.answered(flight, response, cx);
            draft.save(&mut cx.host);
        }
    }

    /// A frame of this draft got no answer.
    pub(crate) fn on_failed(&mut self, id: Id, failed: &HttpFailed, cx: &mut Cx) {
        if let Some((draft, flight)) = self.claim(id, failed.id) {
            draft.failed(flight, failed, cx);
            draft.save(&mut cx.host);
        }
    }

    /// The drafts there are. Each has its turn with [`Streams::on_time`].
    pub(crate) fn round(&self) -> Vec<(Id, String)> {
        let all = self.drafts.values();
        all.map(|draft| (draft.id, draft.target.clone())).collect()
    }

    /// The turn of one draft. Its first frame waits until its chat `is_quiet`, or
    /// messages would change places.
    pub(crate) fn on_time(&mut self, id: Id, is_quiet: bool, cx: &mut Cx) -> Option<Event> {
        let mut draft = self.drafts.remove(&id)?;
        let event = match self.next(&mut draft, is_quiet, cx) {
            Next::Wait => None,
            Next::Frame { frame, is_last } => draft.transmit(frame, is_last, cx),
            Next::Settle => return draft.settle(cx),
            Next::Forget => {
                draft.forget(&mut cx.host);
                return None;
            }
        };
        self.drafts.insert(draft.id, draft);
        event
    }

    fn next(&self, draft: &mut Draft, is_quiet: bool, cx: &mut Cx) -> Next {
        draft.look_at_the_clock(&mut cx.host);
        if draft.flight.is_some() {
            return Next::Wait;
        }
        let is_quiet = is_quiet && !self.is_running(&draft.target);
        match draft.stage {
            Stage::Unshown if draft.ending.is_some() => {
                draft.abandon(cx);
                draft.after(&cx.host)
            }
            Stage::Unshown | Stage::Open if self.is_busy(cx.host.owners()) => Next::Wait,
            Stage::Unshown => draft.first_frame(is_quiet, cx),
            Stage::Open => draft.next_frame(self.is_draining, cx),
            Stage::Abandoned | Stage::Closed(_) => draft.after(&cx.host),
        }
    }

    /// When one of them wants to be looked at, monotonic milliseconds.
    pub(crate) fn due_ms(&self, now_ms: u64) -> Option<u64> {
        let drafts = self.drafts.values();
        drafts.filter_map(|draft| draft.due_ms(now_ms)).min()
    }

    /// The instance goes away: every stream is ended at once. What cannot be ended
    /// now is ended by the next instance.
    pub(crate) fn drain(&mut self) {
        self.is_draining = true;
        for draft in self.drafts.values_mut() {
            draft.end_early();
        }
    }

    /// The channel stops: nobody will finish them. What is open is closed when it
    /// can be, by a later instance if need be.
    pub(crate) fn stop(&mut self, failure: &Failure, host: &mut Host) {
        for draft in self.drafts.values_mut() {
            draft.stop(failure, host);
            draft.save(host);
        }
    }

    /// Whether a stream runs in this chat.
    pub(crate) fn is_running(&self, target: &str) -> bool {
        let mut drafts = self.drafts.values();
        drafts.any(|draft| draft.target == target && draft.is_running())
    }

    /// Whether a draft is meant for the message `id` of this chat.
    pub(crate) fn needs(&self, target: &str, id: &str) -> bool {
        let mut drafts = self.drafts.values();
        drafts.any(|draft| draft.target == target && draft.needs(id))
    }

    /// A message to this chat waits; whether it must. From now on the stream has
    /// ten seconds to end.
    pub(crate) fn holds(&mut self, target: &str, now_ms: u64) -> bool {
        let mut holds = false;
        for draft in self.drafts.values_mut() {
            if draft.target == target && draft.is_running() {
                holds = true;
                let until_ms = now_ms.saturating_add(PATIENCE_MS);
                draft.patience_ms.get_or_insert(until_ms);
            }
        }
        holds
    }

    /// A draft that can still be changed.
    fn changeable(&mut self, name: &str) -> Result<&mut Draft, Failure> {
        let id = Draft::id_of(name);
        let draft = id.and_then(|id| self.drafts.get_mut(&id));
        let is_changeable = |draft: &&mut Draft| {
            let ending = draft.ending.as_ref();
            ending.is_none_or(|ending| *ending == Ending::Early)
        };
        draft.filter(is_changeable).ok_or_else(|| {
            Failure::new(FailureKind::Invalid, "there is no such draft (any more)")
                .remedy("Send the text as a message.")
        })
    }

    /// Bytes of finished text.
    fn bytes(&self) -> usize {
        self.drafts.values().map(Draft::finished_bytes).sum()
    }

    /// Whether no further frame may be sent now.
    fn is_busy(&self, owners: &Owners) -> bool {
        let most = match self.is_draining {
            true => MOST_IN_FLIGHT_AT_THE_END,
            false => MOST_IN_FLIGHT,
        };
        owners.count(|owner| matches!(owner, Owner::Stream(_))) >= most
    }

    /// The draft whose frame was under way, and the frame.
    fn claim(&mut self, id: Id, request: Id) -> Option<(&mut Draft, Flight)> {
        let draft = self.drafts.get_mut(&id)?;
        let flight = draft.flight.take_if(|flight| flight.request == request)?;
        Some((draft, flight))
    }
}

//! What the host asks about drafts.

use crate::compose::prose::Style;
use crate::compose::{cards, check};
use crate::config::{Limit, Limits, StreamMode};
use crate::contract::{
    Delivery, DraftText, Failure, FailureKind, Id, OutboundMessage, Receipt, TextFormat,
};
use crate::cx::Cx;
use crate::ledger::Special;
use crate::replies::Outbound;
use crate::replies::entry::answered_by;
use crate::streams::growth::Frame;
use crate::streams::{Draft, Ending, MOST, MOST_BYTES, Stage};
use crate::target::Scene;

/// The first frame waits: a text that comes in one piece is sent as a message.
const FIRST_FRAME_MS: u64 = 500;

impl Outbound {
    /// The command `draft-begin`. The receipt names the draft; what it says is
    /// shown with the first frame.
    pub(crate) fn draft_begin(&mut self, command: Id, message: OutboundMessage, cx: &mut Cx) {
        if let Err(failure) = self.check_draft(&message, cx) {
            return cx.host.complete(command, Err(failure));
        }
        let now_ms = cx.host.now().mono_ms;
        let markdown = cx.ledger.scenes.has_markdown(Scene::C2c, &cx.host);
        let draft = Draft {
            id: command,
            target: message.recipient,
            reply_to: message.reply_to,
            format: message.format,
            style: Style::of(message.format, markdown),
            text: Self::showable(message.text, message.format, &cx.settings.limits),
            stage: Stage::Unshown,
            ending: None,
            anchor: None,
            stream_id: None,
            next_index: 0,
            shown: Frame::default(),
            floor: Frame::default(),
            flight: None,
            maybe_closed: false,
            is_trimmed: false,
            room: None,
            failures: 0,
            refreshed: false,
            generation: 0,
            not_before_ms: now_ms.saturating_add(FIRST_FRAME_MS),
            touched_ms: now_ms,
            patience_ms: None,
        };
        let receipt = Receipt {
            message_ids: vec![draft.name()],
            how: Delivery::Nothing,
        };
        cx.host.complete(command, Ok(receipt));
        draft.save(&mut cx.host);
        self.drafts.all.insert(command, draft);
        self.pump(cx);
    }

    fn check_draft(&self, message: &OutboundMessage, cx: &Cx) -> Result<(), Failure> {
        let target = &message.recipient;
        let scene = check::check_recipient(target, &cx.settings.app_id)?;
        if scene != Scene::C2c || cx.settings.mode != StreamMode::Stream {
            let what = "only private messages grow, and only with stream_mode = \"stream\"";
            return Err(unsupported(what));
        }
        if !message.attachments.is_empty() || message.card.is_some() {
            return Err(unsupported("a message that grows holds text only"));
        }
        check::check_size(&message.text)?;
        if let Some(failure) = cx.ledger.stops.why(target, &cx.host) {
            return Err(failure);
        }
        if self.drafts.all.len() >= MOST {
            return Err(unsupported("too many messages grow already"));
        }
        let reply_to = message.reply_to.as_deref();
        if !(cx.ledger).has_special(Special::Stream, target, reply_to, &cx.host) {
            let what = "a message can grow only in answer to one of the last five minutes";
            return Err(unsupported(what));
        }
        Ok(())
    }

    /// The command `draft-update`.
    pub(crate) fn draft_update(&mut self, command: Id, update: DraftText, cx: &mut Cx) {
        let outcome = self.update(update, cx);
        cx.host.complete(command, outcome);
        self.pump(cx);
    }

    fn update(&mut self, update: DraftText, cx: &Cx) -> Result<Receipt, Failure> {
        check::check_size(&update.text)?;
        let format = self.draft(&update.draft)?.format;
        let text = Self::showable(update.text, format, &cx.settings.limits);
        let draft = self.draft(&update.draft)?;
        draft.touched_ms = cx.host.now().mono_ms;
        draft.text = text;
        Ok(Receipt::nothing())
    }

    /// As much of a text as a message may show before all of it is there: up to
    /// the first card, and markup may take more room than what it becomes.
    fn showable(mut text: String, format: TextFormat, limits: &Limits) -> String {
        let most = 8 * limits.get(Limit::TextUnits) as usize;
        if format != TextFormat::Plain {
            text.truncate(cards::first_block(&text));
        }
        text.truncate(text.floor_char_boundary(most));
        text
    }

    /// The command `draft-finish`. It is completed when all of the text is out.
    pub(crate) fn draft_finish(
        &mut self,
        command: Id,
        deadline_ms: u64,
        last: DraftText,
        cx: &mut Cx,
    ) {
        let now_ms = cx.host.now().mono_ms;
        let deadline = answered_by(deadline_ms, &cx.host);
        let bytes = self.drafts.bytes() + last.text.len();
        let draft = match self.draft(&last.draft) {
            Ok(draft) => draft,
            Err(failure) => return cx.host.complete(command, Err(failure)),
        };
        draft.failures = 0;
        draft.touched_ms = now_ms;
        match check_last(&last.text, bytes) {
            Ok(()) => {
                draft.ending = Some(Ending::Finish {
                    command,
                    text: last.text,
                    deadline,
                });
            }
            // Another text may do.
            Err(failure) => {
                cx.host.complete(command, Err(failure));
                draft.ending = Some(Ending::Early);
            }
        }
        draft.save(&mut cx.host);
        self.pump(cx);
    }

    /// The command `draft-cancel`. What is shown stays, as a finished message.
    pub(crate) fn draft_cancel(&mut self, command: Id, name: &str, cx: &mut Cx) {
        let outcome = self.draft(name).map(|draft| {
            draft.failures = 0;
            draft.ending = Some(Ending::Cancel);
            draft.save(&mut cx.host);
            Receipt::nothing()
        });
        cx.host.complete(command, outcome);
        self.pump(cx);
    }

    /// A draft that can still be changed.
    fn draft(&mut self, name: &str) -> Result<&mut Draft, Failure> {
        let id = self.drafts.named(name);
        let draft = id.and_then(|id| self.drafts.all.get_mut(&id));
        let is_changeable = |draft: &&mut Draft| {
            let ending = draft.ending.as_ref();
            ending.is_none_or(|ending| *ending == Ending::Early)
        };
        draft.filter(is_changeable).ok_or_else(|| {
            Failure::new(FailureKind::Invalid, "there is no such draft (any more)")
                .remedy("Send the text as a message.")
        })
    }
}

/// `bytes` would wait in all.
fn check_last(text: &str, bytes: usize) -> Result<(), Failure> {
    check::check_size(text)?;
    if bytes > MOST_BYTES {
        let what = "too much text waits to be sent";
        return Err(Failure::new(FailureKind::RateLimited, what).remedy("Try again in a moment."));
    }
    Ok(())
}

/// The remedy is what hosts do anyway.
fn unsupported(what: &str) -> Failure {
    Failure::new(FailureKind::Unsupported, what).remedy("Send the finished text.")
}

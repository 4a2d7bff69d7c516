//! What the answer to a message means for its reply.

use std::collections::VecDeque;

use crate::compose::part::Part;
use crate::compose::{notices, rewrite};
use crate::contract::{Delivery, Failure, HttpFailed, HttpResponse, Level};
use crate::cx::Cx;
use crate::ledger::Anchor;
use crate::platform::{self, Reaction};
use crate::replies::fate::Fate;
use crate::replies::origin::Attempt;
use crate::replies::plainer;
use crate::replies::reply::Reply;
use crate::requests::answer::{self, Answer};
use crate::target::ReplyTarget;
use crate::uploads::Uploads;

/// A message that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    /// Reply target of its chat.
    pub(crate) target: String,
    /// The platform's message id.
    pub(crate) id: String,
    /// What a quote of it will call it.
    pub(crate) index: Option<String>,
    /// What it says.
    pub(crate) text: String,
}

/// What came of an attempt.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(super) fate: Fate,
    /// Somebody may quote it.
    pub(super) sent: Option<Sent>,
    /// Words for a user who would see nothing otherwise.
    pub(super) explain: Option<&'static str>,
}

impl From<Fate> for Outcome {
    fn from(fate: Fate) -> Self {
        Self {
            fate,
            sent: None,
            explain: None,
        }
    }
}

impl Reply {
    /// The answer to its part under way.
    pub(super) fn answered(
        self,
        response: &HttpResponse,
        uploads: &mut Uploads,
        cx: &mut Cx,
    ) -> Outcome {
        match answer::read(response) {
            Answer::Sent { id, index } => Outcome {
                sent: self.as_sent(&id, index),
                ..self.sent(Some(id), cx).into()
            },
            Answer::Audit(audit_id) => self.in_audit(audit_id, cx).into(),
            Answer::Refused(reaction, failure) => self.refused(reaction, failure, uploads, cx),
            Answer::Unclear(failure) => self.unclear(failure, &mut cx.host).into(),
        }
    }

    /// Its part under way got no answer.
    pub(super) fn unanswered(self, failed: &HttpFailed, cx: &mut Cx) -> Fate {
        let api = &cx.settings.api;
        let unsent = platform::explain("the message was not sent", api, &failed.failure);
        if failed.failure.is_hopeless() {
            self.give_up(unsent, cx)
        } else if failed.may_have_arrived {
            self.unclear(answer::unanswered(failed.failure.kind), &mut cx.host)
        } else {
            self.later(&unsent, &mut cx.host)
        }
    }

    fn as_sent(&self, id: &str, index: Option<String>) -> Option<Sent> {
        let target = ReplyTarget::parse(&self.target);
        let is_guild = target.is_some_and(|target| target.scene.is_guild());
        Some(Sent {
            target: self.target.clone(),
            id: id.to_owned(),
            index: index.or_else(|| is_guild.then(|| id.to_owned())),
            text: self.parts.front()?.text().to_owned(),
        })
    }

    fn sent(self, id: Option<String>, cx: &mut Cx) -> Fate {
        cx.ledger.blocked = None;
        let how = match (&id, &self.anchor) {
            (None, _) => Delivery::Duplicate,
            (Some(_), Some(_)) => Delivery::Passive,
            (Some(_), None) => Delivery::Proactive,
        };
        if how == Delivery::Proactive {
            cx.ledger.decide_push(&self.target, true, &mut cx.host);
            cx.host.count("messages_sent_unasked");
        } else {
            cx.host.count("messages_sent");
        }
        self.next_part(id, how, cx)
    }

    fn next_part(mut self, id: Option<String>, how: Delivery, cx: &mut Cx) -> Fate {
        if self.advance(id, how, &mut cx.host) {
            self.finish(&mut cx.host);
            return Fate::Over;
        }
        self.again(&mut cx.host)
    }

    fn in_audit(self, audit_id: Option<String>, cx: &mut Cx) -> Fate {
        if let Some(id) = audit_id {
            cx.ledger.audits.wait_for(id, &self.target, &mut cx.host);
        }
        self.next_part(None, Delivery::PendingAudit, cx)
    }

    fn refused(
        mut self,
        reaction: Reaction,
        failure: Failure,
        uploads: &mut Uploads,
        cx: &mut Cx,
    ) -> Outcome {
        if self.other_file(reaction, &failure, uploads, &mut cx.host) {
            self.start_over();
            return self.again(&mut cx.host).into();
        }
        if let Some(parts) = plainer::parts(&self, reaction, &failure, cx) {
            self.replace_first(parts);
            return self.again(&mut cx.host).into();
        }
        if reaction == Reaction::MaskUrls {
            return self.masked(failure, cx);
        }
        Outcome {
            explain: (reaction == Reaction::Moderated).then_some(notices::MODERATED),
            ..self.react(reaction, failure, cx).into()
        }
    }

    fn react(self, reaction: Reaction, failure: Failure, cx: &mut Cx) -> Fate {
        match reaction {
            Reaction::RefreshToken => self.token_refused(failure, cx),
            Reaction::Duplicate => self.duplicate(failure, cx),
            Reaction::CloseAnchor => self.closed(cx),
            Reaction::SendPlain => self.without_markup(failure, cx),
            Reaction::Split => self.split(failure, cx),
            Reaction::NoPush => self.not_unasked(failure, cx),
            Reaction::Quota => self.over_quota(&failure, cx),
            Reaction::Pause => self.paused(failure, cx),
            Reaction::Retry => self.later(&failure, &mut cx.host),
            Reaction::StopChat => {
                cx.ledger.stops.stop(&self.target, &failure, &mut cx.host);
                self.give_up(failure, cx)
            }
            Reaction::Blocked => {
                let text = failure.to_string();
                cx.host.note_seldom("blocked", Level::Error, &text);
                cx.ledger.blocked = Some(failure.clone());
                self.give_up(failure, cx)
            }
            Reaction::Moderated
            | Reaction::MaskUrls
            | Reaction::Report
            | Reaction::Stop
            | Reaction::Audit
            | Reaction::Reupload
            | Reaction::AsFile
            | Reaction::SendBytes
            | Reaction::DropKeyboard
            | Reaction::DropCard => self.give_up(failure, cx),
        }
    }

    /// One refresh, one repetition, with the same sequence number: should the
    /// first attempt have arrived after all, the platform knows it.
    fn token_refused(mut self, failure: Failure, cx: &mut Cx) -> Fate {
        if !self.attempts.refresh(cx) {
            return self.give_up(failure, cx);
        }
        if self.is_numbered() {
            self.attempt = Attempt::Repeated;
        }
        self.again(&mut cx.host)
    }

    /// The endpoint rests as long as it was told, and the reply waits.
    fn paused(self, failure: Failure, cx: &mut Cx) -> Fate {
        let rest_ms = failure.retry_after_ms.unwrap_or(0);
        if let Some(target) = ReplyTarget::parse(&self.target) {
            cx.ledger.rests.rest(target.scene, rest_ms, &mut cx.host);
        }
        self.later(&failure, &mut cx.host)
    }

    /// After a repetition it means that an earlier attempt arrived. Otherwise
    /// somebody else used the number, and the next one may be free.
    fn duplicate(mut self, failure: Failure, cx: &mut Cx) -> Fate {
        match self.attempt {
            Attempt::Repeated => self.sent(None, cx),
            Attempt::Renumbered => self.over(failure, &mut cx.host),
            Attempt::First => {
                self.attempt = Attempt::Renumbered;
                let number = self.anchor.as_ref();
                let fresh = number
                    .and_then(|anchor| cx.ledger.renumber(&self.target, anchor, &mut cx.host));
                self.anchor = fresh.or(self.anchor);
                self.again(&mut cx.host)
            }
        }
    }

    /// Another message, unasked, or later. What may be there is shown again only
    /// when the chat writes.
    fn closed(mut self, cx: &mut Cx) -> Fate {
        let Some(anchor) = &self.anchor else {
            return Fate::Keep(self);
        };
        cx.ledger.close(&self.target, anchor, &mut cx.host);
        if self.attempt == Attempt::Repeated {
            notices::doubt(&mut self.parts);
            return Fate::Keep(self);
        }
        self.detach();
        self.again(&mut cx.host)
    }

    fn without_markup(mut self, failure: Failure, cx: &mut Cx) -> Fate {
        let Some(plain) = self.parts.front().and_then(rewrite::without_markup) else {
            return self.give_up(failure, cx);
        };
        if let Some(target) = ReplyTarget::parse(&self.target) {
            cx.ledger.scenes.refuse_markdown(target.scene, &mut cx.host);
        }
        let rest = self.parts.iter().skip(1);
        let rest = rest.map(|part| rewrite::without_markup(part).unwrap_or_else(|| part.clone()));
        self.parts = std::iter::once(plain).chain(rest).collect();
        self.start_over();
        self.again(&mut cx.host)
    }

    /// The addresses may be masked already, or it may be something else that
    /// looks like one: then the user should know why nothing comes.
    fn masked(mut self, failure: Failure, cx: &mut Cx) -> Outcome {
        let Some(masked) = self.parts.front().and_then(rewrite::masked) else {
            return Outcome {
                explain: Some(notices::UNREGISTERED),
                ..self.give_up(failure, cx).into()
            };
        };
        self.replace_first([masked].into());
        cx.host.count("messages_masked");
        self.again(&mut cx.host).into()
    }

    fn split(mut self, failure: Failure, cx: &mut Cx) -> Fate {
        let Some(pieces) = self.parts.front().and_then(rewrite::smaller) else {
            return self.give_up(failure, cx);
        };
        self.replace_first(pieces);
        self.again(&mut cx.host)
    }

    fn not_unasked(self, failure: Failure, cx: &mut Cx) -> Fate {
        if self.anchor.is_some() {
            return self.give_up(failure, cx);
        }
        cx.ledger.refuse_push(&self.target, &mut cx.host);
        Fate::Keep(self)
    }

    /// Other parts in place of the one under way.
    pub(crate) fn replace_first(&mut self, mut parts: VecDeque<Part>) {
        self.parts.pop_front();
        parts.append(&mut self.parts);
        self.parts = parts;
        self.start_over();
    }

    /// Whether the platform would recognise a repetition.
    pub(crate) fn is_numbered(&self) -> bool {
        let number = |anchor: &Anchor| anchor.msg_seq.is_some();
        self.anchor.as_ref().is_some_and(number)
    }
}

//! What happens besides messages: buttons that are pressed, and everything the
//! agent is told of if it wants to be.

use super::Channel;
use crate::access::Admission;
use crate::compose::prose;
use crate::contract::{InboundMessage, Level};
use crate::courtesies::press::AckCode;
use crate::cx::Cx;
use crate::inbound::{Audit, Click, Marks, Notice, NoticeKind, event_id};
use crate::ledger::Anchor;

impl Channel {
    /// Somebody pressed a button. The platform waits three seconds for an
    /// acknowledgement, so that comes first, and once.
    pub(super) fn click(&mut self, click: Click, came: &str) {
        let Click { id, received } = click;
        let event = event_id(came, &id);
        let target = received.as_ref().map(|r| r.message.reply_target.as_str());
        let target = target.unwrap_or_default();
        if !self.clicks.insert(&id, &mut self.cx.host) {
            return self.cx.host.count("clicks_duplicate");
        }
        let marks = Marks::of(target, &id, &event);
        let code = match &received {
            None => AckCode::Failed,
            Some(_) if self.seen.contains(marks) => AckCode::Duplicate,
            Some(received) => match self.access.decide(&self.config, &received.message) {
                Admission::Admitted => AckCode::Done,
                _ => AckCode::NotAllowed,
            },
        };
        let cx = &mut self.cx;
        self.router
            .courtesy(|it, cx| it.acknowledge_press(&id, code, cx), cx);
        let Some(mut received) = received.filter(|_| code == AckCode::Done) else {
            return cx.host.count(refused(code));
        };
        self.seen.insert(marks, &mut cx.host);
        let (target, anchor) = (&received.message.reply_target, Anchor::event(&event));
        self.router.received(target, received.scene, anchor, cx);
        self.complete(&mut received);
        let mut message = received.message;
        message.sender_name = self.chats.name(&message.sender).map(str::to_owned);
        self.hand_over(message);
    }

    /// Something happened; the platform may say so twice.
    pub(super) fn noticed(&mut self, notice: &Notice, event_id: &str) {
        let marks = Marks::of(&notice.target, event_id, event_id);
        let host = &mut self.cx.host;
        if !event_id.is_empty() && self.seen.contains(marks) {
            return host.count("notices_duplicate");
        }
        self.chats.noticed(notice, host);
        let matters = notice.kind.is_about_sending() || self.config.system_notes;
        if !event_id.is_empty() && matters {
            self.seen.insert(marks, host);
        }
        self.decide_push(notice);
        if notice.kind.is_answerable() && !event_id.is_empty() {
            let (target, anchor) = (&notice.target, Anchor::event(event_id));
            self.router
                .received(target, notice.scene, anchor, &mut self.cx);
        }
        if self.config.system_notes {
            self.tell(notice, event_id);
        } else {
            self.cx.host.count("events_untold");
        }
    }

    /// What it says about unasked messages.
    fn decide_push(&mut self, notice: &Notice) {
        let Cx { ledger, host, .. } = &mut self.cx;
        let target = &notice.target;
        match notice.kind {
            NoticeKind::PushAllowed => ledger.decide_push(target, true, host),
            NoticeKind::PushRefused | NoticeKind::FriendRemoved | NoticeKind::GroupLeft => {
                ledger.decide_push(target, false, host);
            }
            NoticeKind::FriendAdded | NoticeKind::GroupJoined => ledger.ask_push(target, host),
            // The others say nothing about what may be sent.
            _ => {}
        }
    }

    /// Moderators decided about a message.
    pub(super) fn audited(&mut self, audit: &Audit) {
        let Cx { ledger, host, .. } = &mut self.cx;
        let Some(target) = ledger.audits.decided(&audit.id, host) else {
            return host.count("audits_unknown");
        };
        if audit.passed {
            return host.count("audits_passed");
        }
        host.count("audits_rejected");
        let text = format!("moderators refused a message (audit {})", audit.id);
        host.note(Level::Warn, text);
        if ledger.may_explain(&target, host) {
            let text = prose::MODERATED.to_owned();
            self.router.say(&target, text, &mut self.cx);
        }
    }

    /// Tells the agent, unless it concerns somebody it does not talk to.
    fn tell(&mut self, notice: &Notice, event_id: &str) {
        let message = self.in_words(notice, event_id);
        let known = !message.sender.is_empty();
        if known && self.access.decide(&self.config, &message) != Admission::Admitted {
            return self.cx.host.count("notices_turned_away");
        }
        if notice.kind.is_answerable_in_channel() && !event_id.is_empty() {
            let (target, anchor) = (&notice.target, Anchor::event(event_id));
            let cx = &mut self.cx;
            self.router.received(target, notice.scene, anchor, cx);
        }
        self.hand_over(InboundMessage {
            mentioned: false,
            ..message
        });
    }

    /// As a message that addresses the bot, which admission takes for one.
    fn in_words(&self, notice: &Notice, event_id: &str) -> InboundMessage {
        let kind = notice.kind.name();
        let who = notice.who.as_ref();
        let name = who.and_then(|who| self.chats.name(&who.id));
        let wall_ms = self.cx.host.now().wall_ms;
        InboundMessage {
            id: match event_id {
                "" => format!("{kind}:{wall_ms}"),
                _ => event_id.to_owned(),
            },
            sender: who.map(|who| who.id.clone()).unwrap_or_default(),
            sender_name: name.map(str::to_owned),
            sender_is_bot: false,
            reply_target: notice.target.clone(),
            chat: notice.scene.chat(),
            chat_title: self.chats.title(notice.scene, &notice.target),
            text: notice.words(name),
            timestamp_ms: notice.timestamp_ms,
            mentioned: true,
            thread: None,
            quote: None,
            attachments: Vec::new(),
            interruption_scope: None,
            button: None,
            notice: Some(kind.to_owned()),
        }
    }
}

const fn refused(code: AckCode) -> &'static str {
    match code {
        AckCode::Duplicate => "clicks_duplicate",
        AckCode::NotAllowed => "clicks_turned_away",
        AckCode::Done | AckCode::Failed => "clicks_incomplete",
    }
}

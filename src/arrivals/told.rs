//! What is said of events that are not messages.

use crate::arrivals::way::Way;
use crate::chats::Chats;
use crate::compose::notices;
use crate::contract::{InboundMessage, Level};
use crate::courtesies::press::AckCode;
use crate::cx::Cx;
use crate::inbound::{Audit, Notice, NoticeKind};

/// A notice as a message that addresses the bot, which admission takes for one.
pub(super) fn in_words(
    notice: &Notice,
    event_id: &str,
    chats: &Chats,
    wall_ms: u64,
) -> InboundMessage {
    let kind = notice.kind.name();
    let who = notice.who.as_ref();
    let name = who.and_then(|who| chats.name(&who.id));
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
        chat_title: chats.title(notice.scene, &notice.target),
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

/// What a notice says about unasked messages.
pub(super) fn decide_push(notice: &Notice, cx: &mut Cx) {
    let Cx { ledger, host, .. } = cx;
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
pub(super) fn audited(audit: &Audit, way: &mut Way<'_>) {
    let Cx { ledger, host, .. } = &mut *way.cx;
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
        let text = notices::MODERATED.to_owned();
        way.router.say(&target, text, way.cx);
    }
}

/// What counts presses that do not reach the agent.
pub(super) const fn refused(code: AckCode) -> &'static str {
    match code {
        AckCode::Duplicate => "clicks_duplicate",
        AckCode::NotAllowed => "clicks_turned_away",
        AckCode::Done | AckCode::Failed => "clicks_incomplete",
    }
}

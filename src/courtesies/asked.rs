//! What is asked: take a message back, replace one, open a conversation.

use crate::compose::check;
use crate::contract::{Failure, FailureKind, Id, MessageEdit, MessageRef};
use crate::courtesies::{Call, Purpose};
use crate::cx::Cx;
use crate::replies::Outbound;
use crate::requests::build;
use crate::target::ReplyTarget;

impl Outbound {
    /// The command `recall`. QQ docs, …/v2_users_user_openid_messages_message_id.delete:
    /// own messages, within two minutes.
    pub(crate) fn recall(
        &mut self,
        command: Id,
        deadline_ms: u64,
        message: &MessageRef,
        cx: &mut Cx,
    ) {
        let purpose = Purpose::Recall { command };
        self.take_back(
            purpose,
            &message.recipient,
            &message.message_id,
            deadline_ms,
            cx,
        );
    }

    /// The command `edit`: QQ cannot change a message, so it is taken back and
    /// sent anew.
    pub(crate) fn edit(&mut self, command: Id, deadline_ms: u64, edit: MessageEdit, cx: &mut Cx) {
        let (recipient, id) = (edit.recipient.clone(), edit.message_id.clone());
        let purpose = Purpose::Edit { command, edit };
        self.take_back(purpose, &recipient, &id, deadline_ms, cx);
    }

    fn take_back(
        &mut self,
        purpose: Purpose,
        recipient: &str,
        message_id: &str,
        deadline_ms: u64,
        cx: &mut Cx,
    ) {
        if let Err(failure) = check::check_recipient(recipient, &cx.settings.app_id) {
            return self.call_gone(purpose, false, failure, cx);
        }
        let opened = cx.ledger.opened(recipient);
        let messages =
            ReplyTarget::parse(recipient).and_then(|t| build::url(&cx.settings.api, t, opened));
        let (Some(messages), false) = (messages, message_id.is_empty()) else {
            let failure = Failure::new(FailureKind::Invalid, "there is no such message")
                .remedy("Use a message id of a receipt.");
            return self.call_gone(purpose, false, failure, cx);
        };
        let url = format!("{messages}/{}", build::percent_encode(message_id));
        let call = Call::new(purpose, "DELETE", url, String::new(), deadline_ms, &cx.host);
        self.submit_call(call, cx);
        self.watch_too(&mut cx.host);
    }

    /// QQ docs, server-inter/channel/message/dms.
    pub(crate) fn open_conversation(&mut self, target: ReplyTarget<'_>, cx: &mut Cx) {
        const DEADLINE_MS: u64 = 60_000;
        let name = target.to_string();
        // A message waits for a place, it does not fail for want of one.
        let (Some((user, guild)), true) = (target.unopened(), self.calls.has_room()) else {
            return;
        };
        if self.calls.is_opening(&name) {
            return;
        }
        let body = serde_json::json!({"recipient_id": user, "source_guild_id": guild});
        let url = format!("{}/users/@me/dms", cx.settings.api);
        let purpose = Purpose::Open { target: name };
        let call = Call::new(
            purpose,
            "POST",
            url,
            body.to_string(),
            DEADLINE_MS,
            &cx.host,
        );
        self.submit_call(call, cx);
    }
}

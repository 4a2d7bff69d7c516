//! Messages that wait for an audit.
//! See [QQ Docs/消息审核](https://bot.q.qq.com/wiki/develop/api-v2/server-inter/channel/message/event.html).

use serde_json::{Value, json};

use super::World;
use crate::journal::record::Record;
use crate::journal::sent::{How, PendingAudit, SentMessage};
use crate::rules::scene::Scene;
use crate::world::clock::timestamp;

/// Messages that can wait; the platform has people for this.
const MAX_AUDITS: usize = 10_000;

impl World {
    /// Holds a message back; returns the body of the answer.
    pub(crate) fn hold(&mut self, connection: Option<u64>, message: SentMessage) -> Value {
        let audit_id = self.ids.uuid();
        let (code, text) = match message.how {
            How::Passive | How::Event => (304_024, "reply message is waiting for audit now"),
            How::Proactive | How::Wakeup => (304_023, "push message is waiting for audit now"),
        };
        let pending = PendingAudit {
            audit_id: audit_id.clone(),
            message,
            at_ms: self.clock.now_ms(),
        };
        let record = Record::AuditPending(pending.clone());
        self.journal.push(connection, record);
        if self.audits.len() == MAX_AUDITS {
            self.audits.remove(0);
        }
        self.audits.push(pending);
        json!({"code": code, "message": text,
               "data": {"message_audit": {"audit_id": audit_id}}})
    }

    /// Ends an audit: shows the message or drops it, and tells the bot. `false` if
    /// nothing waits under this id.
    pub(crate) fn decide_audit(&mut self, audit_id: &str, pass: bool) -> bool {
        let waits = |pending: &PendingAudit| pending.audit_id == audit_id;
        let Some(place) = self.audits.iter().position(waits) else {
            return false;
        };
        let PendingAudit { message, at_ms, .. } = self.audits.remove(place);
        let d = self.verdict(audit_id, &message, at_ms, pass);
        let t = if pass {
            self.journal
                .push(None, Record::MessageAccepted(message.clone()));
            "MESSAGE_AUDIT_PASS"
        } else {
            self.chats.sent.forget(&message.id);
            self.guilds.messages.forget(&message.id);
            "MESSAGE_AUDIT_REJECT"
        };
        let id = self.ids.event(t);
        self.publish(&message.app_id, t, &id, d);
        true
    }

    fn verdict(&self, audit_id: &str, message: &SentMessage, at_ms: u64, pass: bool) -> Value {
        let peer = message.peer.as_str();
        let mut d = json!({"audit_id": audit_id, "create_time": timestamp(at_ms),
                           "audit_time": timestamp(self.clock.now_ms())});
        let mut set = |name: &str, value: &str| {
            if let Value::Object(fields) = &mut d {
                fields.insert(name.to_owned(), value.into());
            }
        };
        match message.scene {
            Scene::C2c => set("user_openid", peer),
            Scene::Group => set("group_openid", peer),
            Scene::Channel => {
                set("guild_id", self.guilds.guild_of(peer).unwrap_or_default());
                set("channel_id", peer);
            }
            Scene::Dm => set("guild_id", peer),
        }
        if pass {
            set("message_id", &message.id);
        }
        d
    }
}

//! Message indices, the only thing a quote can point at in C2C and groups.
//! See [QQ Docs/发送消息](https://bot.q.qq.com/wiki/develop/api-v2/autogen/api/v2_users_user_openid_messages.post.html).

use serde_json::{Value, json};

use super::World;
use super::chats::{Chats, Peer};
use crate::journal::sent::SentMessage;
use crate::rules::config::Bot;
use crate::rules::refusal::Refusal;
use crate::rules::scene::Scene;

/// A message that can be quoted.
#[derive(Debug)]
pub(crate) struct Indexed {
    pub(crate) peer: Peer,
    /// What a quote repeats: `author`, `content`, `attachments`.
    pub(crate) element: Value,
}

impl Chats {
    /// Remembers the index of a message of a user's, from its event.
    pub(super) fn learn_index(&mut self, peer: &Peer, d: &Value) {
        let ext = d.pointer("/message_scene/ext").and_then(Value::as_array);
        let mut ext = ext.into_iter().flatten().filter_map(Value::as_str);
        let Some(index) = ext.find_map(|pair| pair.strip_prefix("msg_idx=")) else {
            return;
        };
        let part = |name: &str| d.get(name).cloned().unwrap_or_default();
        let element = json!({"author": part("author"), "content": part("content"),
                             "attachments": part("attachments")});
        let peer = peer.clone();
        self.indices.add(index, Indexed { peer, element });
    }
}

impl World {
    /// Remembers the index of a message of the bot's.
    pub(crate) fn index_own(&mut self, bot: &Bot, message: &SentMessage) {
        let id = bot.member_openid();
        let author = if message.scene == Scene::Group {
            json!({"id": id, "member_openid": id, "username": bot.name, "bot": true})
        } else {
            json!({"id": id, "user_openid": id, "username": bot.name, "bot": true})
        };
        let peer = Peer {
            app_id: message.app_id.clone(),
            scene: message.scene,
            openid: message.peer.clone(),
        };
        let element = json!({"author": author, "attachments": [],
                             "content": message.text.as_deref().unwrap_or_default()});
        let indexed = Indexed { peer, element };
        self.chats.indices.add(&message.ref_idx, indexed);
    }

    /// A quote must point at a message of this chat.
    pub(crate) fn check_quote(&self, peer: &Peer, quote: Option<&str>) -> Result<(), Refusal> {
        let Some(index) = quote.filter(|_| self.config.rules.quote_index) else {
            return Ok(());
        };
        match self.chats.indices.find(index) {
            Some(indexed) if indexed.peer == *peer => Ok(()),
            Some(_) => Err(Refusal::QUOTE_ELSEWHERE),
            None => Err(Refusal::QUOTE_UNKNOWN),
        }
    }

    /// What an event repeats of a quoted message, if the platform still has it.
    pub(crate) fn quoted_element(&self, index: &str) -> Option<Value> {
        let mut element = self.chats.indices.find(index)?.element.clone();
        if let Value::Object(fields) = &mut element {
            fields.insert("msg_idx".into(), index.into());
            fields.insert("message_type".into(), 103.into());
        }
        Some(element)
    }
}

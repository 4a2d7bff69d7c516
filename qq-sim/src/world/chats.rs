//! What the platform remembers about chats: who talks to which bot, what can be
//! answered, what can be recalled.

use std::collections::{HashMap, HashSet, VecDeque};

use serde_json::Value;

use super::clicks::Click;
use super::quotes::Indexed;
use super::rate::Window;
use crate::rules::scene::Scene;

/// A chat of one bot.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Peer {
    pub(crate) app_id: String,
    pub(crate) scene: Scene,
    pub(crate) openid: String,
}

/// Something a bot may answer: a message or an event.
#[derive(Debug)]
pub(crate) struct Anchor {
    pub(crate) peer: Peer,
    /// Event name.
    pub(crate) t: String,
    pub(crate) at_ms: u64,
    pub(crate) replies: u32,
    pub(crate) seqs: HashSet<u64>,
}

/// A message of a bot.
#[derive(Debug)]
pub(crate) struct Outbound {
    pub(crate) peer: Peer,
    pub(crate) at_ms: u64,
}

/// What a user or group decided, and what it was sent unasked.
#[derive(Debug, Default)]
pub(crate) struct Relation {
    /// The switch for proactive messages, once it was touched.
    pub(crate) proactive: Option<bool>,
    pub(crate) sent: Window,
    /// Everything written into it, in guilds.
    pub(crate) written: Window,
    pub(crate) spoke_at_ms: Option<u64>,
    /// Wake-up periods used since the user last spoke, one bit each.
    pub(crate) wakeups: u8,
}

/// A map that forgets its oldest entries.
#[derive(Debug)]
pub(crate) struct Ledger<V> {
    entries: HashMap<String, V>,
    order: VecDeque<String>,
}

impl<V> Default for Ledger<V> {
    fn default() -> Self {
        Self {
            entries: HashMap::new(),
            order: VecDeque::new(),
        }
    }
}

impl<V> Ledger<V> {
    /// Some hours of a busy bot; answers are possible for one.
    const CAPACITY: usize = 50_000;

    /// Remembers, unless the key is known already.
    pub(crate) fn add(&mut self, key: &str, value: V) {
        if self.entries.contains_key(key) {
            return;
        }
        if self.order.len() == Self::CAPACITY
            && let Some(oldest) = self.order.pop_front()
        {
            self.entries.remove(&oldest);
        }
        self.order.push_back(key.to_owned());
        self.entries.insert(key.to_owned(), value);
    }

    pub(crate) fn find(&self, key: &str) -> Option<&V> {
        self.entries.get(key)
    }

    pub(crate) fn find_mut(&mut self, key: &str) -> Option<&mut V> {
        self.entries.get_mut(key)
    }

    /// Forgets one; its place in the order is left to fall out by age.
    pub(crate) fn forget(&mut self, key: &str) -> Option<V> {
        self.entries.remove(key)
    }
}

impl Ledger<Anchor> {
    /// What was said or happened in this chat.
    pub(crate) fn find_in(&mut self, peer: &Peer, id: &str) -> Option<&mut Anchor> {
        self.find_mut(id).filter(|anchor| anchor.peer == *peer)
    }
}

/// All chats of all bots.
#[derive(Debug, Default)]
pub(crate) struct Chats {
    pub(crate) messages: Ledger<Anchor>,
    pub(crate) events: Ledger<Anchor>,
    pub(crate) sent: Ledger<Outbound>,
    /// Messages of users and bots by their index.
    pub(crate) indices: Ledger<Indexed>,
    /// Interactions by their own id.
    pub(crate) interactions: Ledger<Click>,
    pub(crate) relations: HashMap<Peer, Relation>,
    /// Proactive messages per bot and scene.
    pub(crate) proactive: HashMap<(String, Scene), Window>,
}

/// Kind of chat and id an event belongs to, by the fields that name one.
fn peer_of(app_id: &str, t: &str, d: &Value) -> Option<Peer> {
    let text = |pointer: &str| {
        d.pointer(pointer)
            .and_then(Value::as_str)
            .filter(|id| !id.is_empty())
    };
    let group = text("/group_openid").map(|id| (Scene::Group, id));
    let user = || {
        ["/user_openid", "/author/user_openid", "/openid"]
            .into_iter()
            .find_map(text)
            .map(|id| (Scene::C2c, id))
    };
    // What concerns a whole guild can be answered in any of its channels.
    let whole = || t.starts_with("GUILD_MEMBER_") || t.starts_with("FORUM_");
    let guild = || match (text("/channel_id"), text("/guild_id")) {
        (_, Some(id)) if t == "DIRECT_MESSAGE_CREATE" => Some((Scene::Dm, id)),
        (_, Some(id)) if whole() => Some((Scene::Channel, id)),
        (Some(id), Some(_)) => Some((Scene::Channel, id)),
        _ => None,
    };
    let (scene, openid) = group.or_else(user).or_else(guild)?;
    Some(Peer {
        app_id: app_id.to_owned(),
        scene,
        openid: openid.to_owned(),
    })
}

impl Chats {
    /// Draws every conclusion from an event that is about to be dispatched.
    pub(crate) fn learn(&mut self, app_id: &str, t: &str, event_id: &str, d: &Value, now_ms: u64) {
        let Some(peer) = peer_of(app_id, t, d) else {
            return;
        };
        let anchor = || Anchor {
            peer: peer.clone(),
            t: t.to_owned(),
            at_ms: now_ms,
            replies: 0,
            seqs: HashSet::new(),
        };
        self.events.add(event_id, anchor());
        if t.ends_with("MESSAGE_CREATE")
            && let Some(id) = d.get("id").and_then(Value::as_str)
        {
            self.messages.add(id, anchor());
            self.learn_index(&peer, d);
        }
        self.relate(peer, t, now_ms);
    }

    fn relate(&mut self, peer: Peer, t: &str, now_ms: u64) {
        if matches!(t, "FRIEND_DEL" | "GROUP_DEL_ROBOT") {
            self.relations.remove(&peer);
            return;
        }
        let relation = self.relations.entry(peer).or_default();
        match t {
            "C2C_MSG_RECEIVE" | "GROUP_MSG_RECEIVE" => relation.proactive = Some(true),
            "C2C_MSG_REJECT" | "GROUP_MSG_REJECT" => relation.proactive = Some(false),
            "C2C_MESSAGE_CREATE" => {
                relation.spoke_at_ms = Some(now_ms);
                relation.wakeups = 0;
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_event_tells_its_chat() {
        let mut chats = Chats::default();
        chats.learn(
            "1",
            "GROUP_ADD_ROBOT",
            "e1",
            &json!({"group_openid": "G"}),
            5,
        );
        let anchor = chats.events.find("e1").unwrap();
        assert_eq!(
            (anchor.peer.scene, anchor.peer.openid.as_str()),
            (Scene::Group, "G")
        );
        chats.learn(
            "1",
            "GROUP_DEL_ROBOT",
            "e2",
            &json!({"group_openid": "G"}),
            6,
        );
        assert!(chats.relations.is_empty());
    }

    #[test]
    fn the_same_message_twice_keeps_its_first_age() {
        let mut chats = Chats::default();
        let d = json!({"id": "m", "author": {"user_openid": "U"}});
        chats.learn("1", "C2C_MESSAGE_CREATE", "e1", &d, 5);
        chats.learn("1", "C2C_MESSAGE_CREATE", "e2", &d, 9);
        assert_eq!(chats.messages.find("m").unwrap().at_ms, 5);
    }
}

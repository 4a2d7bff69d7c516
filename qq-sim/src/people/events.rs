//! Events in the platform's form, with increasing ids and timestamps.

use serde_json::{Map, Value, json};

use crate::people::draft::Draft;
use crate::rules::config::Bot;
use crate::world::World;
use crate::world::clock::timestamp;

/// An event ready for dispatch.
pub(crate) struct Event {
    /// Envelope id.
    pub(crate) id: String,
    pub(crate) t: &'static str,
    pub(crate) d: Value,
    /// `d.id` of a message or interaction.
    pub(crate) own_id: String,
}

/// Who writes in which group.
struct Place<'a> {
    group: &'a str,
    member: &'a str,
}

/// Builds events from a world's ids and clock.
pub(crate) struct EventFactory<'w>(pub(crate) &'w mut World);

impl EventFactory<'_> {
    /// `C2C_MESSAGE_CREATE`.
    pub(crate) fn c2c(&mut self, user: &str, draft: &Draft) -> Event {
        let id = self.0.ids.message();
        let ref_idx = self.0.ids.ref_index();
        let mut fields = self.body(draft, &id, &ref_idx);
        fields.insert("author".into(), draft.author(user, false));
        self.event("C2C_MESSAGE_CREATE", draft.finish(fields), id)
    }

    /// `GROUP_AT_MESSAGE_CREATE` or `GROUP_MESSAGE_CREATE`. In the first the leading
    /// mention is gone and its blank stays; in the second `<@…>` is still there.
    pub(crate) fn group(
        &mut self,
        bot: &Bot,
        group: &str,
        member: &str,
        draft: &Draft,
        full: bool,
    ) -> Event {
        let (id, ref_idx) = (self.0.ids.message(), self.0.ids.ref_index());
        let place = Place { group, member };
        self.group_event(bot, &place, draft, full, id, &ref_idx)
    }

    /// One message in both forms, the AT event first: the same id, two envelopes.
    pub(crate) fn group_both(
        &mut self,
        bot: &Bot,
        group: &str,
        member: &str,
        draft: &Draft,
    ) -> [Event; 2] {
        let (id, ref_idx) = (self.0.ids.message(), self.0.ids.ref_index());
        let place = Place { group, member };
        [false, true].map(|full| self.group_event(bot, &place, draft, full, id.clone(), &ref_idx))
    }

    /// The fields of a message, its quote resolved and its files served.
    fn body(&mut self, draft: &Draft, id: &str, ref_idx: &str) -> Map<String, Value> {
        let mut fields = draft.body(id, ref_idx, &self.now());
        fields.insert("attachments".into(), self.served(draft).into());
        let quoted = draft.unresolved_quote();
        if let Some(element) = quoted.and_then(|index| self.0.quoted_element(index)) {
            fields.insert("msg_elements".into(), json!([element]));
        }
        fields
    }

    fn group_event(
        &mut self,
        bot: &Bot,
        Place { group, member }: &Place<'_>,
        draft: &Draft,
        full: bool,
        id: String,
        ref_idx: &str,
    ) -> Event {
        let mut fields = self.body(draft, &id, ref_idx);
        fields.insert("author".into(), draft.author(member, true));
        fields.insert("group_openid".into(), (*group).into());
        fields.insert("group_id".into(), (*group).into());
        let text = fields
            .get("content")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let me = bot.member_openid();
        let content = match (draft.mentions_bot(), full) {
            (true, true) => format!("<@{me}> {text}"),
            (true, false) => format!(" {text} "),
            (false, _) => text.to_owned(),
        };
        fields.insert("content".into(), content.into());
        if draft.mentions_bot() {
            fields.insert("mentions".into(), json!([mention_of(bot, &me)]));
        }
        let t = if full {
            "GROUP_MESSAGE_CREATE"
        } else {
            "GROUP_AT_MESSAGE_CREATE"
        };
        self.event(t, draft.finish(fields), id)
    }

    /// A click on a button: `INTERACTION_CREATE`, type 11. `place` names the chat.
    pub(crate) fn click(&mut self, bot: &Bot, place: Value, button_id: &str, data: &str) -> Event {
        let id = self.0.ids.uuid();
        let has = |name: &str| place.get(name).is_some();
        let (scene, chat_type) = match (has("guild_id"), has("group_openid")) {
            (true, _) => ("guild", 0),
            (_, true) => ("group", 1),
            _ => ("c2c", 2),
        };
        let mut d = json!({
            "id": id, "application_id": bot.app_id, "version": 1, "type": 11,
            "scene": scene, "chat_type": chat_type, "timestamp": self.now(),
            "data": {"type": 11, "resolved": {"button_data": data, "button_id": button_id}},
        });
        if let (Value::Object(fields), Value::Object(place)) = (&mut d, place) {
            fields.extend(place);
        }
        let event = self.event("INTERACTION_CREATE", d, id);
        // The envelope repeats the interaction's id behind the name.
        Event {
            id: format!("INTERACTION_CREATE:{}", event.own_id),
            ..event
        }
    }

    /// A life-cycle event: `timestamp` is an integer in seconds here.
    pub(crate) fn life_cycle(&mut self, t: &'static str, mut d: Value) -> Event {
        if let Value::Object(fields) = &mut d {
            fields.insert("timestamp".into(), (self.0.clock.now_ms() / 1000).into());
        }
        self.event(t, d, String::new())
    }

    pub(crate) fn event(&mut self, t: &'static str, d: Value, own_id: String) -> Event {
        Event {
            id: self.0.ids.event(t),
            t,
            d,
            own_id,
        }
    }

    pub(crate) fn now(&self) -> String {
        timestamp(self.0.clock.now_ms())
    }
}

fn mention_of(bot: &Bot, member_openid: &str) -> Value {
    json!({"id": member_openid, "member_openid": member_openid, "username": bot.name,
           "bot": true, "is_you": true, "scope": "single"})
}

//! Guild events in the platform's form.
//! See [QQ Docs/消息事件](https://bot.q.qq.com/wiki/develop/api-v2/server-inter/channel/message/event.html).

use serde_json::{Map, Value, json};

use crate::people::draft::Draft;
use crate::people::events::{Event, EventFactory};
use crate::rules::config::Bot;

/// A guild user in a channel of a guild.
#[derive(Clone, Copy)]
pub(crate) struct Seat<'a> {
    pub(crate) guild: &'a str,
    pub(crate) channel: &'a str,
    pub(crate) user: &'a str,
    pub(crate) roles: &'a [String],
}

/// Content of guild messages is HTML-escaped in both directions.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

impl EventFactory<'_> {
    /// `AT_MESSAGE_CREATE`, or `MESSAGE_CREATE` if `full`. The mention stays in both.
    pub(crate) fn channel_message(
        &mut self,
        bot: &Bot,
        seat: Seat<'_>,
        draft: &Draft,
        full: bool,
    ) -> Event {
        let id = self.0.ids.guild_message();
        let mut fields = self.guild_fields(&id, seat, draft);
        if draft.mentions_bot() {
            let text = escaped(draft.words());
            let me = bot.guild_user_id();
            fields.insert("content".into(), format!("<@!{me}> {text}").into());
            let mention = json!({"id": me, "username": bot.name, "avatar": "", "bot": true});
            fields.insert("mentions".into(), json!([mention]));
        }
        let t = if full {
            "MESSAGE_CREATE"
        } else {
            "AT_MESSAGE_CREATE"
        };
        self.event(t, draft.finish(fields), id)
    }

    /// `DIRECT_MESSAGE_CREATE`; the guild of the seat is the conversation, its channel
    /// is made up. `source` is the guild it was opened from.
    pub(crate) fn direct_message(&mut self, dm: &str, user: &str, draft: &Draft) -> Event {
        let source = self.source_of(user);
        let channel = self.channel_of(dm);
        let id = self.0.ids.guild_message();
        let seat = Seat {
            guild: dm,
            channel: &channel,
            user,
            roles: &[],
        };
        let mut fields = self.guild_fields(&id, seat, draft);
        fields.insert("direct_message".into(), true.into());
        fields.insert("src_guild_id".into(), source.into());
        self.event("DIRECT_MESSAGE_CREATE", draft.finish(fields), id)
    }

    /// A click on a button in a channel.
    pub(crate) fn channel_click(
        &mut self,
        bot: &Bot,
        seat: Seat<'_>,
        button_id: &str,
        data: &str,
        message_id: &str,
    ) -> Event {
        let place = json!({"guild_id": seat.guild, "channel_id": seat.channel});
        let mut event = self.click(bot, place, button_id, data);
        if let Some(Value::Object(resolved)) = event.d.pointer_mut("/data/resolved") {
            resolved.insert("user_id".into(), seat.user.into());
            resolved.insert("message_id".into(), message_id.into());
        }
        event
    }

    /// The fields every guild message has.
    fn guild_fields(&mut self, id: &str, seat: Seat<'_>, draft: &Draft) -> Map<String, Value> {
        let seq = self.0.guilds.next_seq(seat.channel);
        let now = self.now();
        let body = json!({
            "id": id, "guild_id": seat.guild, "channel_id": seat.channel,
            "content": escaped(draft.words()), "timestamp": now,
            "author": draft.guild_author(seat.user),
            "member": {"nick": draft.nick(), "roles": seat.roles, "joined_at": now},
            "seq": seq, "seq_in_channel": seq.to_string(),
        });
        let mut fields = match body {
            Value::Object(fields) => fields,
            _ => Map::new(),
        };
        let attachments: Vec<Value> = self.served(draft).iter().map(schemeless).collect();
        if !attachments.is_empty() {
            fields.insert("attachments".into(), attachments.into());
        }
        if let Some(quoted) = draft.quoted() {
            fields.insert("message_reference".into(), json!({"message_id": quoted}));
        }
        fields
    }

    /// A guild the user shares with a bot, or one that is made up.
    fn source_of(&self, user: &str) -> String {
        let apps = self.0.config.bots.iter().map(|bot| bot.app_id.as_str());
        let mut shared = apps.filter_map(|app_id| self.0.guilds.shared(app_id, user));
        shared.next().unwrap_or("18700000000001").to_owned()
    }

    fn channel_of(&mut self, dm: &str) -> String {
        let known = self.0.guilds.direct(dm);
        let known = known.map(|direct| direct.channel_id.clone());
        known.unwrap_or_else(|| self.0.ids.decimal())
    }
}

/// Guild attachments nearly always come without a scheme.
fn schemeless(attachment: &Value) -> Value {
    let mut attachment = attachment.clone();
    if let Some(Value::String(url)) = attachment.get_mut("url")
        && let Some(bare) = url.strip_prefix("https://")
    {
        *url = bare.to_owned();
    }
    attachment
}

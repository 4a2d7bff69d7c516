//! Guilds as far as events have shown them: their channels and members, and the direct
//! messages that were opened.

pub(crate) mod body;
mod dms;
mod reactions;
mod recall;
mod send;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Value, json};

pub(crate) use reactions::emoji;

use super::chats::Ledger;

/// A guild; the same for every bot that is in it.
#[derive(Debug, Default)]
pub(crate) struct Guild {
    name: String,
    members: BTreeSet<String>,
    bots: BTreeSet<String>,
}

/// A direct-message guild: one user and one bot.
#[derive(Debug)]
pub(crate) struct Direct {
    pub(crate) app_id: String,
    pub(crate) user_id: String,
    pub(crate) channel_id: String,
}

/// A message of anybody's in a guild.
#[derive(Debug)]
pub(crate) struct GuildMessage {
    /// Channel, or direct-message guild.
    pub(crate) place: String,
    /// Guild user id, of a bot too.
    pub(crate) author: String,
    /// Users by kind and id of the emoji.
    pub(crate) reactions: BTreeMap<(u8, String), Vec<String>>,
}

/// All guilds of all bots.
#[derive(Debug, Default)]
pub(crate) struct Guilds {
    guilds: BTreeMap<String, Guild>,
    /// Channels with their guild.
    channels: HashMap<String, String>,
    /// By the guild id of the conversation.
    directs: HashMap<String, Direct>,
    pub(crate) messages: Ledger<GuildMessage>,
    /// Messages so far per channel.
    seqs: HashMap<String, u64>,
}

fn text<'a>(d: &'a Value, pointer: &str) -> Option<&'a str> {
    let text = d.pointer(pointer).and_then(Value::as_str);
    text.filter(|id| !id.is_empty())
}

impl Guilds {
    /// Draws every conclusion about guilds from an event that is about to be dispatched.
    pub(crate) fn learn(&mut self, app_id: &str, t: &str, d: &Value) {
        match t {
            "DIRECT_MESSAGE_CREATE" => self.learn_direct(app_id, d),
            "GUILD_DELETE" => self.leave(app_id, d),
            "CHANNEL_DELETE" => {
                text(d, "/id").map(|id| self.channels.remove(id));
            }
            "GUILD_MEMBER_REMOVE" => {
                if let (Some(guild), Some(user)) = (text(d, "/guild_id"), text(d, "/user/id")) {
                    self.guild(guild).members.remove(user);
                }
            }
            "GUILD_CREATE" | "GUILD_UPDATE" => {
                if let Some(id) = text(d, "/id") {
                    let name = text(d, "/name").unwrap_or_default().to_owned();
                    let guild = self.guild(id);
                    guild.bots.insert(app_id.to_owned());
                    guild.name = name;
                }
            }
            _ => self.learn_place(app_id, t, d),
        }
        self.learn_message(t, d);
    }

    /// Any other event that names a guild: the bot is in it, and so is its author.
    fn learn_place(&mut self, app_id: &str, t: &str, d: &Value) {
        // In a direct message the id of the conversation is not a guild's.
        let Some(id) = text(d, "/guild_id").filter(|id| !self.directs.contains_key(*id)) else {
            return;
        };
        let channel = if t.starts_with("CHANNEL_") {
            text(d, "/id")
        } else {
            text(d, "/channel_id")
        };
        if let Some(channel) = channel {
            self.channels.insert(channel.to_owned(), id.to_owned());
        }
        let users = ["/author/id", "/user/id", "/user_id"];
        let user = users.into_iter().find_map(|pointer| text(d, pointer));
        let guild = self.guild(id);
        guild.bots.insert(app_id.to_owned());
        guild.members.extend(user.map(str::to_owned));
    }

    fn learn_direct(&mut self, app_id: &str, d: &Value) {
        let (Some(id), Some(user)) = (text(d, "/guild_id"), text(d, "/author/id")) else {
            return;
        };
        self.directs.insert(
            id.to_owned(),
            Direct {
                app_id: app_id.to_owned(),
                user_id: user.to_owned(),
                channel_id: text(d, "/channel_id").unwrap_or_default().to_owned(),
            },
        );
        if let Some(source) = text(d, "/src_guild_id") {
            let (app_id, user) = (app_id.to_owned(), user.to_owned());
            let guild = self.guild(source);
            guild.bots.insert(app_id);
            guild.members.insert(user);
        }
    }

    fn learn_message(&mut self, t: &str, d: &Value) {
        let place = match t {
            "MESSAGE_DELETE" | "PUBLIC_MESSAGE_DELETE" | "DIRECT_MESSAGE_DELETE" => {
                text(d, "/message/id").map(|id| self.messages.forget(id));
                return;
            }
            "MESSAGE_REACTION_ADD" | "MESSAGE_REACTION_REMOVE" => return self.learn_reaction(t, d),
            "DIRECT_MESSAGE_CREATE" => text(d, "/guild_id"),
            "AT_MESSAGE_CREATE" | "MESSAGE_CREATE" => text(d, "/channel_id"),
            _ => return,
        };
        if let (Some(place), Some(id), Some(author)) =
            (place, text(d, "/id"), text(d, "/author/id"))
        {
            self.note(id, place, author);
        }
    }

    /// Remembers a message, a bot's too.
    pub(crate) fn note(&mut self, id: &str, place: &str, author: &str) {
        self.messages.add(
            id,
            GuildMessage {
                place: place.to_owned(),
                author: author.to_owned(),
                reactions: BTreeMap::new(),
            },
        );
    }

    fn leave(&mut self, app_id: &str, d: &Value) {
        if let Some(guild) = text(d, "/id").and_then(|id| self.guilds.get_mut(id)) {
            guild.bots.remove(app_id);
        }
    }

    fn guild(&mut self, id: &str) -> &mut Guild {
        self.guilds.entry(id.to_owned()).or_default()
    }

    /// The next number in a channel, from 1.
    pub(crate) fn next_seq(&mut self, channel: &str) -> u64 {
        let seq = self.seqs.entry(channel.to_owned()).or_default();
        *seq += 1;
        *seq
    }

    /// Guild of a channel.
    pub(crate) fn guild_of(&self, channel: &str) -> Option<&str> {
        self.channels.get(channel).map(String::as_str)
    }

    pub(crate) fn direct(&self, id: &str) -> Option<&Direct> {
        self.directs.get(id)
    }

    /// Whether the bot is in this guild.
    pub(crate) fn has_bot(&self, guild: &str, app_id: &str) -> bool {
        let guild = self.guilds.get(guild);
        guild.is_some_and(|guild| guild.bots.contains(app_id))
    }

    /// A guild this bot shares with this user.
    pub(crate) fn shared(&self, app_id: &str, user: &str) -> Option<&str> {
        let shared = |guild: &Guild| guild.bots.contains(app_id) && guild.members.contains(user);
        let found = self.guilds.iter().find(|(_, guild)| shared(guild));
        found.map(|(id, _)| id.as_str())
    }

    /// Guilds of a bot in the form of `GET /users/@me/guilds`, by id.
    pub(crate) fn list(&self, app_id: &str, after: &str, limit: usize) -> Vec<Value> {
        let mine = self.guilds.iter().filter(|(id, guild)| {
            guild.bots.contains(app_id) && (after.is_empty() || id.as_str() > after)
        });
        let shown = mine.take(limit).map(|(id, guild)| {
            json!({"id": id, "name": guild.name, "icon": "", "owner_id": "", "owner": false,
                   "member_count": guild.members.len() + guild.bots.len(), "max_members": 1200,
                   "description": "", "joined_at": ""})
        });
        shown.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_show_guilds_and_take_them_away() {
        let mut guilds = Guilds::default();
        let at = json!({"id": "08a", "guild_id": "1", "channel_id": "2", "author": {"id": "3"}});
        guilds.learn("app", "AT_MESSAGE_CREATE", &at);
        assert_eq!(guilds.guild_of("2"), Some("1"));
        assert_eq!(guilds.shared("app", "3"), Some("1"));
        assert!(guilds.messages.find("08a").is_some());
        let gone = json!({"guild_id": "1", "user": {"id": "3"}});
        guilds.learn("app", "GUILD_MEMBER_REMOVE", &gone);
        assert_eq!(guilds.shared("app", "3"), None);
        assert!(guilds.has_bot("1", "app"));
        guilds.learn("app", "GUILD_DELETE", &json!({"id": "1"}));
        assert!(!guilds.has_bot("1", "app"));
    }

    #[test]
    fn a_conversation_is_no_guild() {
        let mut guilds = Guilds::default();
        let dm = json!({"id": "08b", "guild_id": "9", "channel_id": "8", "src_guild_id": "1",
                        "direct_message": true, "author": {"id": "3"}});
        guilds.learn("app", "DIRECT_MESSAGE_CREATE", &dm);
        assert!(!guilds.has_bot("9", "app") && guilds.has_bot("1", "app"));
        assert_eq!(guilds.direct("9").unwrap().user_id, "3");
        assert_eq!(guilds.list("app", "", 10).len(), 1);
    }
}

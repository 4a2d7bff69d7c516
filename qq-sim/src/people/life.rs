//! What happens around messages: people and bots come and go, channels too.
//! See [QQ Docs/频道事件](https://bot.q.qq.com/wiki/develop/api-v2/autogen/event/guild_create.html),
//! its neighbours, and the group pages.

use serde_json::{Value, json};

use crate::people::users::{Group, Stage, User};
use crate::world::clock::timestamp;

/// A guild. From [`crate::Sim::guild`].
#[derive(Clone, Debug)]
pub struct Guild {
    pub(crate) stage: Stage,
    pub(crate) id: String,
}

impl Guild {
    /// Someone adds the bot: `GUILD_CREATE`.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let sim = qq_sim::Sim::start(qq_sim::SimConfig::default()).await?;
    /// sim.guild("18700000000001").adds_bot("1234");
    /// # Ok(())
    /// # }
    /// ```
    pub fn adds_bot(&self, by: &str) {
        self.change("GUILD_CREATE", "a guild", by);
    }

    /// The guild gets another name: `GUILD_UPDATE`.
    pub fn is_renamed(&self, name: &str, by: &str) {
        self.change("GUILD_UPDATE", name, by);
    }

    /// Someone removes the bot, or the guild is dissolved: `GUILD_DELETE`. The bot cannot
    /// write into its channels any more.
    pub fn removes_bot(&self, by: &str) {
        self.change("GUILD_DELETE", "a guild", by);
    }

    /// A text channel is made: `CHANNEL_CREATE`.
    pub fn makes_channel(&self, channel_id: &str, name: &str, by: &str) {
        self.channel("CHANNEL_CREATE", channel_id, name, by);
    }

    /// A channel gets another name: `CHANNEL_UPDATE`.
    pub fn renames_channel(&self, channel_id: &str, name: &str, by: &str) {
        self.channel("CHANNEL_UPDATE", channel_id, name, by);
    }

    /// A channel is deleted: `CHANNEL_DELETE`.
    pub fn deletes_channel(&self, channel_id: &str, by: &str) {
        self.channel("CHANNEL_DELETE", channel_id, "", by);
    }

    /// Someone joins: `GUILD_MEMBER_ADD`.
    pub fn gains_member(&self, user_id: &str) {
        self.member("GUILD_MEMBER_ADD", user_id, "");
    }

    /// A member gets another nick name: `GUILD_MEMBER_UPDATE`.
    pub fn renames_member(&self, user_id: &str, nick: &str) {
        self.member("GUILD_MEMBER_UPDATE", user_id, nick);
    }

    /// A member leaves: `GUILD_MEMBER_REMOVE`.
    pub fn loses_member(&self, user_id: &str) {
        self.member("GUILD_MEMBER_REMOVE", user_id, "");
    }

    fn change(&self, t: &'static str, name: &str, by: &str) {
        let d = json!({"id": self.id, "name": name, "icon": "", "owner_id": by,
                       "member_count": 2, "max_members": 1200, "description": "",
                       "joined_at": self.now(), "op_user_id": by});
        self.stage.event(t, d);
    }

    fn channel(&self, t: &'static str, channel_id: &str, name: &str, by: &str) {
        let d = json!({"id": channel_id, "guild_id": self.id, "name": name, "type": 0,
                       "sub_type": 0, "position": 1, "owner_id": by, "op_user_id": by});
        self.stage.event(t, d);
    }

    fn member(&self, t: &'static str, user_id: &str, nick: &str) {
        let user = json!({"id": user_id, "username": nick, "avatar": "", "bot": false});
        let d = json!({"guild_id": self.id, "joined_at": self.now(), "nick": nick,
                       "op_user_id": user_id, "roles": ["1"], "user": user});
        self.stage.event(t, d);
    }

    fn now(&self) -> String {
        self.stage.hub.with(|world| timestamp(world.clock.now_ms()))
    }
}

impl User {
    /// Adds the bot as a friend by a way that has a number, with the `callback_data` of the
    /// link it was. 1001 is the search, 2003 a link inside QQ.
    pub fn befriends_bot_by(&self, scene: u32, scene_param: &str) {
        let d = json!({"openid": self.openid, "scene": scene, "scene_param": scene_param,
                       "short_code": "", "author": {"union_openid": ""}});
        self.stage.switch("FRIEND_ADD", d);
    }

    /// Uses an entry of the quick menu: `INTERACTION_CREATE`, type 12. Returns the
    /// interaction id.
    pub fn uses_menu(&self, feature_id: &str) -> String {
        self.interacts(12, json!({"feature_id": feature_id}))
    }

    /// Clears the conversation: `INTERACTION_CREATE`, type 14, which needs no
    /// acknowledgement. Returns the interaction id.
    pub fn clears_conversation(&self) -> String {
        self.interacts(14, json!({}))
    }

    fn interacts(&self, kind: u8, resolved: Value) -> String {
        let place = json!({"user_openid": self.openid, "type": kind,
                           "data": {"type": kind, "resolved": resolved}});
        self.stage
            .play(|factory, bot| factory.click(bot, place, "", ""))
    }
}

impl Group {
    /// Someone joins the group: `GROUP_MEMBER_ADD`.
    pub fn gains_member(&self, member: &str) {
        self.member_event("GROUP_MEMBER_ADD", member);
    }

    /// Someone leaves the group: `GROUP_MEMBER_REMOVE`.
    pub fn loses_member(&self, member: &str) {
        self.member_event("GROUP_MEMBER_REMOVE", member);
    }

    fn member_event(&self, t: &'static str, member: &str) {
        let d = json!({"group_openid": self.openid, "member_openid": member,
                       "user_openid": ""});
        self.stage.switch(t, d);
    }
}

//! The people on the other side: users and group members who write, click and switch.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::people::draft::Draft;
use crate::people::events::{Event, EventFactory};
use crate::rules::config::Bot;
use crate::rules::scene::Scene;
use crate::server::hub::Hub;
use crate::world::World;
use crate::world::chats::Peer;

/// A bot as seen by its users.
#[derive(Clone, Debug)]
pub(crate) struct Stage {
    pub(crate) hub: Arc<Hub>,
    pub(crate) bot: Bot,
}

impl Stage {
    /// Builds an event and dispatches it; returns its own id.
    pub(crate) fn play(&self, build: impl FnOnce(&mut EventFactory<'_>, &Bot) -> Event) -> String {
        self.hub.change(|world| self.play_in(world, build))
    }

    /// As [`Stage::play`], for whoever holds the world already.
    pub(crate) fn play_in(
        &self,
        world: &mut World,
        build: impl FnOnce(&mut EventFactory<'_>, &Bot) -> Event,
    ) -> String {
        let Event { id, t, d, own_id } = build(&mut EventFactory(world), &self.bot);
        world.publish(&self.bot.app_id, t, &id, d);
        own_id
    }

    /// A chat of this bot.
    pub(crate) fn peer(&self, scene: Scene, id: &str) -> Peer {
        Peer {
            app_id: self.bot.app_id.clone(),
            scene,
            openid: id.to_owned(),
        }
    }

    /// Dispatches an event that names its own time.
    pub(crate) fn event(&self, t: &'static str, d: Value) {
        self.play(|factory, _| factory.event(t, d, String::new()));
    }

    pub(crate) fn switch(&self, t: &'static str, d: Value) {
        self.play(|factory, _| factory.life_cycle(t, d));
    }
}

/// A user in a one-to-one chat with the bot. From [`crate::Sim::user`].
#[derive(Clone, Debug)]
pub struct User {
    pub(crate) stage: Stage,
    pub(crate) openid: String,
}

impl User {
    /// This user's openid.
    #[must_use]
    pub fn openid(&self) -> &str {
        &self.openid
    }

    /// Writes a text; returns the message id.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let sim = qq_sim::Sim::start(qq_sim::SimConfig::default()).await?;
    /// let id = sim.user("E4F4AEA33253A2797FB897C50B81D7ED").says("hi");
    /// assert!(id.starts_with("ROBOT1.0_"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn says(&self, text: &str) -> String {
        self.sends(&Draft::text(text))
    }

    /// Sends anything; returns the message id.
    ///
    /// ```
    /// # use qq_sim::{Draft, Sim, SimConfig};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let sim = Sim::start(SimConfig::default()).await?;
    /// sim.user("U").sends(&Draft::text("").voice("https://example.org/v", 3412, "hello"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn sends(&self, draft: &Draft) -> String {
        self.stage
            .play(|factory, _| factory.c2c(&self.openid, draft))
    }

    /// Adds the bot as a friend: `FRIEND_ADD`.
    pub fn befriends_bot(&self) {
        let d = json!({"openid": self.openid, "scene": 1000, "scene_param": "", "short_code": "",
                       "author": {"union_openid": ""}});
        self.stage.switch("FRIEND_ADD", d);
    }

    /// Removes the bot: `FRIEND_DEL`. The bot cannot write to them any more.
    pub fn unfriends_bot(&self) {
        let d = json!({"openid": self.openid, "author": {"union_openid": ""}});
        self.stage.switch("FRIEND_DEL", d);
    }

    /// Switches proactive messages on: `C2C_MSG_RECEIVE`.
    pub fn allows_proactive(&self) {
        self.stage
            .switch("C2C_MSG_RECEIVE", json!({"openid": self.openid}));
    }

    /// Switches proactive messages off: `C2C_MSG_REJECT`.
    pub fn refuses_proactive(&self) {
        self.stage
            .switch("C2C_MSG_REJECT", json!({"openid": self.openid}));
    }
}

/// A QQ group. From [`crate::Sim::group`].
#[derive(Clone, Debug)]
pub struct Group {
    pub(crate) stage: Stage,
    pub(crate) openid: String,
}

impl Group {
    /// This group's openid.
    #[must_use]
    pub fn openid(&self) -> &str {
        &self.openid
    }

    /// A member.
    #[must_use]
    pub fn member(&self, openid: &str) -> Member {
        Member {
            group: self.clone(),
            openid: openid.to_owned(),
            is_admin: false,
        }
    }

    /// Someone adds the bot: `GROUP_ADD_ROBOT`.
    pub fn adds_bot(&self, by: &str) {
        self.switch("GROUP_ADD_ROBOT", by);
    }

    /// Someone removes the bot: `GROUP_DEL_ROBOT`.
    pub fn removes_bot(&self, by: &str) {
        self.switch("GROUP_DEL_ROBOT", by);
    }

    /// An admin switches proactive messages on: `GROUP_MSG_RECEIVE`.
    pub fn allows_proactive(&self, by: &str) {
        self.switch("GROUP_MSG_RECEIVE", by);
    }

    /// An admin switches proactive messages off: `GROUP_MSG_REJECT`.
    pub fn refuses_proactive(&self, by: &str) {
        self.switch("GROUP_MSG_REJECT", by);
    }

    fn switch(&self, t: &'static str, by: &str) {
        self.stage.switch(
            t,
            json!({"group_openid": self.openid, "op_member_openid": by}),
        );
    }
}

/// A member of a group. From [`Group::member`].
#[derive(Clone, Debug)]
pub struct Member {
    pub(crate) group: Group,
    pub(crate) openid: String,
    pub(crate) is_admin: bool,
}

impl Member {
    /// The same member as an admin of the group.
    #[must_use]
    pub fn as_admin(mut self) -> Self {
        self.is_admin = true;
        self
    }

    /// Mentions the bot: `GROUP_AT_MESSAGE_CREATE`. Returns the message id.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let sim = qq_sim::Sim::start(qq_sim::SimConfig::default()).await?;
    /// sim.group("G").member("M").mentions_bot("/weather");
    /// # Ok(())
    /// # }
    /// ```
    pub fn mentions_bot(&self, text: &str) -> String {
        self.sends(&Draft::text(text).mentioning_bot())
    }

    /// Writes to the group without a mention: `GROUP_MESSAGE_CREATE`, as in a group
    /// that gives the bot every message. Returns the message id.
    pub fn says(&self, text: &str) -> String {
        self.sends_full(&Draft::text(text))
    }

    /// Sends anything: an AT event if the draft mentions the bot, else a full one.
    pub fn sends(&self, draft: &Draft) -> String {
        self.send(draft, !draft.mentions_bot())
    }

    /// Sends anything as `GROUP_MESSAGE_CREATE`, a mention included.
    pub fn sends_full(&self, draft: &Draft) -> String {
        self.send(draft, true)
    }

    /// Mentions the bot in a group that gives it every message, on a day when the
    /// platform sends both forms: `GROUP_AT_MESSAGE_CREATE`, then `GROUP_MESSAGE_CREATE`
    /// with the same id. Returns that id.
    pub fn sends_both(&self, draft: &Draft) -> String {
        let (stage, draft) = (&self.group.stage, self.own(draft).mentioning_bot());
        let (group, bot) = (&self.group.openid, &stage.bot);
        stage.hub.change(|world| {
            let events = EventFactory(world).group_both(bot, group, &self.openid, &draft);
            let [id, _] = events.map(|Event { id, t, d, own_id }| {
                world.publish(&bot.app_id, t, &id, d);
                own_id
            });
            id
        })
    }

    fn send(&self, draft: &Draft, full: bool) -> String {
        let (group, draft) = (&self.group, self.own(draft));
        group
            .stage
            .play(|factory, bot| factory.group(bot, &group.openid, &self.openid, &draft, full))
    }

    /// A draft with the role of this member, unless it has one.
    fn own(&self, draft: &Draft) -> Draft {
        let draft = draft.clone();
        if self.is_admin {
            draft.role("admin")
        } else {
            draft
        }
    }
}

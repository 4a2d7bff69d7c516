//! What lasts until somebody decides otherwise: states of chats, pending audits.

use crate::people::guilds::{Channel, GuildDm};
use crate::people::users::{Group, Stage, User};
use crate::rules::condition::Condition;
use crate::rules::scene::Scene;

impl Stage {
    pub(crate) fn set(&self, scene: Scene, id: &str, condition: Condition, on: bool) {
        let peer = self.peer(scene, id);
        self.hub
            .with(|world| world.set_condition(peer, condition, on));
    }
}

impl User {
    /// Puts this chat into a state, or lifts it.
    ///
    /// ```
    /// # use qq_sim::{Condition, Sim, SimConfig};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let sim = Sim::start(SimConfig::default()).await?;
    /// sim.user("U").set(Condition::NoMarkdown, true);
    /// # Ok(())
    /// # }
    /// ```
    pub fn set(&self, condition: Condition, on: bool) {
        self.stage.set(Scene::C2c, &self.openid, condition, on);
    }
}

impl Group {
    /// Puts this group into a state, or lifts it.
    pub fn set(&self, condition: Condition, on: bool) {
        self.stage.set(Scene::Group, &self.openid, condition, on);
    }
}

impl Channel {
    /// Puts this channel into a state, or lifts it.
    pub fn set(&self, condition: Condition, on: bool) {
        self.stage.set(Scene::Channel, &self.id, condition, on);
    }
}

impl GuildDm {
    /// Puts this conversation into a state, or lifts it.
    pub fn set(&self, condition: Condition, on: bool) {
        self.stage.set(Scene::Dm, &self.id, condition, on);
    }
}

//! What lasts until somebody decides otherwise: states of chats, pending audits.

use crate::people::guilds::{Channel, GuildDm};
use crate::people::users::{Group, Stage, User};
use crate::rules::condition::Condition;
use crate::sim::Sim;
use crate::world::audits::PendingAudit;
use crate::world::ids::Scene;

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

impl Sim {
    /// Messages that wait for an audit, oldest first.
    #[must_use]
    pub fn pending_audits(&self) -> Vec<PendingAudit> {
        self.hub().with(|world| world.audits.clone())
    }

    /// Shows a message that waits for an audit: `MESSAGE_AUDIT_PASS`. `false` if nothing
    /// waits under this id.
    pub fn pass_audit(&self, audit_id: &str) -> bool {
        self.hub()
            .change(|world| world.decide_audit(audit_id, true))
    }

    /// Drops a message that waits for an audit: `MESSAGE_AUDIT_REJECT`. `false` if nothing
    /// waits under this id.
    pub fn reject_audit(&self, audit_id: &str) -> bool {
        self.hub()
            .change(|world| world.decide_audit(audit_id, false))
    }
}

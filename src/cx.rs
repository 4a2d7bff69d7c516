//! What a machine may use of the rest while it deals with one event.

use crate::compose::Renderer;
use crate::config::{Config, Limit, Limits, StreamMode};
use crate::host::Host;
use crate::ledger::Ledger;
use crate::ledger::rates::Rate;
use crate::target::{ReplyTarget, Scene};
use crate::text::tags::Guard;
use crate::token::AccessToken;

/// The world outside, and what all machines share. None of it calls a machine.
#[derive(Debug)]
pub(crate) struct Cx {
    /// The way out.
    pub(crate) host: Host,
    /// Asked for before a request is made, told when it was refused.
    pub(crate) token: AccessToken,
    /// What may be sent where, when and how often.
    pub(crate) ledger: Ledger,
    pub(crate) settings: Settings,
}

impl Cx {
    /// Whether requests can be sent now; if not, sees to it.
    pub(crate) fn has_token(&mut self) -> bool {
        self.token.require(&mut self.host)
    }

    /// How messages look there now.
    pub(crate) fn renderer(&self, scene: Scene) -> Renderer {
        Renderer {
            scene,
            markdown: self.ledger.scenes.has_markdown(scene, &self.host),
            limits: self.settings.limits,
        }
    }

    /// What counts messages to this target, and how many may go there.
    pub(crate) fn rate(&self, target: ReplyTarget<'_>) -> (String, Rate) {
        let limit = match target.scene {
            Scene::C2c => Limit::C2cPerSecond,
            Scene::Group => Limit::GroupPerSecond,
            Scene::Channel => Limit::ChannelPerSecond,
            Scene::GuildDm => Limit::DmPerSecond,
        };
        let name = match target.channel() {
            Some((guild, _)) => format!("guild:{guild}"),
            None => target.to_string(),
        };
        (name, Rate::per_second(self.settings.limits.get(limit)))
    }
}

/// What the configuration says about sending.
#[derive(Debug)]
pub(crate) struct Settings {
    /// REST base, without a slash at its end.
    pub(crate) api: String,
    pub(crate) app_id: String,
    pub(crate) limits: Limits,
    /// Which tags may go out alive.
    pub(crate) guard: Guard,
    /// What users see while an answer is made.
    pub(crate) mode: StreamMode,
    pub(crate) ack_reactions: bool,
}

impl Settings {
    pub(crate) fn of(config: &Config, api: &str) -> Self {
        Self {
            api: api.to_owned(),
            app_id: config.app_id.clone(),
            limits: config.limits,
            guard: config.guard,
            mode: config.stream_mode,
            ack_reactions: config.ack_reactions,
        }
    }
}

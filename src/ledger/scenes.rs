//! Where markup is sent, and where it was refused.
//!
//! Open to every bot in C2C and groups since April 2026; in guilds by invitation
//! (QQ docs, server-inter/message/type/markdown). A refusal holds for all of the
//! bot's chats in that scene, and is believed for a day.

use std::collections::BTreeMap;

use crate::contract::Level;
use crate::host::Host;
use crate::state;
use crate::state::State;
use crate::target::Scene;

const BELIEVED_MS: u64 = 24 * 60 * 60_000;

/// By scene: until when markup is not tried, Unix milliseconds.
#[derive(Debug, Default)]
pub(crate) struct Scenes(BTreeMap<Scene, u64>);

impl Scenes {
    pub(crate) fn load(state: &State) -> Self {
        let until = |scene: Scene| {
            let text = state.text(&key(scene))?;
            Some((scene, text.parse().ok()?))
        };
        Self(Scene::ALL.into_iter().filter_map(until).collect())
    }

    /// Whether markup is tried in this scene.
    pub(crate) fn has_markdown(&self, scene: Scene, host: &Host) -> bool {
        let refused = self
            .0
            .get(&scene)
            .is_some_and(|until| host.now().wall_ms < *until);
        !scene.is_guild() && !refused
    }

    /// The platform refused markup.
    pub(crate) fn refuse_markdown(&mut self, scene: Scene, host: &mut Host) {
        let until_ms = host.now().wall_ms.saturating_add(BELIEVED_MS);
        self.0.insert(scene, until_ms);
        host.put(key(scene), until_ms.to_string().into_bytes());
        host.note(
            Level::Warn,
            format!(
                "markdown was refused for scene {}: replies there go out as plain text for a day. \
                 Ask the bot's owner to request markdown in the console at q.qq.com",
                scene.name()
            ),
        );
    }
}

fn key(scene: Scene) -> String {
    format!("{}{}", state::PLAIN, scene.name())
}

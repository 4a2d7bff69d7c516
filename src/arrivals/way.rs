//! What arrivals may use while they deal with one event.

use crate::config::Config;
use crate::contract::{Action, InboundMessage};
use crate::courtesies::Courtesies;
use crate::cx::Cx;
use crate::ledger::Anchor;
use crate::router::Router;
use crate::target::Scene;

/// The rest of the channel.
pub(crate) struct Way<'a> {
    pub(crate) config: &'a Config,
    /// The bot's id in guilds; empty while unknown.
    pub(crate) bot_id: &'a str,
    pub(crate) router: &'a mut Router,
    pub(crate) cx: &'a mut Cx,
}

impl Way<'_> {
    /// The chat can be answered with this.
    pub(super) fn received(&mut self, target: &str, scene: Scene, anchor: Anchor) {
        self.router.received(target, scene, anchor, self.cx);
    }

    /// Something to ask beside the messages.
    pub(super) fn courtesy(&mut self, ask: impl FnOnce(&mut Courtesies, &mut Cx)) {
        self.router.courtesy(ask, self.cx);
    }

    /// The agent has it from here on.
    pub(super) fn hand_over(&mut self, message: InboundMessage) {
        let ledger = &mut self.cx.ledger;
        ledger.awaits(&message.reply_target, &message.id);
        self.cx.host.act(Action::Deliver(Box::new(message)));
    }

    pub(super) fn count(&mut self, name: &str) {
        self.cx.host.count(name);
    }
}

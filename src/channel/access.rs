//! Messages the agent does not get: the channel answers them itself.

use super::Channel;
use crate::inbound::{Marks, Received};
use crate::ledger::Anchor;

impl Channel {
    /// Answers somebody who may not talk to the bot, or who shows a code.
    pub(super) fn answer(&mut self, received: &Received, marks: Marks) {
        let Received { message, scene, .. } = received;
        let host = &mut self.cx.host;
        let Some(text) = self.access.answer(&self.config, message, marks, host) else {
            return;
        };
        let target = &message.reply_target;
        let cx = &mut self.cx;
        self.router
            .received(target, *scene, Anchor::message(&message.id), cx);
        self.router.say(target, text, cx);
    }
}

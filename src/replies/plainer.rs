//! Cards and buttons that were refused: their content goes out as text.

use std::collections::VecDeque;

use crate::compose::part::{Content, Part};
use crate::compose::prose;
use crate::contract::{Failure, Level};
use crate::cx::Cx;
use crate::platform::Reaction;
use crate::replies::Outbound;
use crate::replies::reply::Reply;
use crate::target::ReplyTarget;

impl Outbound {
    /// Sends the first part without what was refused about it; gives the reply
    /// back when it is something else.
    pub(crate) fn plainer(
        &mut self,
        mut reply: Reply,
        reaction: Reaction,
        failure: &Failure,
        cx: &mut Cx,
    ) -> Option<Reply> {
        let found = self.in_words(&reply, reaction, cx);
        let Some(parts) = found.filter(|parts| !parts.is_empty()) else {
            return Some(reply);
        };
        cx.host.count("cards_as_text");
        cx.host.note_seldom(
            "card",
            Level::Warn,
            &format!("a card or its buttons are sent as text: {failure}"),
        );
        reply.replace_first(parts);
        self.again(reply, &mut cx.host);
        None
    }

    /// A card in words, whatever was wrong with it; a text with its buttons
    /// numbered.
    fn in_words(&self, reply: &Reply, reaction: Reaction, cx: &Cx) -> Option<VecDeque<Part>> {
        let first = reply.parts.front()?;
        let scene = ReplyTarget::parse(&reply.target)?.scene;
        let ways = cx.ways(scene);
        match (&first.content, reaction) {
            (
                Content::Card(card),
                Reaction::DropCard
                | Reaction::DropKeyboard
                | Reaction::Report
                | Reaction::Split
                | Reaction::MaskUrls
                | Reaction::SendPlain,
            ) => Some(ways.in_words(card)),
            (_, Reaction::DropKeyboard) => prose::without_buttons(first, &cx.settings.limits),
            _ => None,
        }
    }
}

//! Cards and buttons that were refused: their content goes out as text.

use std::collections::VecDeque;

use crate::compose::part::{Content, Part};
use crate::compose::rewrite;
use crate::contract::{Failure, Level};
use crate::cx::Cx;
use crate::platform::Reaction;
use crate::replies::reply::Reply;
use crate::target::ReplyTarget;

/// The first part without what was refused about it; absent when it is something
/// else.
pub(super) fn parts(
    reply: &Reply,
    reaction: Reaction,
    failure: &Failure,
    cx: &mut Cx,
) -> Option<VecDeque<Part>> {
    let parts = in_words(reply, reaction, cx).filter(|parts| !parts.is_empty())?;
    cx.host.count("cards_as_text");
    let text = format!("a card or its buttons are sent as text: {failure}");
    cx.host.note_seldom("card", Level::Warn, &text);
    Some(parts)
}

/// A card in words, whatever was wrong with it; a text with its buttons
/// numbered.
fn in_words(reply: &Reply, reaction: Reaction, cx: &Cx) -> Option<VecDeque<Part>> {
    let first = reply.parts.front()?;
    let scene = ReplyTarget::parse(&reply.target)?.scene;
    let renderer = cx.renderer(scene);
    match (&first.content, reaction) {
        (
            Content::Card(card),
            Reaction::DropCard
            | Reaction::DropKeyboard
            | Reaction::Report
            | Reaction::Split
            | Reaction::MaskUrls
            | Reaction::SendPlain,
        ) => Some(renderer.in_words(card)),
        (_, Reaction::DropKeyboard) => rewrite::without_buttons(first, &cx.settings.limits),
        _ => None,
    }
}

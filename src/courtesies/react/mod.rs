//! Reactions to messages. Only guild channels have them.
//!
//! See QQ docs, server-inter/channel/message/reaction.

mod acks;
mod emoji;
mod marks;

use emoji::Emoji;
pub(crate) use marks::{Acks, Step};

use crate::compose::check;
use crate::contract::{Failure, FailureKind, Reaction};
use crate::cx::Settings;
use crate::requests::build;
use crate::target::{ReplyTarget, Scene};

/// Where the reaction that is asked for is put and taken off.
pub(super) fn reaction_url(reaction: &Reaction, settings: &Settings) -> Result<String, Failure> {
    if check::check_recipient(&reaction.recipient, &settings.app_id)? != Scene::Channel {
        let what = "QQ has reactions in guild channels only";
        return Err(Failure::new(FailureKind::Unsupported, what).remedy("Say it in a message."));
    }
    let emoji = Emoji::named(&reaction.emoji).ok_or_else(|| {
        Failure::new(FailureKind::Invalid, "this is not an emoji QQ reacts with")
            .remedy("Use an emoji of one code point, or the number or name of one of QQ's faces.")
    })?;
    let url = url(
        &settings.api,
        &reaction.recipient,
        &reaction.message_id,
        emoji,
    );
    url.ok_or_else(|| {
        Failure::new(FailureKind::Invalid, "there is no such message")
            .remedy("Use the id of a message this channel delivered.")
    })
}

/// Where a reaction is put and taken off; absent without a message.
fn url(api: &str, target: &str, message_id: &str, emoji: Emoji) -> Option<String> {
    let messages = build::url(api, ReplyTarget::parse(target)?, None)?;
    let Emoji { kind, id } = emoji;
    let message = build::percent_encode(message_id);
    (!message.is_empty()).then(|| format!("{messages}/{message}/reactions/{kind}/{id}"))
}

//! Where replies come from.

use std::collections::VecDeque;

use crate::compose::check;
use crate::compose::part::{Content, Part};
use crate::contract::{Action, AttachmentLocation, Failure, Id, OutboundMessage};
use crate::cx::Cx;
use crate::host::Host;
use crate::replies::life;
use crate::replies::origin::Origin;
use crate::replies::owner::Owner;
use crate::replies::reply::Reply;
use crate::requests::until::Until;
use crate::streams::Finished;

impl Reply {
    /// What the command `send` asks, to be answered by then. Absent: it cannot be
    /// sent at all, and was answered so.
    pub(super) fn of_command(
        command: Id,
        deadline: Until,
        message: OutboundMessage,
        cx: &mut Cx,
    ) -> Option<Self> {
        let scene = match check::check(&message, &cx.settings.app_id) {
            Ok(scene) => scene,
            Err(failure) => {
                refuse(command, &message, failure, &mut cx.host);
                return None;
            }
        };
        let (recipient, reply_to) = (message.recipient.clone(), message.reply_to.clone());
        let quote = message.quote.clone();
        let (parts, trouble) = cx.renderer(scene).parts(message, &mut cx.host);
        let life = life::of_reply(&cx.host);
        let mut reply = Self::new(Origin::Command(command), recipient, parts, life);
        (reply.deadline, reply.reply_to) = (Some(deadline), reply_to);
        (reply.quote, reply.trouble) = (quote, trouble);
        Some(reply)
    }

    /// The channel's own words, the `n`th of them.
    pub(super) fn of_words(n: u64, target: &str, text: String, host: &Host) -> Self {
        let parts = [Part::new(Content::Text(text))].into();
        let life = life::of_own_words(host);
        Self::new(Origin::Own(n), target.to_owned(), parts, life)
    }

    /// What was kept for a chat, and who is told what becomes of it.
    pub(super) fn of_kept(
        n: u64,
        target: &str,
        (parts, owners): (VecDeque<Part>, Vec<Owner>),
        host: &Host,
    ) -> Self {
        let life = life::of_reply(host);
        let mut reply = Self::new(Origin::Kept(n), target.to_owned(), parts, life);
        reply.owners = owners;
        reply
    }

    /// What a stream does not show. Absent: it shows all, and its command was told
    /// so.
    pub(super) fn behind(finished: Finished, host: &mut Host) -> Option<Self> {
        let (origin, life) = (Origin::Command(finished.command), life::of_reply(host));
        let mut reply = Self::new(origin, finished.target, finished.rest, life);
        reply.deadline = Some(finished.deadline);
        reply.follow(finished.id, finished.how);
        if reply.parts.is_empty() {
            reply.finish(host);
            return None;
        }
        reply.reply_to = finished.reply_to;
        reply.save(host);
        Some(reply)
    }
}

/// Answers a `send` that is not even tried; the host need not hold its files.
pub(crate) fn refuse(command: Id, message: &OutboundMessage, failure: Failure, host: &mut Host) {
    for attachment in &message.attachments {
        if let AttachmentLocation::Blob(blob) = attachment.location {
            host.act(Action::DropBlob(blob));
        }
    }
    host.complete(command, Err(failure));
}

//! One reply on its way, stored until it is done.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::ledger::Anchor;
use super::media::{self, Media};
use crate::contract::{Card, Delivery, Failure, Keyboard, Receipt, Token as Id};
use crate::host::Host;
use crate::state::{self, State};
use crate::wire;

/// Which attempt at a part is under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Attempt {
    #[default]
    First,
    /// The same again, with the same sequence number: it may have arrived.
    Repeated,
    /// With another sequence number.
    Renumbered,
}

/// What one message of a reply holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Content {
    Text(String),
    Markdown(String),
    Media(Box<Media>),
    /// An embed or an ark.
    Card(Box<Card>),
}

/// One message of a reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Part {
    pub(super) content: Content,
    /// Its addresses were made unclickable.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) masked: bool,
    /// Buttons under its markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) keyboard: Option<Keyboard>,
}

impl Part {
    pub(super) const fn new(content: Content) -> Self {
        Self {
            content,
            masked: false,
            keyboard: None,
        }
    }

    /// What it says; of a file its caption.
    pub(super) fn text(&self) -> &str {
        match &self.content {
            Content::Text(text) | Content::Markdown(text) => text,
            Content::Media(media) => &media.caption,
            Content::Card(_) => "",
        }
    }

    pub(super) fn media(&self) -> Option<&Media> {
        match &self.content {
            Content::Media(media) => Some(media),
            _ => None,
        }
    }

    pub(super) fn media_mut(&mut self) -> Option<&mut Media> {
        match &mut self.content {
            Content::Media(media) => Some(media),
            _ => None,
        }
    }
}

/// Whose reply it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Origin {
    /// Of a command, which is completed exactly once.
    Command(Id),
    /// The channel's own words.
    Own(u64),
    /// Kept from an earlier reply.
    Kept(u64),
}

impl Origin {
    /// What sorts replies as they came, as far as it is known: kept text goes
    /// before the answer to the message that brought it.
    pub(super) const fn order(self) -> (bool, u64) {
        match self {
            Self::Own(n) | Self::Kept(n) => (false, n),
            Self::Command(id) => (true, id),
        }
    }
}

/// A reply: messages that go to one chat one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Reply {
    pub(super) origin: Origin,
    /// Reply target.
    pub(super) target: String,
    /// Id of the message to answer, if the command named one.
    pub(super) reply_to: Option<String>,
    /// What the platform calls the message that the first part quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) quote: Option<String>,
    /// What is left to send; the first is under way.
    pub(super) parts: VecDeque<Part>,
    /// Platform ids of what was sent.
    #[serde(default)]
    ids: Vec<String>,
    /// How it was sent so far.
    #[serde(default)]
    how: Option<Delivery>,
    /// Numbers of the parts that were sent.
    #[serde(default)]
    spent: Vec<Anchor>,
    /// Why something of it was left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) trouble: Option<Failure>,
    /// What the part under way answers; absent if nothing.
    pub(super) anchor: Option<Anchor>,
    /// The request of the part under way.
    pub(super) request: Option<Id>,
    #[serde(default)]
    pub(super) attempt: Attempt,
    /// The access token was refreshed for this part; that happens once.
    #[serde(default)]
    pub(super) refreshed: bool,
    /// Repetitions of this part.
    #[serde(skip)]
    pub(super) repeats: u32,
    /// Not to be tried before, monotonic milliseconds.
    #[serde(skip)]
    pub(super) not_before_ms: u64,
    /// Generation of the token the request shows.
    #[serde(skip)]
    pub(super) generation: u64,
    /// Monotonic milliseconds; the host answers for the channel after that.
    pub(super) deadline_ms: u64,
}

impl Reply {
    /// A reply that has not been tried.
    pub(super) const fn new(
        origin: Origin,
        target: String,
        parts: VecDeque<Part>,
        deadline_ms: u64,
    ) -> Self {
        Self {
            origin,
            target,
            reply_to: None,
            quote: None,
            parts,
            ids: Vec::new(),
            how: None,
            spent: Vec::new(),
            trouble: None,
            anchor: None,
            request: None,
            attempt: Attempt::First,
            refreshed: false,
            repeats: 0,
            not_before_ms: 0,
            generation: 0,
            deadline_ms,
        }
    }

    /// It goes on where another message ended.
    pub(super) fn follow(&mut self, id: Option<String>, how: Delivery) {
        self.ids.extend(id);
        self.how = Some(how);
    }

    pub(super) const fn command(&self) -> Option<Id> {
        match self.origin {
            Origin::Command(id) => Some(id),
            Origin::Own(_) | Origin::Kept(_) => None,
        }
    }

    /// Every number it may have used.
    pub(super) fn numbers(&self) -> impl Iterator<Item = &Anchor> {
        self.spent.iter().chain(&self.anchor)
    }

    /// Bytes of text it holds.
    pub(super) fn bytes(&self) -> usize {
        self.parts.iter().map(|part| part.text().len()).sum()
    }

    fn key(&self) -> String {
        match self.origin {
            Origin::Command(id) => format!("{}{id}", state::SEND),
            Origin::Own(n) | Origin::Kept(n) => format!("{}own/{n}", state::SEND),
        }
    }

    /// Stores it as it is.
    pub(super) fn save(&self, host: &mut Host) {
        host.put(self.key(), state::encode(self));
    }

    /// Forgets the stored one without a word.
    pub(super) fn forget(mut self, host: &mut Host) {
        host.remove(self.key());
        self.drop_parts(host);
    }

    /// Its parts are not needed any more, nor what the host holds for them.
    fn drop_parts(&mut self, host: &mut Host) {
        while let Some(part) = self.parts.pop_front() {
            self.drop_part(&part, host);
        }
    }

    fn drop_part(&self, part: &Part, host: &mut Host) {
        media::drop_blob(part.media().and_then(Media::blob), self, host);
    }

    /// The part under way is tried again, in another way.
    pub(super) const fn start_over(&mut self) {
        self.request = None;
        self.attempt = Attempt::First;
    }

    /// The part under way needs another message to answer.
    pub(super) fn detach(&mut self) {
        self.start_over();
        self.anchor = None;
    }

    /// The part under way is sent; whether that was the last one.
    pub(super) fn advance(&mut self, id: Option<String>, how: Delivery, host: &mut Host) -> bool {
        if let Some(part) = self.parts.pop_front() {
            self.drop_part(&part, host);
        }
        self.quote = None;
        self.ids.extend(id);
        self.how = Some(self.how.map_or(how, |before| worse(before, how)));
        self.spent.extend(self.anchor.take());
        self.start_over();
        self.refreshed = false;
        self.repeats = 0;
        self.parts.is_empty()
    }

    /// What is left was kept for later.
    pub(super) const fn defer(&mut self) {
        self.how = Some(Delivery::Deferred);
    }

    /// Done: forgets the stored one and answers the command.
    pub(super) fn finish(self, host: &mut Host) {
        host.remove(self.key());
        let Some(command) = self.command() else {
            return;
        };
        let outcome = match self.trouble {
            None => Ok(Receipt {
                how: self.how.unwrap_or(Delivery::Nothing),
                message_ids: self.ids,
            }),
            Some(trouble) => Err(Failure {
                message: format!("all but a file was sent: {}", trouble.message),
                ..trouble
            }),
        };
        host.complete(command, outcome);
    }

    /// It cannot be sent, or not to the end.
    pub(super) fn fail(mut self, mut failure: Failure, host: &mut Host) {
        host.remove(self.key());
        host.count("sends_failed");
        let left = self.parts.len();
        self.drop_parts(host);
        let Some(command) = self.command() else {
            return;
        };
        let sent = self.spent.len().max(self.ids.len());
        if sent > 0 {
            let all = sent + left;
            failure.message = format!(
                "only {sent} of {all} messages were sent: {}",
                failure.message
            );
        }
        host.complete(command, Err(failure));
    }
}

/// What to say of two messages sent in different ways.
const fn worse(a: Delivery, b: Delivery) -> Delivery {
    const fn rank(how: Delivery) -> u8 {
        match how {
            Delivery::Nothing => 0,
            Delivery::Duplicate => 1,
            Delivery::Passive => 2,
            Delivery::Proactive => 3,
            Delivery::PendingAudit => 4,
            Delivery::Deferred => 5,
        }
    }
    if rank(a) > rank(b) { a } else { b }
}

/// The stored replies; what cannot be read is removed.
pub(super) fn load(state: &State, host: &mut Host) -> Vec<Reply> {
    let mut replies = Vec::new();
    for (name, value) in state.under(state::SEND) {
        match wire::read::<Reply>(value).filter(|reply| !reply.parts.is_empty()) {
            Some(reply) => replies.push(reply),
            None => host.remove(format!("{}{name}", state::SEND)),
        }
    }
    replies
}

//! The key-value map the host keeps for the channel: keys and encoding.
//!
//! | key | value |
//! |---|---|
//! | `version` | state version, decimal |
//! | `token` | JSON: whose token the host holds, and when it expires |
//! | `token_pause` | JSON: until when the token endpoint is left alone, as it said |
//! | `hosts` | JSON: until when the older hosts are used; absent while the current ones are |
//! | `gateway` | JSON: gateway URL, and the base it was learned from |
//! | `budget` | JSON: Identifies spent by hour, and what the platform said is left |
//! | `grant` | JSON: which of the wanted intents are permitted, and for how long to believe it |
//! | `session` | JSON: session id, what it was made for, the socket it lives on |
//! | `seq` | last sequence number, decimal |
//! | `seen/NNNN` | one slot of the ring of delivered messages, 32 bytes |
//! | `open/<n>` | JSON: a message that can still be answered |
//! | `chat/<reply target>` | JSON: what else is known of a chat |
//! | `send/<command>`, `send/own/<n>` | JSON: a send that is not done |
//! | `draft/<command>` | JSON: a draft that is not done |
//! | `ack/<message id>` | JSON: reactions that confirm receipt |
//! | `kept/<reply target>` | JSON: text kept until the chat writes again |
//! | `media/<app id>/<scene>/<kind>/<sha256>` | JSON: a file the platform has, and until when |
//! | `plain/<scene>` | Unix milliseconds, decimal: until when markup is not tried there |
//! | `audit/<audit id>` | JSON: a message moderators decide about |
//! | `heard/NNN`, `said/NNN` | JSON: one slot of the rings of quotable messages, of others and of the bot |
//! | `own` | JSON: the ids by which groups know the bot |
//! | `clicks` | presses of buttons that were acknowledged, 8 bytes each |
//! | `guild/<id>`, `channel/<id>` | JSON: what it is called |
//! | `dm_pushed` | JSON: unasked messages of the day to guild conversations |
//! | `bound/<app id>:<openid>` | JSON: a user who was let in, and how |
//! | `code` | JSON: the code with which somebody can let themselves in |
//! | `guess/<openid>` | JSON: wrong codes of a sender, and until when they count |
//! | `stranger/<openid>` | JSON: somebody who was turned away, and when they were told |
//! | `handled/NNNN` | as `seen/NNNN`, of messages that were not for the agent |

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::contract::StateEntry;
use crate::wire;

/// Version this code writes, and the only one it accepts.
pub(crate) const STATE_VERSION: u32 = 2;

/// Key of the state version.
pub(crate) const VERSION: &str = "version";
/// Key of the access token's expiry.
pub(crate) const TOKEN: &str = "token";
/// Key of the token endpoint's pause.
pub(crate) const TOKEN_PAUSE: &str = "token_pause";
/// Key of the gateway URL.
pub(crate) const GATEWAY: &str = "gateway";
/// Key of the hosts in use.
pub(crate) const HOSTS: &str = "hosts";
/// Key of what is known about the permitted intents.
pub(crate) const GRANT: &str = "grant";
/// Key of the budget of Identifies.
pub(crate) const BUDGET: &str = "budget";
/// Key of the gateway session.
pub(crate) const SESSION: &str = "session";
/// Key of the last sequence number.
pub(crate) const SEQ: &str = "seq";
/// Prefix of the ring of delivered messages.
pub(crate) const SEEN: &str = "seen/";
/// Prefix of what can still be answered.
pub(crate) const OPEN: &str = "open/";
/// Prefix of what is known of chats.
pub(crate) const CHAT: &str = "chat/";
/// Prefix of the sends that are not done.
pub(crate) const SEND: &str = "send/";
/// Prefix of the drafts that are not done.
pub(crate) const DRAFT: &str = "draft/";
/// Prefix of the messages that carry a reaction.
pub(crate) const ACK: &str = "ack/";
/// Prefix of the text kept until its chat writes again.
pub(crate) const KEPT: &str = "kept/";
/// Prefix of the files the platform has.
pub(crate) const MEDIA: &str = "media/";
/// Prefix of the scenes where markup was refused.
pub(crate) const PLAIN: &str = "plain/";
/// Prefix of what moderators decide about.
pub(crate) const AUDIT: &str = "audit/";
/// Prefix of the ring of others' messages a quote may name.
pub(crate) const HEARD: &str = "heard/";
/// Key of the bot's ids in groups.
pub(crate) const OWN: &str = "own";
/// Prefix of the ring of the bot's messages a quote may name.
pub(crate) const SAID: &str = "said/";
/// Key of the presses that were acknowledged.
pub(crate) const CLICKS: &str = "clicks";
/// Prefix of what guilds are called.
pub(crate) const GUILD: &str = "guild/";
/// Prefix of what channels are called.
pub(crate) const CHANNEL: &str = "channel/";
/// Key of the day's unasked messages to guild conversations.
pub(crate) const DM_PUSHED: &str = "dm_pushed";

/// Prefix of the users who were let in.
pub(crate) const BOUND: &str = "bound/";
/// Key of the code for pairing.
pub(crate) const CODE: &str = "code";
/// Prefix of the wrong codes, by sender.
pub(crate) const GUESS: &str = "guess/";
/// Prefix of those who were turned away.
pub(crate) const STRANGER: &str = "stranger/";
/// Prefix of the ring of messages that were not for the agent.
pub(crate) const HANDLED: &str = "handled/";

/// What an earlier instance stored.
#[derive(Debug, Default)]
pub(crate) struct State(BTreeMap<String, Vec<u8>>);

impl State {
    /// Takes the entries over: megabytes of them are not held twice. Refuses state
    /// of another version.
    pub(crate) fn new(entries: Vec<StateEntry>) -> Result<Self, String> {
        let entries = entries.into_iter();
        let state = Self(entries.map(|entry| (entry.key, entry.value)).collect());
        match state.text(VERSION) {
            None => Ok(state),
            Some(version) if version == STATE_VERSION.to_string() => Ok(state),
            Some(version) => Err(format!(
                "the stored state has version {version:?}, this channel reads {STATE_VERSION}. \
                 Install the channel version that wrote it, or remove the state of this instance"
            )),
        }
    }

    /// Whether nothing was stored yet.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of `key` as text.
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        std::str::from_utf8(self.0.get(key)?).ok()
    }

    /// The value of `key`; absent ones are empty.
    pub(crate) fn bytes(&self, key: &str) -> &[u8] {
        self.0.get(key).map_or(&[], Vec::as_slice)
    }

    /// The value of `key` as JSON. What cannot be read counts as absent: a
    /// channel that reconnects is better than one that does not start.
    pub(crate) fn json<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        wire::read(self.0.get(key)?)
    }

    /// All values under `prefix`, with the rest of their keys, in key order.
    pub(crate) fn under<'s>(
        &'s self,
        prefix: &'s str,
    ) -> impl Iterator<Item = (&'s str, &'s [u8])> {
        self.0
            .range(prefix.to_owned()..)
            .map_while(move |(key, value)| Some((key.strip_prefix(prefix)?, value.as_slice())))
    }
}

/// JSON of a value made of strings, numbers and lists, which cannot fail.
pub(crate) fn encode(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    fn entry(key: &str, value: &str) -> StateEntry {
        StateEntry {
            key: key.to_owned(),
            value: value.as_bytes().to_vec(),
        }
    }

    #[test]
    fn lists_exactly_what_is_under_a_prefix() {
        let state = State::new(vec![
            entry("send/1", "a"),
            entry("sender", "b"),
            entry("send/2", "c"),
        ])
        .unwrap();
        let found: Vec<_> = state.under("send/").map(|(key, _)| key).collect();
        assert_eq!(found, ["1", "2"]);
    }

    #[test]
    fn refuses_state_of_another_version() {
        assert!(State::new(vec![entry("version", "2")]).is_ok());
        assert!(
            State::new(vec![entry("version", "1")])
                .unwrap_err()
                .contains("remove the state")
        );
    }
}

//! Which messages the agent gets. Policy only.

use crate::config::Config;
use crate::contract::{ChatKind, InboundMessage};

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    /// The agent gets it.
    Admitted,
    /// The channel answers it itself: its sender may not talk to the bot, and
    /// did; or it holds a code, which is not for the agent.
    Kept,
    /// Its sender may not talk to the bot, and did not: it was said in a group
    /// that the bot can read.
    Overheard,
    /// `mention_only`, and it does not address the bot.
    NotMentioned,
}

/// Whether only the two see it.
pub(super) const fn is_private(chat: ChatKind) -> bool {
    matches!(chat, ChatKind::Dm | ChatKind::GuildDm)
}

/// Decides about a message of somebody who may talk to the bot, or may not.
pub(super) fn decide(config: &Config, may_talk: bool, message: &InboundMessage) -> Admission {
    let addressed = is_private(message.chat) || message.mentioned;
    match (may_talk, addressed) {
        (true, false) if config.mention_only => Admission::NotMentioned,
        (true, _) => Admission::Admitted,
        (false, true) => Admission::Kept,
        (false, false) => Admission::Overheard,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::config;
    use crate::inbound::tests::message;

    #[test]
    fn permission_and_mentions_decide() {
        use Admission::{Admitted, Kept, NotMentioned, Overheard};
        use ChatKind::{Dm, Group, GuildDm};
        for (may_talk, mention_only, chat, mentioned, expected) in [
            (true, false, Group, false, Admitted),
            (true, true, Group, false, NotMentioned),
            (true, true, Group, true, Admitted),
            (true, true, Dm, false, Admitted),
            (false, false, Dm, true, Kept),
            (false, false, GuildDm, false, Kept),
            (false, false, Group, true, Kept),
            (false, false, Group, false, Overheard),
            (false, true, Group, false, Overheard),
        ] {
            let config = Config {
                mention_only,
                ..config()
            };
            let message = InboundMessage {
                chat,
                mentioned,
                ..message()
            };
            let decided = decide(&config, may_talk, &message);
            assert_eq!(decided, expected, "{may_talk} {chat:?} {mentioned}");
        }
    }
}

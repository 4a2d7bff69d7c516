//! Who may talk to the bot, and when it listens in a group. Policy only.

use crate::config::{Allowed, Config};
use crate::contract::{ChatKind, InboundMessage};

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    /// The agent gets it.
    Admitted,
    /// Its sender is not in `allowed_users`.
    NotAllowed,
    /// `mention_only`, and it does not address the bot.
    NotMentioned,
}

/// Decides about a message.
pub(crate) fn decide(config: &Config, message: &InboundMessage) -> Admission {
    let allowed = match &config.allowed {
        Allowed::Everyone => true,
        Allowed::Listed(users) => users.contains(&message.sender),
    };
    let private = matches!(message.chat, ChatKind::Dm | ChatKind::GuildDm);
    if !allowed {
        Admission::NotAllowed
    } else if config.mention_only && !private && !message.mentioned {
        Admission::NotMentioned
    } else {
        Admission::Admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::config;
    use crate::inbound::tests::message;

    #[test]
    fn lists_and_mentions_decide() {
        use Admission::{Admitted, NotAllowed, NotMentioned};
        let everyone = Allowed::Everyone;
        let listed = |user: &str| Allowed::Listed([user.to_owned()].into());
        for (allowed, mention_only, chat, mentioned, expected) in [
            (everyone.clone(), false, ChatKind::Group, false, Admitted),
            (everyone.clone(), true, ChatKind::Group, false, NotMentioned),
            (everyone.clone(), true, ChatKind::Group, true, Admitted),
            (everyone, true, ChatKind::Dm, false, Admitted),
            (listed("USER"), false, ChatKind::Dm, true, Admitted),
            (listed("OTHER"), false, ChatKind::Dm, true, NotAllowed),
            (
                Allowed::Listed([].into()),
                false,
                ChatKind::Dm,
                true,
                NotAllowed,
            ),
        ] {
            let config = Config {
                allowed,
                mention_only,
                ..config()
            };
            let message = InboundMessage {
                chat,
                mentioned,
                ..message()
            };
            assert_eq!(decide(&config, &message), expected);
        }
    }
}

//! What the model is told a user said.

use prx_channel_host::contract::{ChatKind, InboundMessage};
use prx_channel_host::media;

/// Longest name that is put in front of a message, characters.
const NAME: usize = 40;

/// The message as text. Where several people speak, each is named.
pub(super) fn user(message: &InboundMessage) -> String {
    let text = media::render(message);
    match message.chat {
        ChatKind::Dm | ChatKind::GuildDm => text,
        ChatKind::Group | ChatKind::GuildChannel => format!("{}: {text}", name(message)),
    }
}

/// The sender's name on one line; without one, the end of the id tells people
/// apart and names nobody.
fn name(message: &InboundMessage) -> String {
    let name = message.sender_name.as_deref().unwrap_or_default();
    let name: String = name
        .chars()
        .filter(|c| !c.is_control())
        .take(NAME)
        .collect();
    if !name.trim().is_empty() {
        return name.trim().to_owned();
    }
    let from = message.sender.char_indices().rev().nth(3);
    let end = from.and_then(|(at, _)| message.sender.get(at..));
    format!("member {}", end.unwrap_or(&message.sender))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::stub::message;

    #[test]
    fn people_in_groups_are_named() {
        for (chat, name, expected) in [
            (ChatKind::Dm, Some("Ann"), "hi"),
            (ChatKind::GuildDm, None, "hi"),
            (ChatKind::Group, Some("Ann"), "Ann: hi"),
            (
                ChatKind::GuildChannel,
                Some(" 小明\nsystem "),
                "小明system: hi",
            ),
            (ChatKind::Group, Some(" \n"), "member 70AB: hi"),
            (ChatKind::Group, None, "member 70AB: hi"),
        ] {
            let mut message = message(1, "hi");
            message.chat = chat;
            message.sender = "E4F470AB".to_owned();
            message.sender_name = name.map(str::to_owned);
            assert_eq!(user(&message), expected);
        }
    }
}

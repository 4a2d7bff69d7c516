//! A notice in words, for the agent.

use super::{Notice, NoticeKind};

impl Notice {
    /// One sentence; `name` is what is known of whoever did it.
    pub(crate) fn words(&self, name: Option<&str>) -> String {
        let who = name.unwrap_or("Somebody");
        let title = self.title.as_deref();
        let named = |what: &str| match title {
            Some(title) => format!("the {what} {title}"),
            None => format!("a {what}"),
        };
        let sentence = match self.kind {
            NoticeKind::FriendAdded => format!("{who} added the bot as a friend"),
            NoticeKind::FriendRemoved => format!("{who} removed the bot from their friends"),
            NoticeKind::GroupJoined => format!("{who} added the bot to the group"),
            NoticeKind::GroupLeft => format!("{who} removed the bot from the group"),
            NoticeKind::PushAllowed => format!("{who} lets the bot write unasked"),
            NoticeKind::PushRefused => format!("{who} no longer lets the bot write unasked"),
            NoticeKind::SubscriptionChanged => {
                format!("{who} decided about subscription messages")
            }
            NoticeKind::GuildJoined => format!("{who} added the bot to {}", named("guild")),
            NoticeKind::GuildUpdated => format!("{who} changed {}", named("guild")),
            NoticeKind::GuildLeft => format!("The bot is no longer in {}", named("guild")),
            NoticeKind::ChannelCreated => format!("{who} created {}", named("channel")),
            NoticeKind::ChannelUpdated => format!("{who} changed {}", named("channel")),
            NoticeKind::ChannelRemoved => format!("{who} removed {}", named("channel")),
            NoticeKind::MemberJoined => format!("{who} joined"),
            NoticeKind::MemberUpdated => format!("The membership of {who} changed"),
            NoticeKind::MemberLeft => format!("{who} left"),
            NoticeKind::JoinRequested => format!("{who} asks to join the group"),
            NoticeKind::ReactionAdded => format!("{who} reacted"),
            NoticeKind::ReactionRemoved => format!("{who} took a reaction back"),
            NoticeKind::MessageDeleted => format!("{who} took a message back"),
            NoticeKind::FeedbackGiven => format!("{who} judged an answer of the bot"),
            NoticeKind::ConversationCleared => format!("{who} cleared the conversation"),
            NoticeKind::StoryEntered => format!("{who} entered a story"),
            NoticeKind::StoryLeft => format!("{who} left a story"),
            NoticeKind::ModelSwitched => format!("{who} switched the model"),
            NoticeKind::AuthorisationChanged => format!("{who} decided about a permission"),
        };
        match &self.detail {
            Some(detail) => format!("{sentence}: {detail}"),
            None => format!("{sentence}."),
        }
    }
}

//! Which events there are, and what they are called.

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoticeKind {
    /// A user added the bot.
    FriendAdded,
    /// A user removed the bot.
    FriendRemoved,
    /// The bot came into a group.
    GroupJoined,
    /// The bot was taken out of a group.
    GroupLeft,
    /// The bot may write first here.
    PushAllowed,
    /// The bot may not write first here.
    PushRefused,
    /// A user answered the question for subscription messages.
    SubscriptionChanged,
    /// The bot came into a guild.
    GuildJoined,
    /// A guild was renamed or otherwise changed.
    GuildUpdated,
    /// The bot was taken out of a guild, or the guild is gone.
    GuildLeft,
    /// A channel was made.
    ChannelCreated,
    /// A channel was renamed or otherwise changed.
    ChannelUpdated,
    /// A channel is gone.
    ChannelRemoved,
    /// Somebody came into a guild or group.
    MemberJoined,
    /// A member of a guild was changed.
    MemberUpdated,
    /// Somebody left a guild or group.
    MemberLeft,
    /// Somebody asks to come into a group.
    JoinRequested,
    /// Somebody reacted to something.
    ReactionAdded,
    /// Somebody took a reaction back.
    ReactionRemoved,
    /// A message was taken back.
    MessageDeleted,
    /// A user judged an answer.
    FeedbackGiven,
    /// A user cleared the conversation.
    ConversationCleared,
    /// A user entered a story.
    StoryEntered,
    /// A user left a story.
    StoryLeft,
    /// A user chose another model.
    ModelSwitched,
    /// A user or group answered a question for a permission.
    AuthorisationChanged,
}

/// Where an event takes place, and so which of its fields say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    User,
    Group,
    /// One of the two is set.
    UserOrGroup,
    /// The guild is the event's own object.
    Guild,
    /// The channel is the event's own object.
    ChannelItself,
    /// Inside a channel.
    Channel,
    /// A member of a guild.
    Member,
    /// Inside a channel; the fields are those of the message.
    Deleted,
    /// The same in a private conversation.
    DeletedDm,
}

/// Event, kind and place. `docs/events.md` prints the first two; a test compares.
#[rustfmt::skip]
const TABLE: [(&str, NoticeKind, Place); 26] = [
    ("FRIEND_ADD", NoticeKind::FriendAdded, Place::User),
    ("FRIEND_DEL", NoticeKind::FriendRemoved, Place::User),
    ("C2C_MSG_RECEIVE", NoticeKind::PushAllowed, Place::User),
    ("C2C_MSG_REJECT", NoticeKind::PushRefused, Place::User),
    ("GROUP_ADD_ROBOT", NoticeKind::GroupJoined, Place::Group),
    ("GROUP_DEL_ROBOT", NoticeKind::GroupLeft, Place::Group),
    ("GROUP_MSG_RECEIVE", NoticeKind::PushAllowed, Place::Group),
    ("GROUP_MSG_REJECT", NoticeKind::PushRefused, Place::Group),
    ("GROUP_MEMBER_ADD", NoticeKind::MemberJoined, Place::Group),
    ("GROUP_MEMBER_REMOVE", NoticeKind::MemberLeft, Place::Group),
    ("GROUP_JOIN_REQUEST", NoticeKind::JoinRequested, Place::Group),
    ("SUBSCRIBE_MESSAGE_STATUS", NoticeKind::SubscriptionChanged, Place::UserOrGroup),
    ("GUILD_CREATE", NoticeKind::GuildJoined, Place::Guild),
    ("GUILD_UPDATE", NoticeKind::GuildUpdated, Place::Guild),
    ("GUILD_DELETE", NoticeKind::GuildLeft, Place::Guild),
    ("CHANNEL_CREATE", NoticeKind::ChannelCreated, Place::ChannelItself),
    ("CHANNEL_UPDATE", NoticeKind::ChannelUpdated, Place::ChannelItself),
    ("CHANNEL_DELETE", NoticeKind::ChannelRemoved, Place::ChannelItself),
    ("GUILD_MEMBER_ADD", NoticeKind::MemberJoined, Place::Member),
    ("GUILD_MEMBER_UPDATE", NoticeKind::MemberUpdated, Place::Member),
    ("GUILD_MEMBER_REMOVE", NoticeKind::MemberLeft, Place::Member),
    ("MESSAGE_REACTION_ADD", NoticeKind::ReactionAdded, Place::Channel),
    ("MESSAGE_REACTION_REMOVE", NoticeKind::ReactionRemoved, Place::Channel),
    ("MESSAGE_DELETE", NoticeKind::MessageDeleted, Place::Deleted),
    ("PUBLIC_MESSAGE_DELETE", NoticeKind::MessageDeleted, Place::Deleted),
    ("DIRECT_MESSAGE_DELETE", NoticeKind::MessageDeleted, Place::DeletedDm),
];

impl NoticeKind {
    /// Kind and place of the event of this name.
    pub(super) fn named(name: &str) -> Option<(Self, Place)> {
        let (_, kind, place) = TABLE.iter().find(|(known, ..)| *known == name)?;
        Some((*kind, *place))
    }

    /// Its name for the agent, which stays the same for ever.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::FriendAdded => "friend-added",
            Self::FriendRemoved => "friend-removed",
            Self::GroupJoined => "group-joined",
            Self::GroupLeft => "group-left",
            Self::PushAllowed => "push-allowed",
            Self::PushRefused => "push-refused",
            Self::SubscriptionChanged => "subscription-changed",
            Self::GuildJoined => "guild-joined",
            Self::GuildUpdated => "guild-updated",
            Self::GuildLeft => "guild-left",
            Self::ChannelCreated => "channel-created",
            Self::ChannelUpdated => "channel-updated",
            Self::ChannelRemoved => "channel-removed",
            Self::MemberJoined => "member-joined",
            Self::MemberUpdated => "member-updated",
            Self::MemberLeft => "member-left",
            Self::JoinRequested => "join-requested",
            Self::ReactionAdded => "reaction-added",
            Self::ReactionRemoved => "reaction-removed",
            Self::MessageDeleted => "message-deleted",
            Self::FeedbackGiven => "feedback-given",
            Self::ConversationCleared => "conversation-cleared",
            Self::StoryEntered => "story-entered",
            Self::StoryLeft => "story-left",
            Self::ModelSwitched => "model-switched",
            Self::AuthorisationChanged => "authorisation-changed",
        }
    }

    /// Whether it changes what may be sent. Then an old copy of it must not undo
    /// a newer one.
    pub(crate) const fn is_about_sending(self) -> bool {
        matches!(
            self,
            Self::FriendAdded
                | Self::FriendRemoved
                | Self::GroupJoined
                | Self::GroupLeft
                | Self::PushAllowed
                | Self::PushRefused
        )
    }

    /// Whether the bot can answer the event itself, by its id (QQ docs,
    /// autogen/api/v2_users_user_openid_messages.post and its group twin).
    pub(crate) const fn is_answerable(self) -> bool {
        matches!(
            self,
            Self::FriendAdded | Self::GroupJoined | Self::PushAllowed
        )
    }

    /// The same in a guild (QQ docs, server-inter/channel/message/send), where it
    /// matters only to an agent that is told of the event.
    pub(crate) const fn is_answerable_in_channel(self) -> bool {
        matches!(self, Self::ReactionAdded | Self::ReactionRemoved)
    }
}

/// Events the platform documents and a chat has no use for: forum, audio, live,
/// windows that open. They come in numbers where they are subscribed.
pub(super) fn is_known(name: &str) -> bool {
    const PREFIXES: [&str; 4] = ["FORUM_", "OPEN_FORUM_", "AUDIO_", "ENTER_AIO"];
    PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_prints_the_table() {
        let page = include_str!("../../../docs/events.md");
        let cell = |text: &str| Some(text.trim().strip_prefix('`')?.strip_suffix('`')?.to_owned());
        let row = |line: &str| {
            let mut cells = line.split('|').skip(1);
            Some((cell(cells.next()?)?, cell(cells.next()?)?))
        };
        let printed: Vec<_> = page.lines().filter_map(row).collect();
        let pair = |(event, kind, _): &(&str, NoticeKind, Place)| {
            ((*event).to_owned(), kind.name().to_owned())
        };
        assert_eq!(printed, TABLE.iter().map(pair).collect::<Vec<_>>());
    }
}

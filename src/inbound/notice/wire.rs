//! The fields of all these events, borrowed from the frame.

use serde::Deserialize;

use super::kind::{NoticeKind, Place};
use crate::inbound::emoji;
use crate::inbound::reading::Person;
use crate::inbound::wire::User;
use crate::wire::{List, Number, Object, Text};

/// `d` of any event that is not a message. They share most names.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Wire<'a> {
    /// Of a guild or channel.
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    pub(super) name: Text<'a>,
    #[serde(borrow)]
    openid: Text<'a>,
    #[serde(borrow)]
    user_openid: Text<'a>,
    #[serde(borrow)]
    group_openid: Text<'a>,
    /// Not documented, but live on messages: the same value.
    #[serde(borrow)]
    group_id: Text<'a>,
    #[serde(borrow)]
    op_member_openid: Text<'a>,
    #[serde(borrow)]
    member_openid: Text<'a>,
    #[serde(borrow)]
    username: Text<'a>,
    #[serde(borrow)]
    nick: Text<'a>,
    #[serde(borrow)]
    guild_id: Text<'a>,
    #[serde(borrow)]
    channel_id: Text<'a>,
    #[serde(borrow)]
    op_user_id: Text<'a>,
    #[serde(borrow)]
    user_id: Text<'a>,
    #[serde(borrow)]
    user: Object<User<'a>>,
    #[serde(borrow)]
    op_user: Object<User<'a>>,
    #[serde(borrow)]
    message: Object<Deleted<'a>>,
    #[serde(borrow)]
    emoji: Object<Emoji<'a>>,
    #[serde(borrow)]
    target: Object<Target<'a>>,
    #[serde(borrow)]
    verify_info: Object<Verify<'a>>,
    result: List<Object<Subscription>>,
    #[serde(borrow)]
    scene_param: Text<'a>,
    #[serde(borrow)]
    timestamp: Text<'a>,
    #[serde(borrow)]
    apply_at: Text<'a>,
    #[serde(borrow)]
    pub(super) audit_id: Text<'a>,
    #[serde(borrow)]
    pub(super) message_id: Text<'a>,
}

/// A message that was taken back.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Deleted<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    guild_id: Text<'a>,
    #[serde(borrow)]
    channel_id: Text<'a>,
    #[serde(borrow)]
    author: Object<User<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Emoji<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    /// 1 the platform's own, 2 Unicode.
    r#type: Number,
}

impl Emoji<'_> {
    fn words(&self) -> String {
        emoji::words(&self.id.0, self.r#type.0 == Some(2))
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Target<'a> {
    #[serde(borrow)]
    id: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Verify<'a> {
    #[serde(borrow)]
    verify_message: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Subscription {
    /// 1 allowed, 2 refused.
    op: Number,
}

impl Wire<'_> {
    /// The group it is about.
    pub(super) fn group(&self) -> Option<&str> {
        self.group_openid.peer().or_else(|| self.group_id.peer())
    }

    /// The user of a private conversation.
    pub(super) fn user(&self) -> Option<&str> {
        self.openid.peer().or_else(|| self.user_openid.peer())
    }

    pub(super) fn guild_and_channel(&self, place: Place) -> (Option<&str>, Option<&str>) {
        match place {
            Place::Guild => (self.id.peer(), None),
            Place::ChannelItself => (self.guild_id.peer(), self.id.peer()),
            Place::Deleted | Place::DeletedDm => {
                let message = self.message.0.as_ref();
                let guild = message.and_then(|m| m.guild_id.peer());
                (guild, message.and_then(|m| m.channel_id.peer()))
            }
            _ => (self.guild_id.peer(), self.channel_id.peer()),
        }
    }

    /// Who did it, as far as the event says.
    pub(super) fn who(&self, place: Place) -> Option<Person> {
        let id = match place {
            Place::User => self.user(),
            Place::Group | Place::UserOrGroup => self
                .op_member_openid
                .peer()
                .or_else(|| self.member_openid.peer())
                .or_else(|| self.user()),
            Place::Guild | Place::ChannelItself => self.op_user_id.peer(),
            Place::Channel => self.user_id.peer(),
            Place::Member => self.user.0.as_ref().and_then(User::openid),
            Place::Deleted | Place::DeletedDm => self.deleter(),
        };
        Some(Person {
            id: id?.to_owned(),
            name: self.name_of(place),
        })
    }

    /// Without a moderator it was the author.
    fn deleter(&self) -> Option<&str> {
        let author = || self.message.0.as_ref()?.author.0.as_ref()?.openid();
        let moderator = self.op_user.0.as_ref().and_then(User::openid);
        moderator.or_else(author)
    }

    fn name_of(&self, place: Place) -> Option<String> {
        let user = match place {
            Place::Member => self.user.0.as_ref(),
            Place::Deleted | Place::DeletedDm => self.op_user.0.as_ref(),
            _ => None,
        };
        let nick = self.nick.to_option();
        nick.or_else(|| user.and_then(User::name))
            .or_else(|| self.username.to_option())
    }

    /// When it happened, as written.
    pub(super) fn when(&self) -> &str {
        let when = self.timestamp.non_empty();
        when.unwrap_or(&self.apply_at.0)
    }

    /// What else there is to tell.
    pub(super) fn detail(&self, kind: NoticeKind) -> Option<String> {
        match kind {
            NoticeKind::FriendAdded => self.scene_param.to_option(),
            NoticeKind::JoinRequested => self.verify_info.0.as_ref()?.verify_message.to_option(),
            NoticeKind::ReactionAdded | NoticeKind::ReactionRemoved => {
                let emoji = self.emoji.0.as_ref();
                let target = self.target.0.as_ref().and_then(|t| t.id.id());
                let unknown = || target.map(|_| emoji::words("", false));
                let words = emoji.map(Emoji::words).or_else(unknown)?;
                Some(target.map_or_else(|| words.clone(), |id| format!("{words} to {id}")))
            }
            NoticeKind::MessageDeleted => Some(self.message.0.as_ref()?.id.id()?.to_owned()),
            NoticeKind::SubscriptionChanged => {
                let first = self.result.0.first()?.0.as_ref()?;
                let allowed = first.op.0 == Some(1);
                Some(if allowed { "allowed" } else { "refused" }.to_owned())
            }
            _ => None,
        }
    }
}

//! Buttons, menus and other things a user touches.
//!
//! See QQ docs, autogen/event/interaction_create.

use serde::Deserialize;

use super::notice::NoticeKind;
use super::reading::{Click, Notice, Person, Reader, Reading, Received};
use super::timestamp;
use crate::contract::{ButtonPress, InboundMessage, Quote};
use crate::gateway::Dispatch;
use crate::target::Scene;
use crate::wire::{Number, Object, Text, read_str};

/// A button of a message.
const BUTTON: i64 = 11;
/// An entry of the menu of a private chat.
const MENU: i64 = 12;
/// The platform puts this before the id in the id of the event.
const PREFIX: &str = "INTERACTION_CREATE:";

/// The id of the event that brought this interaction: as it came, or made from
/// that of the interaction.
pub(crate) fn event_id(came: &str, interaction: &str) -> String {
    match came {
        "" => format!("{PREFIX}{interaction}"),
        _ => came.to_owned(),
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Wire<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    r#type: Number,
    #[serde(borrow)]
    scene: Text<'a>,
    chat_type: Number,
    #[serde(borrow)]
    timestamp: Text<'a>,
    #[serde(borrow)]
    user_openid: Text<'a>,
    #[serde(borrow)]
    group_openid: Text<'a>,
    /// Not documented, but live on messages: the same value.
    #[serde(borrow)]
    group_id: Text<'a>,
    #[serde(borrow)]
    group_member_openid: Text<'a>,
    #[serde(borrow)]
    guild_id: Text<'a>,
    #[serde(borrow)]
    channel_id: Text<'a>,
    #[serde(borrow)]
    data: Object<Data<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Data<'a> {
    r#type: Number,
    #[serde(borrow)]
    resolved: Object<Resolved<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Resolved<'a> {
    #[serde(borrow)]
    button_data: Text<'a>,
    #[serde(borrow)]
    button_id: Text<'a>,
    #[serde(borrow)]
    feature_id: Text<'a>,
    #[serde(borrow)]
    user_id: Text<'a>,
    #[serde(borrow)]
    message_id: Text<'a>,
    #[serde(borrow)]
    feedback_opt: Text<'a>,
    #[serde(borrow)]
    action: Text<'a>,
}

impl Reader<'_> {
    /// Reads the body of INTERACTION_CREATE.
    pub(super) fn interaction(&self, event: &Dispatch<'_>) -> Reading {
        let wire: Wire<'_> = read_str(event.body).unwrap_or_default();
        let data = wire.data.0.as_ref();
        let resolved = data.and_then(|data| data.resolved.0.as_ref());
        let kind = wire
            .r#type
            .0
            .or_else(|| data.and_then(|data| data.r#type.0));
        let place = wire
            .place(resolved)
            .and_then(|(scene, peer, sender)| Some((scene, self.target(scene, &peer)?, sender)));
        if !matches!(kind, Some(BUTTON | MENU)) {
            return self.told(&wire, kind, place, resolved);
        }
        let came = event.event_id.strip_prefix(PREFIX);
        let Some(id) = wire.id.id().or(came).filter(|id| !id.is_empty()) else {
            return Reading::Incomplete;
        };
        let id = id.strip_prefix(PREFIX).unwrap_or(id);
        Reading::Click(Box::new(Click {
            id: id.to_owned(),
            received: place.map(|place| self.pressed(&wire, id, place, resolved)),
        }))
    }

    fn pressed(
        &self,
        wire: &Wire<'_>,
        id: &str,
        (scene, reply_target, sender): (Scene, String, &str),
        resolved: Option<&Resolved<'_>>,
    ) -> Received {
        let text = |field: fn(&Resolved<'_>) -> Option<String>| resolved.and_then(field);
        let button = ButtonPress {
            id: text(|r| r.button_id.to_option().or_else(|| r.feature_id.to_option()))
                .unwrap_or_default(),
            data: text(|r| r.button_data.to_option()).unwrap_or_default(),
        };
        let said = [&button.data, &button.id]
            .into_iter()
            .find(|s| !s.is_empty());
        let quoted = text(|r| r.message_id.id().map(str::to_owned));
        let message = InboundMessage {
            id: id.to_owned(),
            sender: sender.to_owned(),
            sender_name: None,
            sender_is_bot: false,
            chat: scene.chat(),
            chat_title: None,
            text: said.cloned().unwrap_or_else(|| "[button]".to_owned()),
            timestamp_ms: timestamp::parse_ms(&wire.timestamp.0).unwrap_or(self.wall_ms),
            mentioned: true,
            thread: None,
            quote: quoted.map(Quote::of),
            attachments: Vec::new(),
            interruption_scope: self.scope(&reply_target, sender),
            button: Some(button),
            notice: None,
            reply_target,
        };
        Received {
            message,
            scene,
            index: None,
            own: None,
        }
    }

    /// What wants no acknowledgement is a notice, or nothing.
    fn told(
        &self,
        wire: &Wire<'_>,
        kind: Option<i64>,
        place: Option<(Scene, String, &str)>,
        resolved: Option<&Resolved<'_>>,
    ) -> Reading {
        let action = resolved.map_or("", |resolved| &*resolved.action.0);
        let kind = match kind {
            Some(13) => NoticeKind::FeedbackGiven,
            Some(14) => NoticeKind::ConversationCleared,
            Some(15) if action == "QUIT_STORY" => NoticeKind::StoryLeft,
            Some(15) => NoticeKind::StoryEntered,
            Some(16) => NoticeKind::ModelSwitched,
            Some(18..=20) => NoticeKind::AuthorisationChanged,
            _ => return Reading::Unused,
        };
        let Some((scene, target, sender)) = place else {
            return Reading::Incomplete;
        };
        let detail = resolved.and_then(|r| match kind {
            NoticeKind::FeedbackGiven => r.feedback_opt.to_option(),
            NoticeKind::ModelSwitched => r.action.to_option(),
            _ => None,
        });
        Reading::Notice(Box::new(Notice {
            kind,
            target,
            scene,
            who: Some(Person {
                id: sender.to_owned(),
                name: None,
            }),
            guild: wire.guild_id.peer().map(str::to_owned),
            channel: wire.channel_id.peer().map(str::to_owned),
            title: None,
            detail,
            timestamp_ms: timestamp::parse_ms(&wire.timestamp.0).unwrap_or(self.wall_ms),
        }))
    }
}

impl<'a> Wire<'a> {
    /// Scene, peer and who touched it.
    fn place(&'a self, resolved: Option<&'a Resolved<'a>>) -> Option<(Scene, String, &'a str)> {
        let scene = self.scene();
        let guild_user = || resolved.and_then(|r| r.user_id.peer());
        Some(match scene {
            Scene::C2c => {
                let user = self.user_openid.peer()?;
                (scene, user.to_owned(), user)
            }
            Scene::Group => (
                scene,
                self.group()?.to_owned(),
                self.group_member_openid.peer()?,
            ),
            Scene::Channel => {
                let (guild, channel) = (self.guild_id.peer()?, self.channel_id.peer()?);
                (scene, format!("{guild}/{channel}"), guild_user()?)
            }
            Scene::GuildDm => (scene, self.guild_id.peer()?.to_owned(), guild_user()?),
        })
    }

    fn group(&self) -> Option<&str> {
        self.group_openid.peer().or_else(|| self.group_id.peer())
    }

    /// By name, else by number, else by the ids that are there.
    fn scene(&self) -> Scene {
        match (&*self.scene.0, self.chat_type.0) {
            ("c2c", _) => Scene::C2c,
            ("group", _) => Scene::Group,
            ("guild" | "channel", _) => Scene::Channel,
            ("dm" | "direct", _) => Scene::GuildDm,
            (_, Some(2)) => Scene::C2c,
            (_, Some(1)) => Scene::Group,
            (_, Some(0)) => Scene::Channel,
            _ if self.group().is_some() => Scene::Group,
            _ if self.guild_id.peer().is_some() => Scene::Channel,
            _ => Scene::C2c,
        }
    }
}

#[cfg(test)]
mod tests;

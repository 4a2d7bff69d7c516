//! People press buttons, if the button lets them.

use serde_json::json;

use crate::people::events::{Event, EventFactory};
use crate::people::guilds::ChannelMember;
use crate::people::users::{Member, Stage, User};
use crate::rules::config::Bot;
use crate::rules::scene::Scene;
use crate::world::clicks::Finger;

impl Stage {
    /// Presses a button; `build` makes the event of it. Returns the interaction id.
    fn press(
        &self,
        (scene, id): (Scene, &str),
        finger: Finger<'_>,
        (button_id, data): (&str, &str),
        build: impl FnOnce(&mut EventFactory<'_>, &Bot, &str) -> Event,
    ) -> String {
        let peer = self.peer(scene, id);
        self.hub.change(|world| {
            let pressed = world.press(&peer, finger, button_id, data);
            let play =
                |data: String| self.play_in(world, |factory, bot| build(factory, bot, &data));
            pressed.map(play).unwrap_or_default()
        })
    }
}

impl User {
    /// Clicks a button of the bot's; returns the interaction id.
    ///
    /// A button that a message of the bot's has must be a callback that this user may
    /// press, or nothing happens and the id is empty; `data` is the button's own if it is
    /// empty. A button that no message has can always be pressed.
    pub fn clicks(&self, button_id: &str, data: &str) -> String {
        // In a conversation of two everybody is their own admin.
        let finger = Finger {
            user: &self.openid,
            is_admin: true,
            roles: &[],
        };
        let place = json!({"user_openid": self.openid});
        self.stage.press(
            (Scene::C2c, &self.openid),
            finger,
            (button_id, data),
            |factory, bot, data| factory.click(bot, place, button_id, data),
        )
    }
}

impl Member {
    /// Clicks a button of the bot's; returns the interaction id. See [`User::clicks`].
    pub fn clicks(&self, button_id: &str, data: &str) -> String {
        let group = &self.group;
        let finger = Finger {
            user: &self.openid,
            is_admin: self.is_admin,
            roles: &[],
        };
        let place = json!({"group_openid": group.openid, "group_member_openid": self.openid});
        group.stage.press(
            (Scene::Group, &group.openid),
            finger,
            (button_id, data),
            |factory, bot, data| factory.click(bot, place, button_id, data),
        )
    }
}

impl ChannelMember {
    /// Clicks a button of the bot's; returns the interaction id. See [`User::clicks`].
    pub fn clicks(&self, button_id: &str, data: &str) -> String {
        self.clicks_on("", button_id, data)
    }

    /// As [`ChannelMember::clicks`], below this message.
    pub fn clicks_on(&self, message_id: &str, button_id: &str, data: &str) -> String {
        let seat = self.seat();
        // Admins, the owner, admins of the channel.
        let is_admin = |role: &String| matches!(role.as_str(), "2" | "4" | "5");
        let finger = Finger {
            user: seat.user,
            is_admin: seat.roles.iter().any(is_admin),
            roles: seat.roles,
        };
        self.channel.stage.press(
            (Scene::Channel, seat.channel),
            finger,
            (button_id, data),
            |factory, bot, data| factory.channel_click(bot, seat, button_id, data, message_id),
        )
    }
}

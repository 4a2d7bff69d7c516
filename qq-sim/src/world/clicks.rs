//! Clicks: who may press which button, and until when they must be acknowledged.
//! See [QQ Docs/消息按钮](https://bot.q.qq.com/wiki/develop/api-v2/server-inter/message/trans/msg-btn.html).

use std::collections::{BTreeSet, HashMap, VecDeque};

use serde_json::Value;

use super::World;
use super::cards::{Button, buttons_of};
use super::chats::{Chats, Peer};
use crate::journal::record::Record;
use crate::journal::sent::SentMessage;
use crate::rules::refusal::Refusal;

/// Keyboards remembered per chat; a user looks back no further.
const MAX_KEYBOARDS: usize = 50;

/// A click on its way to the bot.
#[derive(Debug)]
pub(crate) struct Click {
    app_id: String,
    state: ClickState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ClickState {
    Waiting,
    Expired,
    Acknowledged,
}

/// The buttons of one message.
#[derive(Debug)]
struct Keyboard {
    buttons: Vec<Button>,
    /// Groups of buttons that are grey after a click.
    grey: BTreeSet<String>,
}

/// Everything about clicks.
#[derive(Debug, Default)]
pub(crate) struct Clicks {
    keyboards: HashMap<Peer, VecDeque<Keyboard>>,
    /// Interactions with the time by which they must be acknowledged, oldest first.
    deadlines: VecDeque<(u64, String)>,
}

/// Who presses a button.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Finger<'a> {
    pub(crate) user: &'a str,
    pub(crate) is_admin: bool,
    pub(crate) roles: &'a [String],
}

impl Button {
    /// Why this person cannot press it.
    fn denies(&self, finger: Finger<'_>) -> Option<&'static str> {
        let is_meant = match self.permission {
            0 => self.users.iter().any(|user| user == finger.user),
            1 => finger.is_admin,
            3 => finger.roles.iter().any(|role| self.roles.contains(role)),
            _ => true,
        };
        match self.action {
            1 if is_meant => None,
            1 => Some("no permission"),
            _ => Some("no callback: its action is not of type 1"),
        }
    }
}

impl Chats {
    /// Waits for the acknowledgement of an interaction. `None` if its kind needs none.
    pub(super) fn learn_click(&mut self, app_id: &str, d: &Value) -> Option<String> {
        let id = d.get("id").and_then(Value::as_str)?;
        let needs_answer = matches!(d.get("type").and_then(Value::as_u64), None | Some(11 | 12));
        let click = Click {
            app_id: app_id.to_owned(),
            state: ClickState::Waiting,
        };
        self.interactions.add(id, click);
        needs_answer.then(|| id.to_owned())
    }
}

impl World {
    /// Remembers the buttons below a message.
    pub(crate) fn lay_keyboard(&mut self, message: &SentMessage) {
        let buttons = buttons_of(&message.body);
        if buttons.is_empty() {
            return;
        }
        let peer = Peer {
            app_id: message.app_id.clone(),
            scene: message.scene,
            openid: message.peer.clone(),
        };
        let keyboards = self.clicks.keyboards.entry(peer).or_default();
        if keyboards.len() == MAX_KEYBOARDS {
            keyboards.pop_back();
        }
        keyboards.push_front(Keyboard {
            buttons,
            grey: BTreeSet::new(),
        });
    }

    /// Presses a button: its data, which is what the caller says for a button that no
    /// message has. `None`, and a line in the journal, if this person cannot.
    pub(crate) fn press(
        &mut self,
        peer: &Peer,
        finger: Finger<'_>,
        button_id: &str,
        data: &str,
    ) -> Option<String> {
        let keyboards = self.clicks.keyboards.get_mut(peer);
        let mut keyboards = keyboards.into_iter().flatten();
        let found = keyboards.find_map(|keyboard| {
            let button = keyboard.buttons.iter().find(|it| it.id == button_id)?;
            Some((button.clone(), &mut keyboard.grey))
        });
        let Some((button, grey)) = found.filter(|_| !button_id.is_empty()) else {
            return Some(data.to_owned());
        };
        let is_grey = button
            .group
            .as_ref()
            .is_some_and(|group| grey.contains(group));
        let grey_now = || is_grey.then_some("grey after a click");
        let denied = button.denies(finger).or_else(grey_now);
        if let Some(reason) = denied {
            let record = Record::ClickRefused {
                scene: peer.scene,
                peer: peer.openid.clone(),
                button_id: button_id.to_owned(),
                reason: reason.to_owned(),
            };
            self.journal.push(None, record);
            return None;
        }
        grey.extend(button.group);
        Some(if data.is_empty() {
            button.data
        } else {
            data.to_owned()
        })
    }

    /// Sets the time by which an interaction must be acknowledged.
    pub(super) fn await_click(&mut self, id: String) {
        let deadline = self.clock.now_ms() + self.config.rules.click_deadline_ms;
        self.clicks.deadlines.push_back((deadline, id));
    }

    /// Gives up clicks whose time has passed; returns the milliseconds to the next one.
    pub(crate) fn expire_clicks(&mut self) -> Option<u64> {
        let now = self.clock.now_ms();
        while let Some((_, id)) = self.clicks.deadlines.pop_front_if(|(at, _)| *at <= now) {
            let click = self.chats.interactions.find_mut(&id);
            let waiting = click.filter(|click| click.state == ClickState::Waiting);
            if let Some(click) = waiting {
                click.state = ClickState::Expired;
                let app_id = click.app_id.clone();
                self.journal.push(None, Record::ClickExpired { app_id, id });
            }
        }
        self.clicks.deadlines.front().map(|(at, _)| at - now)
    }

    /// Acknowledges a click, once; whether it was in time.
    pub(crate) fn acknowledge(&mut self, app_id: &str, id: &str) -> Result<bool, Refusal> {
        self.expire_clicks();
        let click = self.chats.interactions.find_mut(id);
        let click = click.ok_or(Refusal::INTERACTION_BAD)?;
        if click.app_id != app_id {
            return Err(Refusal::INTERACTION_FOREIGN);
        }
        let before = std::mem::replace(&mut click.state, ClickState::Acknowledged);
        match before {
            ClickState::Acknowledged => Err(Refusal::INTERACTION_BAD),
            state => Ok(state == ClickState::Waiting),
        }
    }
}

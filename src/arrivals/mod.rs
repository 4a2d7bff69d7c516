//! Events on their way to the agent.
//!
//! This machine decides which event becomes a message for the agent, what that
//! message gets beside what the event says, and what the channel answers itself.
//! It remembers what came before, so that nothing comes twice and a quote says
//! what it quotes. It never sends: answers go to the [`Router`](crate::router).
//! Read `tests/transcripts/inbound.txt` first.

mod told;
mod way;

use crate::access::{Access, Admission};
use crate::chats::{Chats, Earlier};
use crate::config::Config;
use crate::contract::{Context, InboundMessage, Level, Request};
use crate::courtesies::Titled;
use crate::courtesies::press::AckCode;
use crate::gateway::Dispatch;
use crate::host::Host;
use crate::inbound::{
    Click, Clicks, Marks, Notice, Own, Reader, Reading, Received, Seen, Voices, event_id,
};
use crate::ledger::Anchor;
use crate::quotes::Quotes;
use crate::replies::Sent;
use crate::state::State;
use crate::target::{ReplyTarget, Scene};
pub(crate) use way::Way;

/// What is remembered of what came.
#[derive(Debug)]
pub(crate) struct Arrivals {
    /// Who may talk to the bot.
    pub(crate) access: Access,
    seen: Seen,
    voices: Voices,
    clicks: Clicks,
    own: Own,
    quotes: Quotes,
    chats: Chats,
    earlier: Earlier,
}

impl Arrivals {
    pub(crate) fn load(config: &Config, context: &Context, state: &State, host: &mut Host) -> Self {
        Self {
            access: Access::load(config, &context.entropy, state, host),
            seen: Seen::load(state),
            voices: Voices::default(),
            clicks: Clicks::load(state),
            own: Own::load(state),
            quotes: Quotes::load(state),
            chats: Chats::load(state),
            earlier: Earlier::default(),
        }
    }

    /// An event of the gateway.
    pub(crate) fn on_event(&mut self, event: &Dispatch<'_>, way: &mut Way<'_>) {
        let reader = Reader {
            app_id: &way.config.app_id,
            bot_id: way.bot_id,
            own: &self.own,
            wall_ms: way.cx.host.now().wall_ms,
            interrupts: way.config.interrupt_on_new_message,
        };
        match reader.read(event) {
            Reading::Message(received) => self.receive(*received, &event.event_id, way),
            Reading::Click(click) => self.click(*click, &event.event_id, way),
            Reading::Notice(notice) => self.noticed(&notice, &event.event_id, way),
            Reading::Audit(audit) => told::audited(&audit, way),
            Reading::FromBot => way.count("messages_from_bots"),
            Reading::Incomplete => {
                way.count("messages_incomplete");
                way.cx.host.note_seldom(
                    "incomplete",
                    Level::Warn,
                    "a message without id, sender or content was ignored",
                );
            }
            Reading::Unused => way.count("events_ignored"),
            Reading::Other => {
                way.count("events_ignored");
                way.cx.host.note_seldom(
                    "event",
                    Level::Debug,
                    "an event this version has no use for was ignored",
                );
            }
        }
    }

    /// Only what is delivered or answered is remembered: the copy of a group
    /// message that mentions the bot may come after the one that does not.
    fn receive(&mut self, mut received: Received, event_id: &str, way: &mut Way<'_>) {
        let message = &received.message;
        let marks = Marks::of(&message.reply_target, &message.id, event_id).and_index(&received);
        let host = &mut way.cx.host;
        if let Some(id) = &received.own {
            self.own.learn(id, host);
        }
        let repeated = self.voices.repeats(message, host.now().mono_ms);
        if repeated || self.seen.contains(marks) || self.access.kept(marks) {
            host.count("messages_duplicate");
            return;
        }
        self.complete(&mut received, way);
        let (message, host) = (&received.message, &mut way.cx.host);
        match self.access.decide(way.config, message) {
            Admission::Admitted => {
                self.seen.insert(marks, host);
                let anchor = Anchor::message(&message.id);
                let (target, scene) = (&message.reply_target, received.scene);
                way.received(target, scene, anchor);
                way.courtesy(|it, cx| it.acknowledge(target, scene, &message.id, cx));
                self.deliver(received, way);
            }
            Admission::NotMentioned => self.overhear(&received, way),
            Admission::Overheard => host.count("messages_overheard"),
            Admission::Kept => self.answer(&received, marks, way),
        }
    }

    /// Adds the title of its chat, and what it quotes. Who quotes the bot
    /// addresses it.
    fn complete(&mut self, received: &mut Received, way: &Way<'_>) {
        let Received { message, scene, .. } = received;
        let name = message.sender_name.as_deref();
        self.chats.met(&message.sender, name);
        message.chat_title = self.chats.title(*scene, &message.reply_target);
        if let Some(quote) = &mut message.quote {
            let bot_id = way.bot_id;
            let target = &message.reply_target;
            message.mentioned |= self.quotes.fill(target, quote, bot_id, &way.cx.host);
        }
    }

    /// Gives a message to the agent.
    fn deliver(&mut self, received: Received, way: &mut Way<'_>) {
        let host = &mut way.cx.host;
        let mono_ms = host.now().mono_ms;
        self.quotes.heard(&received, true, host);
        self.voices.insert(&received.message, mono_ms);
        let Received {
            mut message, scene, ..
        } = received;
        let target = message.reply_target.clone();
        let most = way.config.context_messages;
        self.earlier.tell(&mut message, most, mono_ms);
        way.hand_over(message);
        self.ask_title(scene, &target, way);
    }

    /// Asks what this chat is called, for the next message; only where a change
    /// of the title would be told.
    fn ask_title(&mut self, scene: Scene, target: &str, way: &mut Way<'_>) {
        if !way.config.intents.has_guilds() {
            return;
        }
        let chats = &mut self.chats;
        way.courtesy(|it, cx| {
            if it.may_ask_title() {
                for of in chats.unasked(scene, target) {
                    it.ask_title(of, cx);
                }
            }
        });
    }

    /// A message that is not for the agent: somebody may quote it, or it says
    /// what the next one is about.
    fn overhear(&mut self, received: &Received, way: &mut Way<'_>) {
        let host = &mut way.cx.host;
        host.count("messages_unaddressed");
        self.quotes.heard(received, false, host);
        let (most, mono_ms) = (way.config.context_messages, host.now().mono_ms);
        self.earlier.keep(&received.message, most, mono_ms);
    }

    /// Answers somebody who may not talk to the bot, or who shows a code.
    fn answer(&mut self, received: &Received, marks: Marks, way: &mut Way<'_>) {
        let Received { message, scene, .. } = received;
        let host = &mut way.cx.host;
        let Some(text) = self.access.answer(way.config, message, marks, host) else {
            return;
        };
        let target = &message.reply_target;
        way.received(target, *scene, Anchor::message(&message.id));
        way.router.say(target, text, way.cx);
    }

    /// Somebody pressed a button. The platform waits three seconds for an
    /// acknowledgement, so that comes first, and once.
    fn click(&mut self, click: Click, came: &str, way: &mut Way<'_>) {
        let Click { id, received } = click;
        let event = event_id(came, &id);
        let target = received.as_ref().map(|r| r.message.reply_target.as_str());
        let target = target.unwrap_or_default();
        if !self.clicks.insert(&id, &mut way.cx.host) {
            return way.count("clicks_duplicate");
        }
        let marks = Marks::of(target, &id, &event);
        let code = match &received {
            None => AckCode::Failed,
            Some(_) if self.seen.contains(marks) => AckCode::Duplicate,
            Some(received) => match self.access.decide(way.config, &received.message) {
                Admission::Admitted => AckCode::Done,
                _ => AckCode::NotAllowed,
            },
        };
        way.courtesy(|it, cx| it.acknowledge_press(&id, code, cx));
        let Some(mut received) = received.filter(|_| code == AckCode::Done) else {
            return way.count(told::refused(code));
        };
        self.seen.insert(marks, &mut way.cx.host);
        let (target, anchor) = (&received.message.reply_target, Anchor::event(&event));
        way.received(target, received.scene, anchor);
        self.complete(&mut received, way);
        let mut message = received.message;
        message.sender_name = self.chats.name(&message.sender).map(str::to_owned);
        way.hand_over(message);
    }

    /// Something happened; the platform may say so twice.
    fn noticed(&mut self, notice: &Notice, event_id: &str, way: &mut Way<'_>) {
        let marks = Marks::of(&notice.target, event_id, event_id);
        let host = &mut way.cx.host;
        if !event_id.is_empty() && self.seen.contains(marks) {
            return host.count("notices_duplicate");
        }
        self.chats.noticed(notice, host);
        let matters = notice.kind.is_about_sending() || way.config.system_notes;
        if !event_id.is_empty() && matters {
            self.seen.insert(marks, host);
        }
        told::decide_push(notice, way.cx);
        if notice.kind.is_answerable() && !event_id.is_empty() {
            let (target, anchor) = (&notice.target, Anchor::event(event_id));
            way.received(target, notice.scene, anchor);
        }
        if way.config.system_notes {
            self.tell(notice, event_id, way);
        } else {
            way.count("events_untold");
        }
    }

    /// Tells the agent, unless it concerns somebody it does not talk to.
    fn tell(&self, notice: &Notice, event_id: &str, way: &mut Way<'_>) {
        let message = told::in_words(notice, event_id, &self.chats, way.cx.host.now().wall_ms);
        let known = !message.sender.is_empty();
        if known && self.access.decide(way.config, &message) != Admission::Admitted {
            return way.count("notices_turned_away");
        }
        if notice.kind.is_answerable_in_channel() && !event_id.is_empty() {
            let (target, anchor) = (&notice.target, Anchor::event(event_id));
            way.received(target, notice.scene, anchor);
        }
        way.hand_over(InboundMessage {
            mentioned: false,
            ..message
        });
    }

    /// What was sent may be quoted, and what was asked is known.
    pub(crate) fn remember(
        &mut self,
        (all_sent, titles): (Vec<Sent>, Vec<(Titled, Option<String>)>),
        host: &mut Host,
    ) {
        for (of, title) in titles {
            match title {
                Some(title) => self.chats.titled(&of, &title, host),
                None => self.chats.not_told(&of),
            }
        }
        for sent in all_sent {
            self.quotes.said(sent, host);
        }
    }

    /// Turns the id of the quoted message into what the platform calls it there.
    /// An unknown message cannot be quoted.
    pub(crate) fn quoting(&self, mut request: Request) -> Request {
        let Request::Send(message) = &mut request else {
            return request;
        };
        let scene = ReplyTarget::parse(&message.recipient).map(|target| target.scene);
        if !scene.is_some_and(Scene::is_guild) {
            let quote = message.quote.as_deref();
            let index = quote.and_then(|id| self.quotes.index_of(&message.recipient, id));
            message.quote = index.map(str::to_owned);
        }
        request
    }
}

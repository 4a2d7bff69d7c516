//! What a message gets on its way to the agent beyond what its event says.

use super::Channel;
use crate::contract::{Action, InboundMessage, Request};
use crate::courtesies::Courtesies;
use crate::cx::Cx;
use crate::inbound::Received;
use crate::target::{ReplyTarget, Scene};

impl Channel {
    /// Adds the title of its chat, and what it quotes. Who quotes the bot
    /// addresses it.
    pub(super) fn complete(&mut self, received: &mut Received) {
        let Received { message, scene, .. } = received;
        let name = message.sender_name.as_deref();
        self.chats.met(&message.sender, name);
        message.chat_title = self.chats.title(*scene, &message.reply_target);
        if let Some(quote) = &mut message.quote {
            let bot_id = self.gateway.bot_id();
            let target = &message.reply_target;
            message.mentioned |= self.quotes.fill(target, quote, bot_id, &self.cx.host);
        }
    }

    /// Gives a message to the agent.
    pub(super) fn deliver(&mut self, received: Received) {
        let host = &mut self.cx.host;
        let mono_ms = host.now().mono_ms;
        self.quotes.heard(&received, true, host);
        self.voices.insert(&received.message, mono_ms);
        let Received {
            mut message, scene, ..
        } = received;
        let target = message.reply_target.clone();
        let most = self.config.context_messages;
        self.earlier.tell(&mut message, most, mono_ms);
        self.hand_over(message);
        self.ask_title(scene, &target);
    }

    /// The agent has it from here on.
    pub(super) fn hand_over(&mut self, message: InboundMessage) {
        let ledger = &mut self.cx.ledger;
        ledger.awaits(&message.reply_target, &message.id);
        self.cx.host.act(Action::Deliver(Box::new(message)));
    }

    /// Asks what this chat is called, for the next message; only where a change
    /// of the title would be told.
    fn ask_title(&mut self, scene: Scene, target: &str) {
        if !self.config.intents.has_guilds() {
            return;
        }
        let chats = &mut self.chats;
        let ask = |courtesies: &mut Courtesies, cx: &mut Cx| {
            if courtesies.may_ask_title() {
                for of in chats.unasked(scene, target) {
                    courtesies.ask_title(of, cx);
                }
            }
        };
        self.router.courtesy(ask, &mut self.cx);
    }

    /// A message that is not for the agent: somebody may quote it, or it says
    /// what the next one is about.
    pub(super) fn overhear(&mut self, received: &Received) {
        let host = &mut self.cx.host;
        host.count("messages_unaddressed");
        self.quotes.heard(received, false, host);
        let (most, mono_ms) = (self.config.context_messages, host.now().mono_ms);
        self.earlier.keep(&received.message, most, mono_ms);
    }

    /// What was sent may be quoted, and what was asked is known.
    pub(super) fn remember(&mut self) {
        let (all_sent, titles) = self.router.take_news();
        for (of, title) in titles {
            match title {
                Some(title) => self.chats.titled(&of, &title, &mut self.cx.host),
                None => self.chats.not_told(&of),
            }
        }
        for sent in all_sent {
            self.quotes.said(sent, &mut self.cx.host);
        }
    }

    /// Turns the id of the quoted message into what the platform calls it there.
    /// An unknown message cannot be quoted.
    pub(super) fn quoting(&self, mut request: Request) -> Request {
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

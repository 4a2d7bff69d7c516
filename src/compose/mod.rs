//! From a message to its parts: text, cards and files, each where it belongs.

pub(crate) mod cards;
pub(crate) mod check;
pub(crate) mod files;
pub(crate) mod guard;
pub(crate) mod media;
pub(crate) mod notices;
pub(crate) mod part;
pub(crate) mod rewrite;
pub(crate) mod text;

use std::collections::VecDeque;

use crate::compose::cards::Piece;
use crate::compose::part::{Content, Part};
use crate::config::Limits;
use crate::contract::{Card, Failure, Keyboard, Level, OutboundMessage, TextFormat};
use crate::host::Host;
use crate::target::Scene;

/// Stands over buttons that have no text of their own.
const CHOOSE: &str = "请选择 / Please choose";
/// Notes about blocks of one message.
const MOST_NOTES: usize = 3;

/// What goes into one or more messages.
#[derive(Debug)]
enum Item {
    Words(String, Option<Keyboard>),
    Card(Card),
}

/// Makes messages as a scene shows them.
#[derive(Clone, Copy)]
pub(crate) struct Renderer {
    pub(crate) scene: Scene,
    pub(crate) markdown: bool,
    pub(crate) limits: Limits,
}

impl Renderer {
    /// The messages of a message; beside them, why something was left out.
    pub(crate) fn parts(
        self,
        message: OutboundMessage,
        host: &mut Host,
    ) -> (VecDeque<Part>, Option<Failure>) {
        let format = message.format;
        let items = items(&message.text, format, message.card, host);
        let parts = items.into_iter().flat_map(|item| self.item(item, format));
        files::append(parts.collect(), message.attachments, self.scene, host)
    }

    fn item(self, item: Item, format: TextFormat) -> VecDeque<Part> {
        match item {
            Item::Words(text, None) => self.words(&text, format),
            Item::Words(text, Some(keyboard)) => self.with_buttons(&text, keyboard, format),
            Item::Card(card) if self.takes(&card) => {
                [Part::new(Content::Card(Box::new(card)))].into()
            }
            Item::Card(card) => self.in_words(&card),
        }
    }

    /// The content of a card, where cards cannot be shown.
    pub(crate) fn in_words(self, card: &Card) -> VecDeque<Part> {
        self.words(&cards::in_words(card), TextFormat::Auto)
    }

    fn words(self, text: &str, format: TextFormat) -> VecDeque<Part> {
        text::parts(text, format, self.markdown, &self.limits)
    }

    /// Embeds are for guilds. Arks in private chats and groups are for bots on a
    /// list: who is not on it is told so.
    const fn takes(self, card: &Card) -> bool {
        match card {
            Card::Embed(_) => self.scene.is_guild(),
            Card::Ark(_) => true,
            Card::Keyboard(_) => false,
        }
    }

    /// Buttons stand under markdown.
    fn with_buttons(self, text: &str, keyboard: Keyboard, format: TextFormat) -> VecDeque<Part> {
        if self.scene.is_guild() || !self.markdown {
            let text = format!("{text}\n\n{}", cards::buttons_in_words(&keyboard));
            return self.words(&text, format);
        }
        let mut parts = self.words(text, TextFormat::Markdown);
        if let Some(last) = parts.back_mut() {
            last.keyboard = Some(keyboard);
        }
        parts
    }
}

fn items(text: &str, format: TextFormat, card: Option<Card>, host: &mut Host) -> Vec<Item> {
    let (pieces, problems) = match format {
        TextFormat::Plain => (vec![Piece::Words(0..text.len())], Vec::new()),
        TextFormat::Auto | TextFormat::Markdown => cards::pieces(text),
    };
    for problem in problems.iter().take(MOST_NOTES) {
        let text = format!("a block is shown as text, it makes no card: {problem}");
        host.note(Level::Warn, text);
    }
    let mut items = Items::default();
    for piece in pieces {
        match piece {
            Piece::Words(range) => items.words(text.get(range).unwrap_or_default()),
            Piece::Card(_, card) => items.card(card),
            Piece::InWords(_, words) => items.in_words(&words),
        }
    }
    if let Some(card) = card {
        items.card(card);
    }
    items.finish()
}

/// Buttons belong to the text before them, else to the text behind them.
#[derive(Default)]
struct Items {
    done: Vec<Item>,
    waiting: Option<Keyboard>,
}

impl Items {
    fn words(&mut self, text: &str) {
        let text = text.trim_matches(['\n', '\r']);
        if text.trim().is_empty() {
            return;
        }
        match self.done.last_mut() {
            // Between them was a card in words: all of it is one text.
            Some(Item::Words(before, None)) if self.waiting.is_none() => {
                *before = format!("{before}\n\n{text}");
            }
            _ => {
                let text = text.to_owned();
                self.done.push(Item::Words(text, self.waiting.take()));
            }
        }
    }

    /// A card that cannot be one.
    fn in_words(&mut self, words: &str) {
        self.flush();
        self.words(words);
    }

    fn card(&mut self, card: Card) {
        let Card::Keyboard(keyboard) = card else {
            return self.done.push(Item::Card(card));
        };
        match self.done.last_mut() {
            Some(Item::Words(_, slot @ None)) => *slot = Some(keyboard),
            _ => {
                self.flush();
                self.waiting = Some(keyboard);
            }
        }
    }

    fn flush(&mut self) {
        if self.waiting.is_some() {
            self.words(CHOOSE);
        }
    }

    fn finish(mut self) -> Vec<Item> {
        self.flush();
        self.done
    }
}

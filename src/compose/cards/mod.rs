//! Cards and buttons: embeds in guilds, ark templates, keyboards under markdown.
//!
//! Where a scene does not take a card, its content is sent as text. An agent
//! that only writes text can write a card as a fenced block (`fences`).
//!
//! QQ docs, server-inter/channel/message/send (embed, ark),
//! server-inter/message/type/template (ark templates 23, 24 and 37),
//! server-inter/message/trans/msg-btn (keyboard).

mod check;
mod fences;
mod json;
mod schema;
mod words;

pub(crate) use check::check;
pub(crate) use fences::{Piece, first_block, first_card, pieces};
pub(crate) use json::{ark, embed, keyboard};
pub(crate) use words::{buttons_in_words, in_words};

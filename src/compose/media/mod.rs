//! Pictures, videos, voice and files: one message each.
//!
//! In C2C and groups a file is uploaded while its reply is the first of its chat,
//! and the message names it (`msg_type` 7). In guilds a picture goes with the
//! message itself; other kinds cannot be sent there. A file that cannot be sent
//! leaves a line of text in its place, and the command says why.
//!
//! QQ docs, server-inter/message/rich-media and server-inter/channel/message/send.

mod elsewhere;
mod file;
pub(crate) mod kind;
mod limits;
pub(crate) mod names;

pub(crate) use elsewhere::Fetched;
pub(crate) use file::{Media, Ready, Source};
pub(crate) use kind::Kind;
pub(crate) use limits::{refusal, too_large};

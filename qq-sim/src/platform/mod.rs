//! The platform's memory and its decisions, without sockets: every request is a
//! call on [`World`] under one lock, so what the journal shows is what happened.

pub(crate) mod audits;
pub(crate) mod body;
pub(crate) mod cards;
pub(crate) mod chats;
pub(crate) mod clicks;
mod conditions;
pub(crate) mod deliver;
pub(crate) mod downloads;
mod frequency;
pub(crate) mod guild;
pub(crate) mod messages;
mod quotes;
pub(crate) mod rate;
pub(crate) mod recall;
pub(crate) mod session;
pub(crate) mod streams;
mod suffer;
pub(crate) mod tokens;
pub(crate) mod uploads;
mod world;

pub use audits::PendingAudit;
pub(crate) use deliver::is_resumable;
pub use streams::Stream;
pub(crate) use world::World;

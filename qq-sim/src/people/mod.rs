//! The people on the other side: users, members of groups and guilds, and the events
//! that tell the bot what they do.

mod clicks;
pub(crate) mod draft;
mod enclosures;
pub(crate) mod events;
pub(crate) mod guild_events;
pub(crate) mod guilds;
pub(crate) mod life;
mod states;
pub(crate) mod users;

//! The PRX configuration file: one table a channel, secrets kept apart.

mod channel;
mod file;
mod secret;

pub use channel::ChannelConfig;
pub use file::ConfigFile;

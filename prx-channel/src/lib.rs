//! The `prx-channel` command, and the agents that answer for it. Channels
//! themselves are run by [`prx_channel_host`].

pub mod agent;
pub mod cli;

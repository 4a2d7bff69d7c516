#![doc = include_str!("../README.md")]
#![warn(missing_debug_implementations)]

mod about;
mod actor;
mod bindings;
mod config;
pub mod contract;
mod counters;
mod debug;
mod error;
mod form;
mod handle;
mod host;
pub mod json;
pub mod limits;
pub mod manifest;
pub mod media;
mod net;
pub mod plugin;
mod policy;
mod private;
pub mod replay;
mod sandbox;
mod secrets;
mod store;
pub mod testing;
mod trace;

pub use actor::{Delivered, StatusReport};
pub use config::{ChannelConfig, ConfigFile};
pub use counters::Counters;
pub use error::{Error, ErrorKind, Result, caused};
pub use handle::{ChannelCommands, ChannelHandle};
pub use host::{ChannelHost, HostOptions};
pub use plugin::Plugin;
pub use sandbox::ALLOWED_IMPORTS;
pub use store::DiskFaults;
pub use trace::{Crossing, TraceSink};

//! The QQ bot protocol as a state machine without I/O.

mod admission;
mod backoff;
mod config;
pub mod contract;
mod doctor;
mod gateway;
mod host;
mod ids;
mod inbound;
mod outbound;
mod platform;
mod random;
mod state;
mod target;
mod timer;
mod token;
mod wire;

//! The QQ channel: the real component in the real host, against the simulator.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test may stop where it stands"
)]

mod access;
mod chaos;
mod codes;
mod connection;
mod conversation;
mod deferred;
mod events;
mod exec;
mod large_frames;
mod media;
mod openai;
mod quiet;
mod recovery;
mod refusals;
mod reload;
mod replay;
mod secrets;
mod sending;
mod slow_agent;
mod streaming;

//! Guilds: channels and conversations, their limits, and who comes and goes.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic here is a failed test"
)]

mod channels;
mod life;
mod limits;
#[path = "../support/mod.rs"]
mod support;

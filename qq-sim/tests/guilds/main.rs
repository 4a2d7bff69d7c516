//! Guilds: channels and conversations, their limits, and who comes and goes.
#![cfg(test)]

mod channels;
mod life;
mod limits;
#[path = "../support/mod.rs"]
mod support;

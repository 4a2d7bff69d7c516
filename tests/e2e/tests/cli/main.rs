//! The `prx-channel` command as an operator meets it.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test may stop where it stands"
)]

mod access;
mod configuration;
mod doctor;
mod events;
mod exec;
mod openai;
mod output;
mod place;
mod reload;
mod running;
mod starting;
mod stopping;

//! The command, its control endpoints, and the README that describes them.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic here is a failed test"
)]

mod control;
mod process;
mod readme;
#[path = "../support/mod.rs"]
mod support;

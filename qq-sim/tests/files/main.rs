//! Files in both directions: at once, in parts, and those of users.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic here is a failed test"
)]

mod downloads;
mod parts;
#[path = "../support/mod.rs"]
mod support;
mod uploads;

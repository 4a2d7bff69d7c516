//! Messages in C2C and groups: sent, streamed, quoted, pressed, audited, refused.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic here is a failed test"
)]

mod audits;
mod buttons;
mod quotes;
mod refusals;
mod replies;
mod streams;
#[path = "../support/mod.rs"]
mod support;

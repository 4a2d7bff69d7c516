//! Messages in C2C and groups: sent, streamed, quoted, pressed, audited, refused.
#![cfg(test)]

mod audits;
mod buttons;
mod quotes;
mod refusals;
mod replies;
mod streams;
#[path = "../support/mod.rs"]
mod support;

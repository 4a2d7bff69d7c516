//! Who may come in: tokens, authorization, discovery, permissions, certificates.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic here is a failed test"
)]

mod authentication;
mod permissions;
#[path = "../support/mod.rs"]
mod support;
mod tls;

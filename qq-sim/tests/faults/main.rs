//! What goes wrong on request, on sockets and on HTTP, and plans of it.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic here is a failed test"
)]

mod http;
mod plan;
mod sockets;
#[path = "../support/mod.rs"]
mod support;

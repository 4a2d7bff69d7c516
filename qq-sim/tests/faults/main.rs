//! What goes wrong on request, on sockets and on HTTP, and plans of it.
#![cfg(test)]

mod http;
mod plan;
mod sockets;
#[path = "../support/mod.rs"]
mod support;

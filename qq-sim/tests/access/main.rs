//! Who may come in: tokens, authorization, discovery, permissions, certificates.
#![cfg(test)]

mod authentication;
mod permissions;
#[path = "../support/mod.rs"]
mod support;
mod tls;

//! The command, its control endpoints, and the README that describes them.
#![cfg(test)]

mod control;
mod process;
mod readme;
#[path = "../support/mod.rs"]
mod support;

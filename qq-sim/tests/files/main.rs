//! Files in both directions: at once, in parts, and those of users.
#![cfg(test)]

mod downloads;
mod parts;
#[path = "../support/mod.rs"]
mod support;
mod uploads;

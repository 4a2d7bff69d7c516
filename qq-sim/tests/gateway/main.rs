//! The websocket: handshakes, sessions, and what befalls the bytes below the frames.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic here is a failed test"
)]

mod below_frames;
mod handshakes;
mod sessions;
#[path = "../support/mod.rs"]
mod support;

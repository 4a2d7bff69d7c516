//! The websocket: handshakes, sessions, and what befalls the bytes below the frames.
#![cfg(test)]

mod below_frames;
mod handshakes;
mod sessions;
#[path = "../support/mod.rs"]
mod support;

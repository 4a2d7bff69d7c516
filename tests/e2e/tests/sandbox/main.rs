//! What a component may do, and what becomes of one that does more.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test may stop where it stands"
)]

mod busy;
mod deaths;
mod disk;
mod isolation;
mod sealing;
mod start;
mod surface;
mod wasi_http;
mod ways_out;

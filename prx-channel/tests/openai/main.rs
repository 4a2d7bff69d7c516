//! The `openai` agent against a server that is awkward on request.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test may stop where it stands"
)]

mod agent;
mod answer;
#[path = "../completions/mod.rs"]
mod completions;
mod refusals;
mod request;

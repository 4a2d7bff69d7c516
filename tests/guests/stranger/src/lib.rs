//! A component that exports nothing: what somebody gets who builds the wrong
//! thing.
#![cfg(target_family = "wasm")]

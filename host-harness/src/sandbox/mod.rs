//! The box: engine, compiled components, instances and their limits.
//!
//! Nothing here knows what a channel does. [`Instance`] makes one call at a
//! time and is thrown away after any call that did not return.

mod cache;
mod compile;
mod engine;
mod guest;
mod instance;
mod meter;
mod output;
mod surface;
mod wasi_http;

pub(crate) use engine::{LoadSpec, Loaded, Sandbox};
pub(crate) use instance::{CallError, Instance};
pub use surface::ALLOWED_IMPORTS;
pub(crate) use wasi_http::HttpGate;

//! How the platform refuses, and how the network fails, in words for a person.

mod codes;
mod error;
mod network;

pub(crate) use codes::{Reaction, Row, lookup};
pub(crate) use error::Refusal;
pub(crate) use network::explain;

#[cfg(test)]
pub(crate) use error::tests;

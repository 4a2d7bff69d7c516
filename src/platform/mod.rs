//! Facts of the platform: how it refuses and how the network fails, in words for
//! a person, and what its faces are called.

mod codes;
mod error;
mod faces;
mod network;

pub(crate) use codes::{Reaction, Row, lookup};
pub(crate) use error::Refusal;
pub(crate) use faces::{face_name, face_number};
pub(crate) use network::explain;

#[cfg(test)]
pub(crate) use error::tests;

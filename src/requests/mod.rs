//! What every request to the platform has in common: where it goes and what it
//! carries, what its answer means, how often and until when it is tried.

pub(crate) mod answer;
pub(crate) mod attempts;
pub(crate) mod build;
pub(crate) mod until;

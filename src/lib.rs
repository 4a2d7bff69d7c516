//! The QQ bot protocol as a state machine without I/O.

pub mod contract;

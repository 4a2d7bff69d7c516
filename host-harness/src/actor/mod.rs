//! One task owns one channel: its instance, its inbox, its state and everything
//! it opened.
//!
//! The loop is: take what happened, give it to the instance as one event, check
//! the whole list of actions it answers with, commit the state it put, then let
//! the effects happen. Under load many events share a commit. A dead instance
//! is replaced; sockets, requests, timers and commands live here and stay.

mod batch;
mod call;
mod cancel;
mod cap;
mod commands;
mod deliveries;
mod effects;
mod inbox;
mod lifecycle;
mod pace;
mod parts;
mod requests;
mod resources;
mod revive;
mod run;
mod settle;
mod swap;
mod turns;
mod vet;

pub(crate) use commands::{Answer, CommandOut, overdue_failure, too_many};
pub use deliveries::Delivered;
pub(crate) use inbox::{Control, Lanes, Mail};
pub use parts::StatusReport;
pub(crate) use parts::{Actor, Kept, Outlets, Spec};
pub(crate) use requests::Wire;
pub(crate) use swap::Candidate;

//! One task owns one channel: its instance, what comes to it, its state and
//! everything it opened.
//!
//! What one event goes through:
//!
//! 1. `inbox` says which of the things that wait is next.
//! 2. `life` wraps it into an envelope and calls the instance. One that dies is
//!    buried by `channel`, which starts the next.
//! 3. `vet` checks the whole list of actions that comes back.
//! 4. `holdings` puts the state into a `batch` and the effects behind it. Under
//!    load many events share one.
//! 5. `commits` writes the batch down, while the next events are handled.
//! 6. `holdings` lets the effects happen: `open` for sockets and requests,
//!    `commands` for answers, `deliveries` for the agent, `reports` for operators.
//!    What cannot happen goes into the `queue`, as an event.
//!
//! ```text
//! run ─► inbox ─► lanes, turns, pace          which event is next
//!  └──► channel ─► life ─► birth, revive       the instance that runs
//!         ├──────► queue                       events the host makes itself
//!         └──────► holdings                    what outlives an instance
//!                   ├─► vet ─► cap             is the list in order?
//!                   ├─► commits ─► batch       state first, then effects
//!                   ├─► open ─► requests       sockets, requests, timers
//!                   └─► memory, commands, deliveries, reports
//! ```
//!
//! Each arrow points at a machine that owns its state; none points back. What a
//! machine has to say to the one above comes back as a value.
//!
//! Look first at `Actor::run` in `run`, then at `Channel::give` in `channel`.

mod batch;
mod birth;
mod cap;
mod channel;
mod clock;
mod commands;
mod commits;
mod deliveries;
mod event;
mod holdings;
mod ids;
mod inbox;
mod lanes;
mod life;
mod memory;
mod open;
mod pace;
mod parts;
mod queue;
mod reports;
mod requests;
mod revive;
mod run;
mod setup;
mod timers;
mod turns;
mod vet;

pub(crate) use commands::{Answer, CommandOut, overdue_failure, too_many};
pub use deliveries::Delivered;
pub(crate) use lanes::{Control, Inlets, Mail};
pub(crate) use parts::{Kept, Outlets, Spec};
pub use reports::StatusReport;
pub(crate) use requests::Wire;
pub(crate) use run::Actor;
pub(crate) use setup::Candidate;

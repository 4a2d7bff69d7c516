//! A strict QQ Bot platform on loopback, for tests of any client.
//!
//! [`Sim`] is token endpoint, gateway and message API on one port. It refuses what the
//! platform refuses, with the same codes, and writes down everything it sees. The users
//! on the other side are simulated too:
//!
//! ```
//! use qq_sim::{Bot, Fault, Sim, SimConfig};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let sim = Sim::start(SimConfig::with_bots([Bot::new("102012345", "secret")])).await?;
//! // Start a client against `sim.base_url()` here.
//! sim.user("E4F4AEA33253A2797FB897C50B81D7ED").says("hi");
//! sim.fault(Fault::CloseWith(4009));
//! // let reply = sim.next_reply(Duration::from_secs(5)).await?;
//! # Ok(())
//! # }
//! ```
//!
//! The same is a command, `qq-sim`, driven by HTTP under `/_sim/`; see the README.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        reason = "a panic in a test is a failed test"
    )
)]

mod cli;
mod clicking;
mod clock;
mod condition;
mod config;
mod deadlines;
mod draft;
mod enclosures;
mod factory;
mod fault;
mod gateway;
mod guild_events;
mod guild_people;
mod http;
mod hub;
mod ids;
pub mod intents;
mod journal;
mod life;
mod media;
mod platform;
mod queries;
mod record;
mod refusal;
mod rules;
mod sent;
mod server;
mod sim;
mod states;
mod tls;
mod users;
mod waits;
mod wire;

pub use cli::run;
pub use condition::Condition;
pub use config::{Bot, SimConfig, Standing};
pub use draft::Draft;
pub use fault::{
    Effect, Endpoint, Fault, FaultPlan, HeldForAudit, HttpAnswer, PlannedFault, RefusalShape,
    ResumeRefusal, ScriptedRefusal, Stall,
};
pub use guild_people::{Channel, ChannelMember, DmUser, GuildDm};
pub use ids::{Scene, openid};
pub use journal::{Entry, NotSeen};
pub use life::Guild;
pub use media::{MediaKind, SentMedia, UploadPhase, Way, sha256};
pub use platform::{PendingAudit, Stream};
pub use record::{Authorization, Record, Side};
pub use rules::{DownloadDefect, IntentRefusal, Rules};
pub use sent::{How, SentMessage};
pub use sim::Sim;
pub use tls::Tls;
pub use users::{Group, Member, User};

/// Runs the examples of the README as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

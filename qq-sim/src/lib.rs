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

mod cli;
mod control;
mod faults;
mod gateway;
mod journal;
mod people;
mod rest;
mod rules;
mod server;
mod sim;
mod world;

pub use cli::run;
pub use faults::{
    Effect, Endpoint, Fault, FaultPlan, HeldForAudit, HttpAnswer, PlannedFault, RefusalShape,
    ResumeRefusal, ScriptedRefusal, Stall,
};
pub use journal::media::{MediaKind, SentMedia, UploadPhase, Way, sha256};
pub use journal::record::{Authorization, Record, Side};
pub use journal::sent::{How, PendingAudit, SentMessage};
pub use journal::{Entry, NotSeen};
pub use people::draft::Draft;
pub use people::guilds::{Channel, ChannelMember, DmUser, GuildDm};
pub use people::life::Guild;
pub use people::users::{Group, Member, User};
pub use rules::condition::Condition;
pub use rules::config::{Bot, SimConfig, Standing, Tls};
pub use rules::intents;
pub use rules::scene::{Scene, openid};
pub use rules::{DownloadDefect, IntentRefusal, Rules};
pub use sim::Sim;
pub use world::streams::Stream;

/// Runs the examples of the README as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

//! The QQ bot protocol as a state machine without I/O.
//!
//! The host tells a [`Channel`] what happened, one [`Envelope`] at a time, and
//! does what the returned [`Action`]s say. There is no clock, no socket, no
//! randomness and no environment in here: time comes with each envelope,
//! entropy with the [`Context`]. So the same code runs in the sandbox and in a
//! native test, and a recorded trace gives the same actions in both.
//!
//! # Driving it
//!
//! 1. [`validate`] the configuration; stop on errors.
//! 2. [`Channel::start`] with everything stored, and everything an earlier
//!    instance left open.
//! 3. Commit the `put`s and `remove`s of the list, then do the rest in order.
//! 4. Wait for an event, give it to [`Channel::handle`], go to 3.
//!
//! ```
//! use qq_channel::{Channel, contract::{Action, Context}};
//!
//! let context = Context {
//!     instance: "doc".into(),
//!     config: r#"{"app_id":"102","app_secret":{"$secret":"app_secret"},"allowed_users":["*"]}"#.into(),
//!     wall_ms: 1_784_599_200_000,
//!     mono_ms: 0,
//!     entropy: vec![0; 32],
//!     secrets: vec!["app_secret".into()],
//!     state: vec![],
//!     adopted: vec![],
//! };
//! let (_channel, actions) = Channel::start(context)?;
//! // The first thing it needs is an access token.
//! assert!(actions.iter().any(|a| matches!(a, Action::SendHttp(r) if r.method == "POST")));
//! # Ok::<(), String>(())
//! ```
//!
//! # How it is built
//!
//! Data flows one way: frame → event → admission → message, and
//! reply → plan → request. `channel` routes; each machine (`gateway`, `token`,
//! `arrivals`, `replies`, `streams`, `uploads`, `courtesies`) has one owner type in
//! one file; every action leaves through `host`. `ARCHITECTURE.md` has a map.
//!
//! [`Envelope`]: contract::Envelope
//! [`Action`]: contract::Action
//! [`Context`]: contract::Context

mod access;
mod arrivals;
mod backoff;
mod channel;
mod chats;
#[cfg(target_family = "wasm")]
mod component;
mod compose;
mod config;
pub mod contract;
mod courtesies;
mod cx;
mod describe;
mod doctor;
mod gateway;
mod host;
mod hosts;
mod ids;
mod inbound;
mod ledger;
mod owners;
mod platform;
mod quiet;
mod quotes;
mod random;
mod replies;
mod requests;
mod router;
mod state;
mod streams;
mod target;
mod text;
mod timer;
mod token;
mod uploads;
mod utc;
mod wire;

pub use channel::{Channel, validate};
pub use describe::describe;
#[doc(hidden)]
pub use text::fuzz::fuzz;

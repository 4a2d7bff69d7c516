//! A small client written by hand: plain HTTP over TCP, and raw gateway frames.
#![allow(
    dead_code,
    unused_imports,
    unreachable_pub,
    reason = "each test program uses its part"
)]

mod client;
pub mod command;
mod http;
mod socket;

use std::time::Duration;

use qq_sim::{Sim, SimConfig};
use serde_json::{Value, json};

pub use client::Client;
pub use http::{Reply, fetch_token, http, http_bytes};
pub use socket::{Said, Socket};

/// Longer than anything takes, so that a hang is a failure and not a blockade.
pub const LONG: Duration = Duration::from_secs(20);
pub const APP: &str = "102012345";
pub const USER: &str = "E4F4AEA33253A2797FB897C50B81D7ED";
pub const GROUP: &str = "C9F778FE6ADF9D1D1DBE395BF744A33A";
pub const MEMBER: &str = "A1B2C3D4E5F6A1B2C3D4E5F6A1B2C3D4";
pub const C2C: u32 = 1 << 25;
pub const GUILD: &str = "18700000000001";
pub const CHANNEL: &str = "100010";
pub const DM: &str = "5512000000000001";
pub const GUILD_USER: &str = "1234567890123456789";
/// Guild messages in channels and conversations, and what is around them.
pub const GUILDS: u32 = 1 | 1 << 1 | 1 << 12 | 1 << 26 | 1 << 30;

/// A simulator as it comes, and a client of its first bot.
pub async fn start() -> (Sim, Client) {
    start_with(SimConfig::default()).await
}

/// The same of a simulator that was told something.
pub async fn start_with(config: SimConfig) -> (Sim, Client) {
    let sim = Sim::start(config).await.unwrap();
    let client = Client::new(&sim).await;
    (sim, client)
}

/// A simulator as it comes, and a session with this mask.
pub async fn start_for(intents: u32) -> (Sim, Client, Socket) {
    let (sim, client) = start().await;
    let (socket, _) = client.ready_for(intents).await;
    (sim, client, socket)
}

/// The same with a session that hears of guilds.
pub async fn start_in_guilds() -> (Sim, Client, Socket) {
    start_for(GUILDS).await
}

/// A passive reply to a private or a group message.
pub fn text(content: &str, msg_id: &str, msg_seq: u64) -> Value {
    json!({"msg_type": 0, "content": content, "msg_id": msg_id, "msg_seq": msg_seq})
}

/// A passive reply in a guild.
pub fn guild_reply(content: &str, msg_id: &str) -> Value {
    json!({"content": content, "msg_id": msg_id})
}

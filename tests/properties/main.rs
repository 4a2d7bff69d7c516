//! Whatever happens, in whatever order: no panic, one socket at most, sequence
//! numbers that never go back, every command completed at most once, every file
//! held until it is sent or given up and no longer, a heartbeat
//! always due in time, no Identify in a loop, and always something the channel
//! waits for. The `World` panics when the channel breaks the contract.

#![cfg(test)]
#![allow(unreachable_pub, reason = "nobody uses a test")]

mod any_order;
mod configuration;
mod connection;
mod crowd;
mod moods;
#[path = "../world/mod.rs"]
mod world;

/// Who may write, and what it is told of.
const CONFIG: &str = r#"{"app_id":"102","app_secret":{"$secret":"app_secret"},
    "allowed_users":["*"],"intents":["group_and_c2c"],
    "mention_only":true,"context_messages":3,"system_notes":true}"#;

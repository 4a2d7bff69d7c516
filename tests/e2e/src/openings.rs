//! What many tests begin with. A test may stop where it stands, so these do.

use qq_sim::{Bot, Sim, SimConfig};

use crate::{APP_ID, SECRET, SOON};

/// The platform with one bot, of which the channel has no part yet.
///
/// # Panics
/// When it does not start.
pub async fn sim() -> Sim {
    let config = SimConfig::with_bots([Bot::new(APP_ID, SECRET)]);
    let sim = Sim::start(config).await;
    sim.unwrap_or_else(|why| panic!("no platform: {why}"))
}

/// Says it in a private chat, and returns what the bot answers next.
///
/// # Panics
/// When no reply comes.
pub async fn answer(sim: &Sim, user: &str, text: &str) -> String {
    sim.user(user).says(text);
    let reply = sim.next_reply(SOON).await;
    let reply = reply.unwrap_or_else(|why| panic!("no reply to {text}: {why}"));
    reply.text.unwrap_or_default()
}

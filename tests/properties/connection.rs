//! What holds for every connection: it is not tried in a loop, and something is
//! always waited for.

use crate::world::World;

/// Timers of the channel by number.
const TOKEN: u64 = 1;
const GATEWAY: u64 = 2;
pub const HEARTBEAT: u64 = 3;
const HEARTBEAT_ACK: u64 = 4;
/// The longest interval a Hello of these tests asks for, or leaves to us.
pub const INTERVAL_MS: u64 = 41_250;
const HOUR_MS: u64 = 3_600_000;
/// A thousand a day are 41 an hour.
const MOST_IDENTIFIES_AN_HOUR: usize = 40;

/// No loop of Identifies: the platform allows a thousand a day.
pub fn check_budget(world: &World) {
    let sent = &world.identifies;
    for (index, last) in sent.iter().enumerate() {
        let hour = sent[..=index]
            .iter()
            .filter(|then| **then + HOUR_MS > *last);
        assert!(hour.count() <= MOST_IDENTIFIES_AN_HOUR, "a loop: {sent:?}");
    }
}

/// The channel waits for something that will come, whatever the platform does.
pub fn check_progress(world: &World) {
    let due = |timer| world.timer_in(timer).is_some();
    if world.sockets.is_empty() {
        let asked = |end| world.request(end).is_some();
        assert!(
            due(GATEWAY)
                || due(TOKEN)
                || asked("AppAccessToken")
                || asked("/gateway")
                || asked("/gateway/bot"),
            "stuck"
        );
    } else {
        assert!(
            due(GATEWAY) || (due(HEARTBEAT) && due(HEARTBEAT_ACK)),
            "a socket without a deadline"
        );
    }
}

/// Answers requests, opens sockets, says Hello.
pub fn serve(world: &mut World) {
    let open: Vec<u64> = world.requests.keys().copied().collect();
    for id in open {
        world.answer(id, 200, r#"{"expires_in":"7200","url":"wss://g/"}"#);
    }
    if world.awaits_hello() {
        world.greet();
    }
}

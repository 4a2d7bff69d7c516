//! Whatever the agent, the network, the platform and the host do to messages
//! that grow: no index is used twice, what is shown is never changed, a stream
//! the channel knows of is finished exactly once, and no message gets more
//! replies than it allows. The platform here only checks and remembers.

#![cfg(test)]
#![allow(unreachable_pub, reason = "nobody uses a test")]

mod platform;
mod player;
mod steps;
#[path = "../world/mod.rs"]
mod world;

use platform::TRIES;
use player::Player;
use proptest::prelude::*;
use steps::{Step, step};
use world::cases;

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn what_grows_keeps_its_word(steps in prop::collection::vec(step(), 0..80)) {
        let mut player = Player::new();
        player.play(Step::Message);
        for step in steps {
            player.play(step);
        }
        player.come_to_rest();
        for stream in player.platform.streams.values() {
            prop_assert!(stream.ends <= 1, "{:?}", stream);
            let is_hopeless = !stream.is_known || stream.failed_ends >= TRIES;
            prop_assert!(is_hopeless || stream.ends == 1, "{:?}", stream);
        }
        prop_assert!(player.world.commands.is_empty(), "{:?}", player.world.commands);
        let left = player.world.state.keys().filter(|key| key.starts_with("draft/"));
        prop_assert_eq!(left.count(), 0);
    }
}

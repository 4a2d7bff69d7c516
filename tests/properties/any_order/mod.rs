//! Whatever happens, in whatever order, right or wrong.

mod frames;
mod player;
mod steps;

use proptest::prelude::*;

use crate::world::cases;
use player::Player;
use steps::story;

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn whatever_happens_the_contract_holds(story in story()) {
        let mut player = Player::new();
        for step in story {
            player.play(step);
        }
        // Time is up for whatever waits: every command has its answer.
        player.world.wait(120_000);
        let open = &player.world.commands - &player.doctors;
        // The host answers for a channel that has stopped.
        prop_assert!(open.is_empty() || player.world.stopped, "open: {:?}", open);
        let state: String = player.world.state.iter()
            .filter(|(key, _)| key.starts_with("send/") || key.starts_with("kept/"))
            .map(|(_, value)| String::from_utf8_lossy(value).into_owned())
            .collect();
        // What was promised for later is stored until it is settled.
        for command in &player.world.deferred {
            let owner = format!(r#"{{"command":{command},"#);
            prop_assert!(state.contains(&owner), "{} was promised and forgotten", command);
        }
        // So is every file the host still holds for a message.
        for blob in &player.world.held {
            prop_assert!(state.contains(&format!(r#"{{"Blob":{blob}}}"#)), "blob {} is held for nothing", blob);
        }
    }

}

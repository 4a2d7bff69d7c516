//! A short chaos run; `cargo xtask chaos` makes long ones.

use e2e::chaos::{Plan, run};
use e2e::watch::Crossings;

#[tokio::test(flavor = "multi_thread")]
async fn every_message_once_and_every_reply_once_whatever_happens() {
    let plan = Plan {
        seed: 2026,
        messages: 150,
        kill_every: 60,
        reload_every: 35,
        weather_every: 23,
    };
    let outcome = run(plan, &Crossings::default()).await.unwrap();
    assert!(
        outcome.wrong.is_empty(),
        "seed {}: {:#?}",
        plan.seed,
        outcome.wrong
    );
    assert!(
        outcome.faults >= 20
            && outcome.kills == 2
            && outcome.reloads >= 4
            && outcome.weather.len() == 6,
        "{outcome:?}"
    );
}

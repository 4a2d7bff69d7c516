//! A channel that cannot start stops no other, and starts when it can.

use e2e::{APP_ID, plugins, qq_table, sim, test_plugins};

use crate::place::Place;
use crate::running::{Running, is_served};

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_cannot_start_stops_no_other_and_is_tried_again() {
    let (place, sim) = (Place::new(), sim().await);
    let (qq, echo) = (
        qq_table(&sim, ""),
        "\n[channels_config.echo]\ninterval_ms = 20\n",
    );
    let wrong = qq.replace(&format!("\"{APP_ID}\""), "7");
    assert_ne!(wrong, qq);
    let mut command = place.serve(&format!("{wrong}{echo}"), &plugins());
    let mut running = Running::start(&mut command);
    running.logs("the others run").await;
    running.logs("tick").await;
    place.configure(&format!("{qq}{echo}"));
    is_served(&sim).await;
    running.signal("TERM");
    assert_eq!(running.code().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_whose_state_is_in_use_starts_when_it_is_free() {
    let place = Place::new();
    let echo = "[channels_config.echo]\ninterval_ms = 20\n";
    let mut first = Running::start(&mut place.serve(echo, &plugins()));
    first.logs("tick").await;
    // Echo and hostile from one folder.
    for plugin in [plugins().join("echo"), test_plugins().join("hostile")] {
        place.copy_of(&plugin);
    }
    let config = format!("{echo}[channels_config.hostile]\n");
    let mut second = Running::start(&mut place.serve(&config, &place.path("plugins")));
    second.logs("runs in another process").await;
    first.signal("TERM");
    assert_eq!(first.code().await, Some(0));
    second.logs("tick").await;
    second.signal("TERM");
    assert_eq!(second.code().await, Some(0));
}

//! Channels side by side: one dies, spins or hoards; the other never notices.

use std::time::Duration;

use e2e::{APP_ID, Rig, RigOptions, SECRET, SOON, plugins, test_plugins};
use prx_channel_host::contract::OutboundMessage;
use prx_channel_host::{ChannelHandle, ConfigFile};
use qq_sim::{Bot, Record, SimConfig};

async fn neighbour(rig: &Rig, folder: std::path::PathBuf, config: &str) -> ChannelHandle {
    let plugin = rig.host.plugin(&folder).await.unwrap();
    rig.host
        .start(plugin, &ConfigFile::parse(config).unwrap())
        .await
        .unwrap()
}

async fn rig() -> Rig {
    let sim =
        SimConfig::with_bots([Bot::new(APP_ID, SECRET)]).heartbeat(Duration::from_millis(400));
    Rig::start_with(RigOptions {
        sim,
        ..RigOptions::default()
    })
    .await
    .unwrap()
}

/// The platform closes a connection that misses two heartbeats; it must not
/// have closed any, and beats must have kept coming.
async fn never_missed_a_beat(rig: &Rig, since: u64) {
    let beats = |rig: &Rig| {
        let journal = rig.sim.journal();
        let since = journal.iter().filter(|entry| entry.n > since);
        since
            .filter(|entry| matches!(entry.record, Record::FrameIn { op: Some(1), .. }))
            .count()
    };
    let enough =
        |entry: &qq_sim::Entry| matches!(entry.record, Record::FrameIn { op: Some(1), .. });
    while beats(rig) < 5 {
        rig.sim
            .wait_after(rig.sim.mark(), enough, SOON)
            .await
            .unwrap();
    }
    let closed = rig
        .sim
        .journal()
        .iter()
        .any(|entry| matches!(entry.record, Record::SocketClosed { .. }));
    assert!(!closed, "the connection was lost");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trapping_neighbour_costs_no_heartbeat() {
    let rig = rig().await;
    let mark = rig.sim.mark();
    let echo = neighbour(
        &rig,
        plugins().join("echo"),
        "[channels_config.echo]\ninterval_ms = 20\n",
    )
    .await;
    // The command is redelivered and traps again: two deaths, then set aside.
    let outcome = echo
        .commands()
        .send(OutboundMessage::text("echo:log", "trap"))
        .await;
    assert!(outcome.unwrap_err().message.contains("died twice"));
    assert_eq!(echo.counters().get("instance_deaths"), 2);
    echo.commands()
        .send(OutboundMessage::text("echo:log", "fine again"))
        .await
        .unwrap();
    never_missed_a_beat(&rig, mark).await;
    rig.sim.user("USER1").says("hello");
    assert_eq!(
        rig.sim.next_reply(SOON).await.unwrap().text.as_deref(),
        Some("hello")
    );
    assert_eq!(rig.channel().unwrap().counters().get("instance_deaths"), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn spinning_neighbours_cost_no_heartbeat() {
    let rig = rig().await;
    let mark = rig.sim.mark();
    let config = "[channels_config.hostile]\nbase = \"http://127.0.0.1:1\"\n";
    let hostile = neighbour(&rig, test_plugins().join("hostile"), config).await;
    let commands = hostile.commands();
    let spinning = tokio::spawn(async move {
        for _ in 0..3 {
            let receipt = commands
                .send(OutboundMessage::text("x", "spin"))
                .await
                .unwrap();
            assert_eq!(receipt.message_ids, ["redelivered"]);
        }
    });
    never_missed_a_beat(&rig, mark).await;
    spinning.await.unwrap();
    assert_eq!(hostile.counters().get("instance_deaths"), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_neighbour_in_a_circle_costs_no_heartbeat() {
    let rig = rig().await;
    let mark = rig.sim.mark();
    let config = "[channels_config.hostile]\nstart = \"circle\"\n";
    let hostile = neighbour(&rig, test_plugins().join("hostile"), config).await;
    let commands = hostile.commands();
    for busy in ["circles", "endless https://example.com/"] {
        let busy = OutboundMessage::text("x", busy);
        commands.send(busy).await.unwrap();
    }
    never_missed_a_beat(&rig, mark).await;
    assert!(hostile.drain(SOON).await);
}

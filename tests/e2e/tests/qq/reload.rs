//! A new component takes over while the channel runs, and the platform cannot
//! tell; a bad one changes nothing.

use std::path::Path;
use std::time::Duration;

use e2e::{APP_ID, Rig, RigOptions, SECRET, SOON, plugins, qq_config, test_plugins};
use prx_channel_host::contract::OutboundMessage;
use prx_channel_host::{ChannelHandle, ChannelHost, ConfigFile, Crossing, HostOptions};
use qq_sim::{Bot, Entry, Record, SimConfig};
use tempfile::TempDir;

/// The QQ plugin under another version.
fn next_version() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let from = plugins().join("qq");
    std::fs::copy(from.join("plugin.wasm"), folder.path().join("plugin.wasm")).unwrap();
    let manifest = std::fs::read_to_string(from.join("plugin.toml")).unwrap();
    let next = manifest.replacen("version = \"0.1.0\"", "version = \"0.2.0\"", 1);
    assert_ne!(manifest, next);
    std::fs::write(folder.path().join("plugin.toml"), next).unwrap();
    folder
}

async fn rig() -> Rig {
    let sim =
        SimConfig::with_bots([Bot::new(APP_ID, SECRET)]).heartbeat(Duration::from_millis(500));
    Rig::start_with(RigOptions {
        sim,
        ..RigOptions::default()
    })
    .await
    .unwrap()
}

async fn reload(rig: &Rig, folder: &Path) -> Result<Duration, String> {
    let config = qq_config(&rig.sim, "").unwrap();
    let reloaded = rig
        .host
        .reload(&rig.commands().unwrap(), folder, &config)
        .await;
    reloaded.map_err(|error| format!("{error:#}"))
}

fn connections(rig: &Rig) -> (usize, usize, usize) {
    let sockets = rig.count(|record| matches!(record, Record::SocketOpened));
    (sockets, rig.identifies(), rig.resumes())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_session_never_notices_a_new_component() {
    let rig = rig().await;
    let next = next_version();
    rig.echoes("USER1", "before").await;
    for round in 0..5 {
        // Said while the component is being replaced.
        rig.sim.user("USER1").says(&format!("during {round}"));
        reload(&rig, next.path()).await.unwrap();
        let reply = rig.sim.next_reply(SOON).await.unwrap();
        assert_eq!(reply.text, Some(format!("during {round}")));
    }
    let beat = |entry: &Entry| matches!(entry.record, Record::FrameIn { op: Some(1), .. });
    rig.sim
        .wait_after(rig.sim.mark(), beat, SOON)
        .await
        .unwrap();
    rig.echoes("USER1", "after").await;
    assert_eq!(connections(&rig), (1, 1, 0));
    assert_eq!(rig.channel().unwrap().counters().get("instance_deaths"), 0);
    let starts = rig
        .crossings
        .all()
        .iter()
        .filter(|(_, c)| matches!(c, Crossing::Start { .. }))
        .count();
    assert_eq!(starts, 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_candidate_that_does_not_load_leaves_the_old_one_running() {
    let rig = rig().await;
    let broken = next_version();
    std::fs::write(broken.path().join("plugin.wasm"), b"half a component").unwrap();
    let why = reload(&rig, broken.path()).await.unwrap_err();
    assert!(why.contains("not a component"), "{why}");
    let why = reload(&rig, &test_plugins().join("stranger"))
        .await
        .unwrap_err();
    assert!(why.contains("does not export"), "{why}");
    rig.echoes("USER1", "still here").await;
    assert_eq!(connections(&rig), (1, 1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_candidate_whose_configuration_is_wrong_leaves_the_old_one_running() {
    let rig = rig().await;
    let config = qq_config(&rig.sim, "stream_mode = \"fast\"").unwrap();
    let next = next_version();
    let refused = rig
        .host
        .reload(&rig.commands().unwrap(), next.path(), &config)
        .await;
    assert!(refused.unwrap_err().to_string().contains("stream_mode"));
    rig.echoes("USER1", "still here").await;
}

async fn hostile(config: &str) -> (ChannelHost, ChannelHandle) {
    let host = ChannelHost::new(HostOptions {
        allow_loopback: true,
        ..HostOptions::default()
    })
    .unwrap();
    let plugin = host.plugin(&test_plugins().join("hostile")).await.unwrap();
    let channel = host.start(plugin, &table(config)).await.unwrap();
    (host, channel)
}

fn table(config: &str) -> ConfigFile {
    ConfigFile::parse(&format!("[channels_config.hostile]\n{config}\n")).unwrap()
}

async fn say(channel: &ChannelHandle, text: &str) -> Vec<String> {
    channel
        .commands()
        .send(OutboundMessage::text("x", text))
        .await
        .unwrap()
        .message_ids
}

#[tokio::test(flavor = "multi_thread")]
async fn a_candidate_that_does_not_start_leaves_the_old_one_running() {
    let (host, channel) = hostile("").await;
    for start in ["trap", "refuse"] {
        let folder = test_plugins().join("hostile");
        let config = table(&format!("start = \"{start}\""));
        let refused = host.reload(&channel.commands(), &folder, &config).await;
        assert!(
            refused.unwrap_err().to_string().contains("asked to"),
            "{start}"
        );
        assert_eq!(say(&channel, "hello").await, ["ok"]);
    }
    assert_eq!(channel.counters().get("instance_deaths"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_candidate_that_keeps_trapping_is_rolled_back_and_nothing_is_lost() {
    let (host, channel) = hostile("").await;
    let folder = test_plugins().join("hostile");
    host.reload(&channel.commands(), &folder, &table("fragile = true"))
        .await
        .unwrap();
    // Two deaths over this very command, then the old one answers it.
    assert_eq!(say(&channel, "hello").await, ["ok"]);
    assert_eq!(channel.counters().get("instance_deaths"), 2);
    assert_eq!(channel.counters().get("rollbacks"), 1);
    assert_eq!(channel.counters().get("events_set_aside"), 0);
    assert_eq!(say(&channel, "again").await, ["ok"]);
    assert_eq!(channel.counters().get("instance_deaths"), 2);
}

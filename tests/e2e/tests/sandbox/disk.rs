//! A disk that is full pauses a channel; it goes on when there is room again.

use std::time::Duration;

use e2e::{SOON, TestDisk, hostile, say, watch};
use prx_channel_host::contract::{ChannelState, FailureKind, OutboundMessage};
use prx_channel_host::{ChannelHandle, HostOptions};

struct Full {
    disk: TestDisk,
    channel: ChannelHandle,
    _state: tempfile::TempDir,
}

/// A channel whose disk has just become full, and which has noticed.
async fn full() -> Full {
    let state = tempfile::tempdir().unwrap();
    let disk = TestDisk::default();
    let options = HostOptions {
        state_dir: Some(state.path().to_owned()),
        disk_faults: Some(disk.faults()),
        ..HostOptions::default()
    };
    let channel = hostile(options, "").await.unwrap();
    watch::status(channel.status(), SOON, |report| {
        report.state == ChannelState::Ready
    })
    .await
    .unwrap();
    disk.set_full(true);
    let full = Full {
        disk,
        channel,
        _state: state,
    };
    assert_eq!(full.remember("a").await, Err(FailureKind::TimedOut));
    let status = full.channel.status().borrow().clone();
    assert_eq!(status.state, ChannelState::Degraded);
    assert!(status.detail.starts_with("paused: "), "{}", status.detail);
    full
}

impl Full {
    /// A command that changes state, and is answered within half a second or
    /// not at all.
    async fn remember(&self, key: &str) -> Result<(), FailureKind> {
        let message = OutboundMessage::text("x", format!("remember {key}"));
        let within = Duration::from_millis(500);
        let sent = self.channel.commands().send_within(message, within).await;
        sent.map(drop).map_err(|failure| failure.kind)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_pauses_the_channel_until_there_is_room() {
    let full = full().await;
    full.disk.set_full(false);
    watch::status(full.channel.status(), SOON, |report| {
        report.state == ChannelState::Ready
    })
    .await
    .unwrap();
    say(&full.channel, "remember c").await.unwrap();
    assert_eq!(full.channel.counters().get("instance_deaths"), 0);
    // What the disk refused was written later.
    full.channel.commands().kill_instance().await;
    watch::status(full.channel.status(), SOON, |report| {
        report.detail.ends_with("state 2")
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_can_be_stopped_while_its_disk_is_full() {
    let full = full().await;
    tokio::time::timeout(SOON, full.channel.drain(Duration::from_millis(200)))
        .await
        .expect("it ends at its deadline");
}

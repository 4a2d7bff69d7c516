//! How a channel ends.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

#[path = "hello/plugin.rs"]
mod hello;

use std::time::Duration;

use prx_channel_host::{ChannelHost, ConfigFile, HostOptions};

#[tokio::test]
async fn a_channel_that_gives_up_while_it_is_told_to_stop_stops_at_once() {
    // `start` refuses, with the words at 27.
    let refuses = hello::TEXT.replace(
        r"\00\00\00\00\40\01\00\00\01\00\00\00",
        r"\01\00\00\00\1b\00\00\00\05\00\00\00",
    );
    assert_ne!(refuses, hello::TEXT);
    let folder = hello::plugin(&refuses).unwrap();
    let host = ChannelHost::new(HostOptions::default()).unwrap();
    let plugin = host.plugin(folder.path()).await.unwrap();
    let config = ConfigFile::parse("[channels_config.hello]").unwrap();
    let channel = host.start(plugin, &config).await.unwrap();
    let status = channel.status();
    // It has not run yet: it is told before it gives up, and there is nobody to
    // tell when it has.
    let drained = channel.drain(Duration::from_secs(3600));
    let drained = tokio::time::timeout(Duration::from_secs(20), drained).await;
    assert!(drained.unwrap());
    assert!(status.borrow().fatal);
}

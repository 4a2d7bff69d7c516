//! The plugin that misbehaves on command, started.

use e2e::hostile;
use prx_channel_host::{ChannelHandle, HostOptions, TraceSink};

pub(crate) async fn start(more: &str) -> ChannelHandle {
    start_shown(more, None).await
}

pub(crate) async fn start_shown(more: &str, trace: Option<TraceSink>) -> ChannelHandle {
    let options = HostOptions {
        trace,
        ..HostOptions::default()
    };
    hostile(options, more).await.unwrap()
}

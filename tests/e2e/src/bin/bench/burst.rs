//! From the gateway's frame to the delivered message, state committed on disk,
//! over a real socket.

use std::sync::Arc;
use std::time::Instant;

use e2e::watch::Crossings;
use e2e::{APP_ID, SECRET, SOON, plugins, watch};
use prx_channel_host::contract::ChannelState;
use prx_channel_host::{ChannelHandle, ChannelHost, ConfigFile, HostOptions};
use tokio::sync::Notify;

use crate::native;
use crate::platform::{frames, serve};
use crate::{Figure, Measured};

/// Handled before the clock starts: caches and buffers are warm then.
const WARM_UP: usize = 2_000;

pub(crate) async fn burst(count: usize) -> Measured {
    let frames = Arc::new(frames(count + WARM_UP));
    let set_up = set_up(&frames).await?;
    let sandboxed = sandboxed(&frames, count).await?;
    let native = native::per_frame(&set_up, &frames, WARM_UP)?;
    Ok(vec![
        Figure::new(
            "gateway frame → delivered message, committed, per frame",
            sandboxed,
            "µs",
            10.0,
        ),
        Figure::new(
            "the same core run natively, no host, no disk, per frame",
            native,
            "µs",
            None,
        ),
        Figure::new("ratio of the two", sandboxed / native, "×", None),
    ])
}

/// What the channel was told until it was READY, for the native run.
async fn set_up(
    frames: &Arc<Vec<String>>,
) -> Result<Crossings, Box<dyn std::error::Error + Send + Sync>> {
    let crossings = Crossings::default();
    let state = tempfile::tempdir()?;
    let options = HostOptions {
        state_dir: Some(state.path().to_owned()),
        allow_loopback: true,
        trace: Some(crossings.sink()),
        ..HostOptions::default()
    };
    let channel = connect(options, frames, &Arc::default()).await?;
    drop(channel);
    Ok(crossings)
}

async fn sandboxed(
    frames: &Arc<Vec<String>>,
    count: usize,
) -> Result<f64, Box<dyn std::error::Error + Send + Sync>> {
    let go = Arc::new(Notify::new());
    let state = tempfile::tempdir()?;
    let options = HostOptions {
        state_dir: Some(state.path().to_owned()),
        allow_loopback: true,
        trace: None,
        ..HostOptions::default()
    };
    let mut channel = connect(options, frames, &go).await?;
    let mut messages = channel.take_messages().ok_or("no messages")?;
    let commands = channel.commands();
    go.notify_one();
    for _ in 0..WARM_UP {
        let delivered = messages.recv().await.ok_or("the channel is gone")?;
        commands.answered(delivered.number);
    }
    let began = Instant::now();
    for _ in 0..count {
        let delivered = messages.recv().await.ok_or("the channel is gone")?;
        commands.answered(delivered.number);
    }
    Ok(began.elapsed().as_secs_f64() * 1e6 / count as f64)
}

async fn connect(
    options: HostOptions,
    frames: &Arc<Vec<String>>,
    go: &Arc<Notify>,
) -> Result<ChannelHandle, Box<dyn std::error::Error + Send + Sync>> {
    let address = serve(Arc::clone(frames), Arc::clone(go)).await?;
    let config = ConfigFile::parse(&format!(
        "[channels_config.qq]\napp_id = \"{APP_ID}\"\napp_secret = \"{SECRET}\"\nallowed_users = [\"*\"]\n\
         intents = [\"group_and_c2c\"]\napi_base = \"http://{address}\"\nauth_base = \"http://{address}\"\n"
    ))?;
    let host = ChannelHost::new(options)?;
    let channel = host
        .start(host.plugin(&plugins().join("qq")).await?, &config)
        .await?;
    watch::status(channel.status(), SOON, |report| {
        report.state == ChannelState::Ready
    })
    .await
    .map_err(|report| format!("not ready: {report:?}"))?;
    Ok(channel)
}

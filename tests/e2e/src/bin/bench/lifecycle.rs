//! Loading, instantiating, dying, and what an idle channel costs.

use std::time::{Duration, Instant};

use e2e::watch::Crossings;
use e2e::{APP_ID, SECRET, SOON, plugins, test_plugins};
use prx_channel_host::contract::OutboundMessage;
use prx_channel_host::{ChannelHost, ConfigFile, Crossing, HostOptions};

use crate::{Figure, Measured};

pub(crate) fn sizes() -> Measured {
    let bytes = std::fs::metadata(plugins().join("qq/plugin.wasm"))?.len();
    let kib = bytes as f64 / 1024.0;
    Ok(vec![Figure::new("component", kib, "KiB", None)])
}

pub(crate) async fn load() -> Measured {
    let state = tempfile::tempdir()?;
    let host = ChannelHost::new(HostOptions {
        state_dir: Some(state.path().to_owned()),
        ..HostOptions::default()
    })?;
    let folder = plugins().join("qq");
    let began = Instant::now();
    let plugin = host.plugin(&folder).await?;
    let compiled = began.elapsed();
    let mut cached = Vec::new();
    for _ in 0..20 {
        let began = Instant::now();
        host.plugin(&folder).await?;
        cached.push(began.elapsed());
    }
    let mut times = Vec::new();
    for _ in 0..200 {
        let began = Instant::now();
        host.describe(&plugin).await?;
        times.push(began.elapsed());
    }
    Ok(vec![
        Figure::new("compile, once", millis(compiled), "ms", None),
        Figure::new(
            "load from the code cache",
            millis(middle(cached)),
            "ms",
            5.0,
        ),
        Figure::new("instantiate and one call", millis(middle(times)), "ms", 0.2),
    ])
}

/// From the trap to the same event handled by a fresh instance.
pub(crate) async fn trap() -> Measured {
    let crossings = Crossings::default();
    let state = tempfile::tempdir()?;
    let options = HostOptions {
        state_dir: Some(state.path().to_owned()),
        allow_loopback: true,
        trace: Some(crossings.sink()),
        ..HostOptions::default()
    };
    let host = ChannelHost::new(options)?;
    let config = ConfigFile::parse("[channels_config.hostile]\n")?;
    let mut times = Vec::new();
    for number in 0..20 {
        let plugin = host.plugin(&test_plugins().join("hostile")).await?;
        let channel = host
            .start_as(plugin, &config, &format!("hostile-{number}"))
            .await?;
        let seen = crossings.all().len();
        channel
            .commands()
            .send(OutboundMessage::text("x", "trap"))
            .await
            .map_err(|failure| failure.message)?;
        let all = crossings.all();
        let after = all.get(seen..).unwrap_or_default();
        let died = after
            .iter()
            .find(|(_, crossing)| matches!(crossing, Crossing::Death { .. }));
        let served = after.iter().find(|(_, crossing)| matches!(crossing, Crossing::Event { envelope, .. } if envelope.redelivered));
        let (Some((died, _)), Some((served, _))) = (died, served) else {
            return Err("the trap was not seen".into());
        };
        times.push(served.duration_since(*died));
    }
    Ok(vec![Figure::new(
        "trap → the same event served by a fresh instance",
        millis(middle(times)),
        "ms",
        5.0,
    )])
}

/// Resident memory of one more channel that has nothing to do.
pub(crate) async fn memory() -> Measured {
    const CHANNELS: usize = 40;
    let state = tempfile::tempdir()?;
    let host = ChannelHost::new(HostOptions {
        state_dir: Some(state.path().to_owned()),
        allow_loopback: true,
        trace: None,
        ..HostOptions::default()
    })?;
    // Nobody listens there: the channel waits, connected to nothing.
    let config = ConfigFile::parse(&format!(
        "[channels_config.qq]\napp_id = \"{APP_ID}\"\napp_secret = \"{SECRET}\"\nallowed_users = [\"*\"]\n\
         intents = [\"group_and_c2c\"]\napi_base = \"http://127.0.0.1:9\"\nauth_base = \"http://127.0.0.1:9\"\n"
    ))?;
    let plugin = host.plugin(&plugins().join("qq")).await?;
    let mut channels = vec![host.start_as(plugin.clone(), &config, "first").await?];
    channels.push(host.start_as(plugin.clone(), &config, "second").await?);
    let before = resident()?;
    for number in 0..CHANNELS {
        let channel = host
            .start_as(plugin.clone(), &config, &format!("qq-{number}"))
            .await?;
        let mut status = channel.status();
        // Started and told that nobody answers.
        let _waited = tokio::time::timeout(SOON, status.changed()).await;
        channels.push(channel);
    }
    let each = (resident()?.saturating_sub(before)) as f64 / CHANNELS as f64 / 1024.0;
    drop(channels);
    Ok(vec![Figure::new(
        "memory of one more idle channel",
        each / 1024.0,
        "MiB",
        1.0,
    )])
}

/// Resident bytes of this process.
fn resident() -> Result<u64, Box<dyn std::error::Error + Send + Sync>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .ok_or("no VmRSS")?;
    let kib: u64 = line.split_whitespace().next().ok_or("no number")?.parse()?;
    Ok(kib * 1024)
}

fn middle(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

//! The plugin that misbehaves on command.

use prx_channel_host::contract::{Failure, OutboundMessage, Receipt};
use prx_channel_host::{ChannelHandle, ChannelHost, ConfigFile, HostOptions};

use crate::rig::SetUp;
use crate::test_plugins;

/// Starts it on a host of its own that reaches this machine, with more lines for
/// its table.
///
/// # Errors
/// Whatever would not start.
pub async fn hostile(options: HostOptions, more: &str) -> SetUp<ChannelHandle> {
    let host = ChannelHost::new(HostOptions {
        allow_loopback: true,
        ..options
    })?;
    let plugin = host.plugin(&test_plugins().join("hostile")).await?;
    let config = ConfigFile::parse(&format!("[channels_config.hostile]\n{more}\n"))?;
    Ok(host.start(plugin, &config).await?)
}

/// Says what it is to do.
///
/// # Errors
/// What it, or the host for it, answered.
pub async fn say(channel: &ChannelHandle, text: &str) -> Result<Receipt, Failure> {
    let message = OutboundMessage::text("x", text);
    channel.commands().send(message).await
}

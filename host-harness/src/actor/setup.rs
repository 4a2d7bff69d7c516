//! What an instance runs with: the plugin, its settings, and what these allow.

use std::sync::Arc;

use tokio::sync::oneshot;
use tokio::time::Duration;

use crate::config::ChannelConfig;
use crate::plugin::Plugin;
use crate::policy::NetworkPolicy;
use crate::secrets::Vault;

/// A plugin that is to take over: compiled, and its configuration validated by
/// itself.
pub(crate) struct Candidate {
    pub(crate) plugin: Plugin,
    pub(crate) config: ChannelConfig,
    /// Told how long the channel paused, or why nothing changed.
    pub(crate) done: oneshot::Sender<Result<Duration, String>>,
}

/// What belongs together when it is put in place or taken back.
pub(super) struct Setup {
    pub(super) plugin: Plugin,
    /// The settings, as the component reads them.
    pub(super) config: String,
    pub(super) policy: Arc<NetworkPolicy>,
    pub(super) vault: Arc<Vault>,
}

impl Setup {
    /// The set-up of a plugin with these settings. Secrets that the channel won
    /// itself go over from `vault`.
    pub(super) fn new(
        plugin: Plugin,
        config: ChannelConfig,
        vault: &Vault,
        allow_loopback: bool,
    ) -> Self {
        let manifest = plugin.manifest();
        let policy = NetworkPolicy::of(manifest, &config.bases, allow_loopback);
        let vault = vault.renewed(&manifest.secrets, &config.bases, config.secrets);
        Self {
            policy: Arc::new(policy),
            vault: Arc::new(vault),
            config: config.json,
            plugin,
        }
    }
}
